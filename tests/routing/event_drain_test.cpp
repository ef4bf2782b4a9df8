// SPDX-License-Identifier: MIT
// Event streams end first, and end well, when the service stops.
#include <tests/app/http_call.hpp>
#include <tests/routing/coding_fixture.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;

class EventDrainTest : public testing::Test {
 protected:
  EventDrainTest() {
    Settings& settings = app.settings();
    settings.port = 0;
    settings.loops = 1;
    settings.has_admin = false;
    settings.log_level = "off";
    settings.drain_idle = 0ms;
    settings.limits.linger_timeout = 50ms;  // the clients here do not close first
    app.get("/events").handle([this](EventStream events, Context& context) -> Task<void> {
      co_await events.send(Event("first"));
      ++begun;
      try {
        co_await context.sleep(1h);
      } catch (...) {
        ++stopped;
        throw;
      }
    });
  }
  void wait_for(const std::atomic<int>& count, int wanted) {
    while (count < wanted) std::this_thread::yield();
  }

  App app{"test"};
  std::atomic<int> begun{0};
  std::atomic<int> stopped{0};
};

TEST_F(EventDrainTest, AReaderIsToldToComeBackAndSeesTheEnd) {
  app.start();
  HttpCall call(app.port());
  call.send(get_request("/events"));
  wait_for(begun, 1);
  EXPECT_TRUE(app.stop());
  EXPECT_THAT(call.read_to_end(), EndsWith("data: first\n\n\r\nd\r\nretry: 1000\n\n\r\n0\r\n\r\n"));
}

TEST_F(EventDrainTest, SoDoesOneWhoseEventIsBeingCodedBesideTheLoop) {
  Gate gate;
  CodingProbe probe;
  const std::string large(100'000, 'x');
  probe.during = [&gate](std::string_view in) {
    if (in.size() > 50'000) gate.pass();
  };
  Group coded = app.group("/coded");
  coded.use(Bracketing(probe));
  coded.get("").handle([&large](EventStream events) -> Task<void> {
    while (true) co_await events.send(Event(large));
  });
  app.start();
  HttpCall call(app.port());
  call.send(get_request("/coded"));
  while (gate.arrived() == 0) std::this_thread::yield();
  HttpCall other(app.port());  // by which it is seen that the loop has begun to drain
  other.send(get_request("/events"));
  wait_for(begun, 1);
  std::atomic<bool> has_ended_well{false};
  std::thread stopping([&] { has_ended_well = app.stop(); });
  wait_for(stopped, 1);
  gate.open();
  EXPECT_THAT(call.read_to_end(), EndsWith("<data: " + large + "\n\n>|\r\n1\r\n!\r\n0\r\n\r\n"));
  EXPECT_THAT(other.read_to_end(), HasSubstr("retry: 1000"));
  stopping.join();
  EXPECT_TRUE(has_ended_well);
  EXPECT_EQ(probe.alive, 0);
}

}  // namespace
}  // namespace weir
