// SPDX-License-Identifier: MIT
#include <weir/http/client/hedge.hpp>

#include <tests/http/resilience_fixture.hpp>
#include <weir/http/client/retry.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using Peer = ScriptedServer::Peer;

class HedgeTest : public ResilienceFixture {
 protected:
  HedgeTest() { with({.ratio = 0, .per_second = 10}); }
  ~HedgeTest() override {
    stop.request_stop();
    turn();
  }
  void with(RetryBudget budget) {
    ClientChain chain;
    chain.use(Hedge{{.delay = 100ms}}).retry_budget(budget);
    install(std::move(chain));
  }
  /// Time passes in small steps, so that what falls due in it does so in its order.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 1ms) advance(1ms);
  }

  Outcome outcome;
};

TEST_F(HedgeTest, AFastAnswerIsTheOnlyOne) {
  EXPECT_EQ(ask().response->body, "1");
  pass(200ms);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(HedgeTest, ASecondRequestGoesOutAfterTheDelay) {
  script->steps = {{.delay = 1h}, {.delay = 1h}};
  start(get(), outcome);
  pass(99ms);
  EXPECT_EQ(sent(), 1U);
  pass(2ms);
  EXPECT_EQ(sent(), 2U);
  pass(5s);
  EXPECT_EQ(sent(), 2U);
}

TEST_F(HedgeTest, TheSecondMayWin) {
  script->steps = {{.status = 201, .delay = 1h}, {.status = 202, .delay = 10ms}};
  start(get(), outcome);
  pass(115ms);
  ASSERT_TRUE(outcome.response);
  EXPECT_EQ(outcome.response->status, 202);
  EXPECT_EQ(script->cancelled, 1);
}

TEST_F(HedgeTest, TheFirstMayWin) {
  script->steps = {{.status = 201, .delay = 110ms}, {.status = 202, .delay = 1h}};
  start(get(), outcome);
  pass(115ms);
  ASSERT_TRUE(outcome.response);
  EXPECT_EQ(outcome.response->status, 201);
  EXPECT_EQ(script->cancelled, 1);
}

TEST_F(HedgeTest, AnEarlyFailureIsNotRepeated) {
  script->steps = {failure(ClientErrorCode::kBroken)};
  EXPECT_EQ(ask().error, ClientErrorCode::kBroken);
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask().response->status, 503);
  EXPECT_EQ(sent(), 2U);
}

TEST_F(HedgeTest, WhenOneFailsTheOtherDecides) {
  script->steps = {{.error = ClientErrorCode::kBroken, .delay = 110ms}, {.status = 202, .delay = 50ms}};
  start(get(), outcome);
  pass(120ms);
  EXPECT_FALSE(outcome.has_ended());
  pass(50ms);
  EXPECT_EQ(outcome.response->status, 202);
}

TEST_F(HedgeTest, WhenTheSecondFailsTheFirstDecides) {
  script->steps = {{.status = 201, .delay = 200ms}, failure(ClientErrorCode::kConnect)};
  start(get(), outcome);
  pass(150ms);
  EXPECT_EQ(sent(), 2U);
  EXPECT_FALSE(outcome.has_ended());
  pass(55ms);
  EXPECT_EQ(outcome.response->status, 201);
}

TEST_F(HedgeTest, WhenBothFailTheFirstFailureIsGiven) {
  script->steps = {{.error = ClientErrorCode::kBroken, .delay = 200ms}, failure(ClientErrorCode::kConnect)};
  start(get(), outcome);
  pass(205ms);
  EXPECT_EQ(outcome.error, ClientErrorCode::kConnect);
}

TEST_F(HedgeTest, APoorAnswerDoesNotBeatABetterOne) {
  script->steps = {{.status = 201, .delay = 200ms}, {.status = 503}};
  start(get(), outcome);
  pass(150ms);
  EXPECT_FALSE(outcome.has_ended());
  pass(55ms);
  EXPECT_EQ(outcome.response->status, 201);
}

TEST_F(HedgeTest, APoorAnswerIsBetterThanAFailure) {
  script->steps = {{.error = ClientErrorCode::kBroken, .delay = 200ms}, {.status = 503}};
  start(get(), outcome);
  pass(205ms);
  EXPECT_EQ(outcome.response->status, 503);
}

TEST_F(HedgeTest, OfTwoAnswersInOneTurnTheBetterOneIsGiven) {
  script->steps = {{.status = 201, .delay = 200ms}, {.status = 503, .delay = 50ms}};
  start(get(), outcome);
  pass(101ms);
  advance(1s);
  EXPECT_EQ(outcome.response->status, 201);
}

