// SPDX-License-Identifier: MIT
// An app stops while handlers are away: it waits for them, tells their clients to close, and cuts what is overdue.
#include <tests/end_to_end/client.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

class LanesDrainTest : public testing::TestWithParam<const char*> {
 protected:
  LanesDrainTest() {
    Settings& settings = app.settings();
    settings.port = 0;
    settings.has_admin = false;
    settings.log_level = "off";
    settings.drain_idle = 0ms;
    settings.loops = 2;
    app.get("/pool").on(cpu).handle([this](Context& context) {
      begun.release();
      const auto limit = SteadyClock::now() + duration.load();
      while (SteadyClock::now() < limit && !context.is_stop_requested()) std::this_thread::sleep_for(1ms);
      if (context.is_stop_requested()) ++stopped;
      return std::string("answer");
    });
    app.get("/async").handle([this](Context& context) -> Task<std::string> {
      begun.release();
      try {
        co_await context.sleep(duration.load());
      } catch (const Cancelled&) {
        ++stopped;
        throw;
      }
      co_return std::string("answer");
    });
    app.get("/step").handle([this](Context& context) -> Task<std::string> {
      begun.release();
      try {
        co_await context.offload(
            cpu, [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
            std::min<std::chrono::milliseconds>(duration.load(), 300ms));
        co_await context.sleep(duration.load());
      } catch (const Cancelled&) {
        ++stopped;
        throw;
      }
      co_return std::string("answer");
    });
  }

  App app{"test"};
  Pool cpu = app.pool("cpu", {.workers = 2});
  std::counting_semaphore<64> begun{0};
  std::atomic<std::chrono::milliseconds> duration{100ms};
  std::atomic<int> stopped{0};
};

TEST_P(LanesDrainTest, WhatIsAwayIsAnsweredAndItsConnectionClosed) {
  app.start();
  Client client(app.port());
  ASSERT_TRUE(client.send("GET " + std::string(GetParam()) + " HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_TRUE(begun.try_acquire_for(10s));
  auto stopping = std::async(std::launch::async, [this] { return app.stop(); });
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "answer");
  EXPECT_TRUE(answer.is_closing());
  EXPECT_EQ(client.wait_for_end(), Ending::kClosed);
  EXPECT_TRUE(stopping.get());
  EXPECT_EQ(stopped, 0);
}

TEST_P(LanesDrainTest, WhatIsOverdueIsCutAndStopped) {
  app.settings().drain_timeout = 100ms;
  duration = 20s;
  app.start();
  Client client(app.port());
  ASSERT_TRUE(client.send("GET " + std::string(GetParam()) + " HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_TRUE(begun.try_acquire_for(10s));
  const auto asked_at = SteadyClock::now();
  EXPECT_FALSE(app.stop());
  EXPECT_LT(SteadyClock::now() - asked_at, 5s);
  EXPECT_EQ(stopped, 1);
  EXPECT_NE(client.receive().ending, Ending::kAnswered);
}

TEST_P(LanesDrainTest, AnAppServesAgainAfterThat) {
  app.settings().drain_timeout = 50ms;
  duration = 20s;
  for (int run = 0; run < 2; ++run) {
    app.start();
    Client client(app.port());
    ASSERT_TRUE(client.send("GET " + std::string(GetParam()) + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_TRUE(begun.try_acquire_for(10s));
    EXPECT_FALSE(app.stop());
  }
  duration = 1ms;
  app.start();
  EXPECT_EQ(Client(app.port()).get(GetParam()).body, "answer");
  EXPECT_TRUE(app.stop());
}

std::string name_of(const testing::TestParamInfo<const char*>& route) {
  return std::string(route.param).substr(1);
}

INSTANTIATE_TEST_SUITE_P(Lanes, LanesDrainTest, testing::Values("/pool", "/async", "/step"), name_of);

// Each look is a round trip to the server: it needs no pause.
bool comes_true(const std::function<bool()>& condition) {
  const auto limit = SteadyClock::now() + 10s;
  while (SteadyClock::now() < limit) {
    if (condition()) return true;
  }
  return false;
}

TEST(LanesDrainQueueTest, WhatWaitsForAWorkerIsAnsweredToo) {
  App app{"test"};
  app.settings().port = 0;
  app.settings().log_level = "off";
  app.settings().drain_idle = 0ms;
  std::latch is_draining{1};
  const Pool cpu = app.pool("cpu", {.workers = 1});
  app.get("/").on(cpu).handle([&is_draining] {
    is_draining.wait();
    return std::string("answer");
  });
  app.start();
  const std::uint16_t port = app.port();
  Client first(port);
  Client second(port);
  for (Client* const client : {&first, &second}) ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(comes_true([&app] {
    const Answer metrics = Client(app.admin_port()).get("/metrics");
    return metrics.body.find("weir_pool_queue_depth{pool=\"cpu\"} 1\n") != std::string::npos;
  })) << "one runs, the other waits";
  std::atomic<bool> is_clean{false};
  std::thread stopper([&] { is_clean = app.stop(); });
  EXPECT_TRUE(comes_true([port] { return !Client(port).is_connected(); })) << "the drain closes the listeners";
  is_draining.count_down();
  stopper.join();
  EXPECT_TRUE(is_clean);
  EXPECT_EQ(first.receive().body, "answer");
  EXPECT_EQ(second.receive().body, "answer");
}

}  // namespace
}  // namespace weir::test
