// SPDX-License-Identifier: MIT
// Clients whose calls are stopped, wait, or are too many.
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/client.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using Peer = ScriptedServer::Peer;
using Clock = std::chrono::steady_clock;

class ClientStopTest : public ClientFixture {
 protected:
  explicit ClientStopTest(ClientOptions options = {}) : ClientFixture(std::move(options)) {}
  bool run_until_ended(const Outcome& outcome) {
    return run_until([&outcome] { return outcome.has_ended(); });
  }
};

// A server that tells when it has begun to answer and when its client has closed.
struct HalfAnswer {
  std::atomic<bool> is_sent{false};
  std::atomic<Clock::rep> closed_at{0};
  ScriptedServer server{[this](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    is_sent = true;
    peer.wait_for_close();
    closed_at = Clock::now().time_since_epoch().count();
  }};
};

TEST_F(ClientStopTest, AStopClosesTheConnectionAtOnce) {
  HalfAnswer half;
  Outcome outcome;
  begin(client->get(half.server.url()), outcome);
  ASSERT_TRUE(run_until([&] { return half.is_sent.load(); }));
  const Clock::time_point stopped = Clock::now();
  stop.request_stop();
  EXPECT_FALSE(outcome.has_ended()) << "whoever asks for the stop is not interrupted by it";
  EXPECT_TRUE(run_until_ended(outcome));
  EXPECT_TRUE(outcome.is_cancelled);
  ASSERT_TRUE(run_until([&] { return half.closed_at != 0; }));
  EXPECT_LT(Clock::time_point(Clock::duration(half.closed_at)) - stopped, 100ms);
}

TEST_F(ClientStopTest, AfterAStopNothingIsSent) {
  ScriptedServer server(echo);
  stop.request_stop();
  EXPECT_TRUE(call(client->get(server.url())).is_cancelled);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(ClientStopTest, AStoppedConnectionIsNotUsedAgain) {
  HalfAnswer half;
  Outcome outcome;
  begin(client->get(half.server.url()), outcome);
  ASSERT_TRUE(run_until([&] { return half.is_sent.load(); }));
  stop.request_stop();
  ASSERT_TRUE(run_until_ended(outcome));
  stop.reset();
  ClientRequest again(half.server.url());
  again.timeout = 50ms;
  call(std::move(again));
  EXPECT_EQ(half.server.accepted(), 2);
}

TEST_F(ClientStopTest, AStopInTheTurnOfTheAnswerIsTooLate) {
  ScriptedServer server(echo);
  Outcome outcome;
  loop::StopSource own;
  const auto task = [](Client& used, std::string url, Outcome& out, loop::StopSource& source) -> loop::Task<void> {
    co_await record(used.get(std::move(url)), out);
    source.request_stop();
  };
  loop::Task<void> spawned = task(*client, server.url(), outcome, own);
  spawned.set_stop_source(&own);
  scope.spawn(std::move(spawned));
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  EXPECT_TRUE(outcome.response);
}

TEST_F(ClientStopTest, ATaskMayEndItsClientWhenItResumes) {
  ScriptedServer server(echo);
  const auto task = [](std::unique_ptr<Client>& used, std::string url) -> loop::Task<void> {
    ClientResponse response = co_await used->get(std::move(url));
    used.reset();
  };
  scope.spawn(task(client, server.url()));
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  EXPECT_EQ(client, nullptr);
}

TEST_F(ClientStopTest, HundredsStoppedInTheMiddleLeaveNothingBehind) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  std::deque<Outcome> outcomes(300);
  for (Outcome& outcome : outcomes) begin(client->get(server.url()), outcome);
  ASSERT_TRUE(run_until([&] { return server.accepted() >= 64; }));
  stop.request_stop();
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  for (const Outcome& outcome : outcomes) EXPECT_TRUE(outcome.is_cancelled);
  EXPECT_EQ(server.accepted(), 64);
}

class ClientBoundsTest : public ClientStopTest {
 protected:
  ClientBoundsTest()
      : ClientStopTest(ClientOptions{
            .connections_max = 3, .host_connections_max = 2, .idle_connections_max = 1, .waiting_max = 2}) {}
};

TEST_F(ClientBoundsTest, WhoWaitsIsBoundedAndOneMoreIsRefused) {
  std::atomic<bool> may_answer = false;
  ScriptedServer server([&](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      while (!may_answer) std::this_thread::yield();
      peer.answer("x");
    }
  });
  std::deque<Outcome> outcomes(5);
  for (Outcome& outcome : outcomes) begin(client->get(server.url()), outcome);
  ASSERT_TRUE(run_until([&] { return outcomes.back().has_ended(); }));
  EXPECT_EQ(outcomes[4].error, ClientErrorCode::kRefused);
  ASSERT_TRUE(run_until([&] { return server.accepted() == 2; }));
  may_answer = true;
  ASSERT_TRUE(run_until([this] { return scope.running() == 0; }));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(outcomes[static_cast<std::size_t>(i)].response) << i;
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ClientBoundsTest, ABusyHostHoldsUpNoOther) {
  ScriptedServer busy([](Peer& peer) { peer.wait_for_close(); });
  ScriptedServer other(echo);
  std::deque<Outcome> stuck(4);
  for (Outcome& outcome : stuck) begin(client->get(busy.url()), outcome);
  EXPECT_TRUE(call(client->get(other.url())).response);
  stop.request_stop();
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
}

TEST_F(ClientBoundsTest, TheTimeOfWhoWaitsRunsOut) {
  ScriptedServer busy([](Peer& peer) { peer.wait_for_close(); });
  std::deque<Outcome> stuck(2);
  for (Outcome& outcome : stuck) begin(client->get(busy.url()), outcome);
  ClientRequest late(busy.url());
  late.timeout = 30ms;
  EXPECT_EQ(call(std::move(late)).error, ClientErrorCode::kTimeout);
  stop.request_stop();
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
}

TEST_F(ClientBoundsTest, IdleConnectionsBeyondTheBoundAreClosed) {
  std::atomic<int> closed = 0;
  const auto script = [&closed](Peer& peer) {
    echo(peer);
    ++closed;
  };
  ScriptedServer first(script);
  ScriptedServer second(script);
  ASSERT_TRUE(call(client->get(first.url())).response);
  ASSERT_TRUE(call(client->get(second.url())).response);
  EXPECT_TRUE(run_until([&] { return closed == 1; }));
  client.reset();
  EXPECT_TRUE(run_until([&] { return closed == 2; }));
}

}  // namespace
}  // namespace weir::http