TEST_F(HedgeTest, APostIsSentOnce) {
  script->steps = {{.delay = 1s}};
  start(post(), outcome);
  pass(300ms);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(HedgeTest, APostWithAKeyIsHedged) {
  script->steps = {{.delay = 1s}};
  ClientRequest request = post();
  request.headers.emplace_back("Idempotency-Key", "7");
  start(std::move(request), outcome);
  pass(105ms);
  EXPECT_EQ(sent(), 2U);
  EXPECT_TRUE(outcome.response);
}

TEST_F(HedgeTest, CountsAgainstTheBudget) {
  with({.ratio = 0, .per_second = 0.1});
  script->steps = {{.delay = 1s}, {}, {.status = 201, .delay = 1s}};
  start(get(), outcome);
  pass(105ms);
  EXPECT_EQ(outcome.response->body, "2");
  Outcome second;
  start(get(), second);
  pass(500ms);
  EXPECT_EQ(sent(), 3U);
  pass(505ms);
  EXPECT_EQ(second.response->status, 201);
}

TEST_F(HedgeTest, SharesTheBudgetWithRetry) {
  ClientChain chain;
  chain.use(Retry{{.backoff = 0ns}}).use(Hedge{{.delay = 100ms}}).retry_budget({.ratio = 0, .per_second = 0.1});
  install(std::move(chain));
  script->steps = {{.status = 503}, {.delay = 1s}};
  start(get(), outcome);
  pass(500ms);
  EXPECT_EQ(sent(), 2U) << "the retry has taken it";
}

TEST_F(HedgeTest, NotBeyondTheDeadline) {
  script->steps = {{.delay = 1s}};
  ClientRequest request = get();
  request.timeout = 100ms;
  start(std::move(request), outcome);
  pass(200ms);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(HedgeTest, AStopEndsBoth) {
  script->steps = {{.delay = 1h}, {.delay = 1h}};
  start(get(), outcome);
  pass(105ms);
  stop.request_stop();
  turn();
  EXPECT_TRUE(outcome.is_cancelled);
  EXPECT_EQ(script->cancelled, 2);
}

TEST_F(HedgeTest, AStopBeforeTheDelayEndsTheFirst) {
  script->steps = {{.delay = 1h}};
  start(get(), outcome);
  stop.request_stop();
  turn();
  EXPECT_TRUE(outcome.is_cancelled);
  EXPECT_EQ(script->cancelled, 1);
}

struct Throws {
  loop::Task<ClientResponse> send(ClientRequest, ClientNext) {
    co_await loop::sleep(1ms);
    throw std::out_of_range("not of the client");
  }
};

TEST_F(HedgeTest, AnExceptionOfAnotherKindEndsItAtOnce) {
  ClientChain chain;
  chain.use(Hedge{{.delay = 1h}}).use(Throws{});
  Client throwing(loop, {}, chain);
  bool has_thrown = false;
  const auto task = [](Client& used, bool& out) -> loop::Task<void> {
    ClientRequest request("http://a.test/");
    request.timeout = 2h;
    try {
      ClientResponse response = co_await used.send(std::move(request));
    } catch (const std::out_of_range&) {
      out = true;
    }
  };
  ASSERT_TRUE(loop.try_post([&] { scope.spawn(task(throwing, has_thrown)); }));
  turn();
  pass(3ms);
  EXPECT_TRUE(has_thrown);
  EXPECT_EQ(scope.running(), 0U);
}

TEST_F(HedgeTest, NeedsADelay) {
  EXPECT_THROW(Hedge{{}}, std::invalid_argument);
  EXPECT_THROW(Hedge{{.delay = -1ms}}, std::invalid_argument);
  EXPECT_NO_THROW(Hedge{{.delay = 1ns}});
}

// Over real connections.
class HedgeNetworkTest : public ClientFixture {};

TEST_F(HedgeNetworkTest, TheConnectionOfTheLoserIsClosed) {
  std::atomic<int> connections = 0;
  std::atomic<bool> is_closed = false;
  ScriptedServer server([&](Peer& peer) {
    const int number = ++connections;
    peer.read_request();
    if (number == 2) return peer.answer("second");
    peer.wait_for_close();
    is_closed = true;
  });
  client->use(Hedge{{.delay = 20ms}});
  Outcome outcome;
  ASSERT_TRUE(loop.try_post([&, task = client->get(server.url())]() mutable { begin(std::move(task), outcome); }));
  ASSERT_TRUE(run_until([&] { return outcome.has_ended(); }));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->body, "second");
  EXPECT_TRUE(run_until([&] { return is_closed.load(); }));
}

}  // namespace
}  // namespace weir::http
