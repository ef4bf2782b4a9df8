// SPDX-License-Identifier: MIT
// Name look-ups that take their time. The system's getaddrinfo is replaced in this program: a name under .weir-test is
// unknown to it, which it says once the test lets it.
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/client.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <string_view>

namespace {

std::atomic<bool> may_answer{false};
std::atomic<int> looking_up{0};

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node == nullptr || !std::string_view(node).ends_with(".weir-test")) return real(node, service, hints, result);
  ++looking_up;
  may_answer.wait(false);
  --looking_up;
  return EAI_NONAME;
}

namespace weir::http {
namespace {

using namespace std::chrono_literals;

class ClientResolveTest : public ClientFixture {
 protected:
  void SetUp() override { may_answer = false; }
  void TearDown() override {
    let_answer();
    EXPECT_TRUE(run_until([] { return looking_up == 0; }));
  }
  void let_answer() {
    may_answer = true;
    may_answer.notify_all();
  }
  void begin_and_look_up(ClientRequest request, Outcome& outcome) {
    begin(client->send(std::move(request)), outcome);
    ASSERT_TRUE(run_until([] { return looking_up == 1; }));
  }
};

TEST_F(ClientResolveTest, AnUnknownNameIsAnError) {
  Outcome outcome;
  begin_and_look_up(ClientRequest("http://user:secret@unknown.weir-test/"), outcome);
  let_answer();
  ASSERT_TRUE(run_until([&] { return outcome.has_ended(); }));
  EXPECT_EQ(outcome.error, ClientErrorCode::kResolve);
  EXPECT_TRUE(outcome.message.starts_with("unknown.weir-test: ")) << outcome.message;
  EXPECT_EQ(outcome.message.find("secret"), std::string::npos) << outcome.message;
}

TEST_F(ClientResolveTest, OtherRequestsGoOnMeanwhile) {
  ScriptedServer server(echo);
  Outcome slow;
  begin_and_look_up(ClientRequest("http://slow.weir-test/"), slow);
  EXPECT_TRUE(call(client->get(server.url())).response);
  EXPECT_FALSE(slow.has_ended());
  let_answer();
  EXPECT_TRUE(run_until([&] { return slow.has_ended(); }));
}

TEST_F(ClientResolveTest, AStopDoesNotWaitForIt) {
  Outcome outcome;
  begin_and_look_up(ClientRequest("http://slow.weir-test/"), outcome);
  stop.request_stop();
  ASSERT_TRUE(run_until([&] { return outcome.has_ended(); }));
  EXPECT_TRUE(outcome.is_cancelled);
  EXPECT_EQ(looking_up, 1);
  client.reset();
}

TEST_F(ClientResolveTest, ItCountsAsConnecting) {
  Outcome outcome;
  ClientRequest request("http://slow.weir-test/");
  request.connect_timeout = 30ms;
  begin_and_look_up(std::move(request), outcome);
  ASSERT_TRUE(run_until([&] { return outcome.has_ended(); }));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTimeout) << outcome.message;
  EXPECT_EQ(looking_up, 1);
}

}  // namespace
}  // namespace weir::http
