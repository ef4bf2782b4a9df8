// SPDX-License-Identifier: MIT
#include <weir/http/client/circuit_breaker.hpp>

#include <tests/http/resilience_fixture.hpp>
#include <weir/http/client/retry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CircuitBreakerTest : public ResilienceFixture {
 protected:
  CircuitBreakerTest() {
    ClientChain chain;
    chain.use(CircuitBreaker(options()));
    install(std::move(chain));
  }
  ~CircuitBreakerTest() override {
    stop.request_stop();
    turn();
  }
  CircuitBreakerOptions options() {
    return {.window = 10s,
            .requests_min = 4,
            .failure_ratio = 0.5,
            .open_for = 5s,
            .probes = 2,
            .on_change = [this](std::string_view, CircuitState state) { changes.push_back(state); }};
  }
  void succeed(int times) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(ask().response->status, 200);
  }
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      script->steps = {{.status = 503}};
      EXPECT_EQ(ask().response->status, 503);
    }
  }
  bool is_open() { return ask().error == ClientErrorCode::kCircuitOpen; }

  std::vector<CircuitState> changes;
  Outcome unfinished;  // of a request that only the end stops
};

TEST_F(CircuitBreakerTest, OpensAtTheRatio) {
  succeed(2);
  fail(1);
  EXPECT_THAT(changes, IsEmpty());
  fail(1);
  EXPECT_THAT(changes, ElementsAre(CircuitState::kOpen));
  const std::size_t before = sent();
  const Outcome refused = ask();
  EXPECT_EQ(refused.error, ClientErrorCode::kCircuitOpen);
  EXPECT_THAT(refused.message, HasSubstr("http://a.test:80"));
  EXPECT_EQ(sent(), before);
}

TEST_F(CircuitBreakerTest, BelowTheRatioItStaysClosed) {
  succeed(5);
  fail(4);
  succeed(1);
  EXPECT_THAT(changes, IsEmpty());
}

TEST_F(CircuitBreakerTest, WithTooFewRequestsItStaysClosed) {
  fail(3);
  EXPECT_FALSE(is_open());
}

TEST_F(CircuitBreakerTest, WhatIsOlderThanTheWindowDoesNotCount) {
  fail(3);
  advance(10s);
  fail(3);
  EXPECT_THAT(changes, IsEmpty());
  advance(8s);
  fail(1);
  EXPECT_THAT(changes, ElementsAre(CircuitState::kOpen));
}

TEST_F(CircuitBreakerTest, HalfOpenAfterItsTime) {
  fail(4);
  advance(5s - 1ms);
  EXPECT_TRUE(is_open());
  advance(1ms);
  EXPECT_FALSE(is_open());
  EXPECT_EQ(changes.back(), CircuitState::kHalfOpen);
}

TEST_F(CircuitBreakerTest, ClosesWhenAllProbesSucceed) {
  fail(4);
  advance(5s);
  succeed(1);
  EXPECT_EQ(changes.back(), CircuitState::kHalfOpen);
  succeed(1);
  EXPECT_THAT(changes, ElementsAre(CircuitState::kOpen, CircuitState::kHalfOpen, CircuitState::kClosed));
  fail(3);
  EXPECT_FALSE(is_open()) << "what was before the opening does not count";
}

TEST_F(CircuitBreakerTest, OpensAgainWhenAProbeFails) {
  fail(4);
  advance(5s);
  succeed(1);
  fail(1);
  EXPECT_EQ(changes.back(), CircuitState::kOpen);
  advance(5s - 1ms);
  EXPECT_TRUE(is_open());
  advance(1ms);
  succeed(2);
  EXPECT_EQ(changes.back(), CircuitState::kClosed);
}

TEST_F(CircuitBreakerTest, NoMoreProbesPassThanItSays) {
  fail(4);
  advance(5s);
  script->steps = {{.delay = 1s}, {.delay = 1s}};
  std::deque<Outcome> probes(2);
  for (Outcome& probe : probes) start(get(), probe);
  EXPECT_TRUE(is_open());
  advance(1001ms);
  EXPECT_TRUE(probes[0].response);
  EXPECT_TRUE(probes[1].response);
  EXPECT_EQ(changes.back(), CircuitState::kClosed);
}

TEST_F(CircuitBreakerTest, AProbeThatIsStoppedMakesRoomForAnother) {
  fail(4);
  advance(5s);
  script->steps = {{.delay = 1h}, {.delay = 1h}};
  std::deque<Outcome> probes(2);
  for (Outcome& probe : probes) start(get(), probe);
  EXPECT_TRUE(is_open());
  stop.request_stop();
  turn();
  stop.reset();
  EXPECT_EQ(changes.back(), CircuitState::kHalfOpen);
  succeed(2);
  EXPECT_EQ(changes.back(), CircuitState::kClosed);
}

TEST_F(CircuitBreakerTest, ALateOutcomeIsOfTheStateThatItBeganIn) {
  script->steps = {{.delay = 7s}, {.delay = 7s}};
  std::deque<Outcome> late(2);
  for (Outcome& outcome : late) start(get(), outcome);
  fail(4);
  advance(5s);
  script->steps = {{.delay = 1h}};
  start(get(), unfinished);
  advance(3s);  // both late ones succeed: they are no probes
  EXPECT_TRUE(late[0].response);
  EXPECT_EQ(changes.back(), CircuitState::kHalfOpen);
  succeed(1);
  EXPECT_TRUE(is_open()) << "the first probe still runs";
}

TEST_F(CircuitBreakerTest, TheseErrorsAreFailures) {
  for (const auto code : {ClientErrorCode::kResolve, ClientErrorCode::kConnect, ClientErrorCode::kTls,
                          ClientErrorCode::kTimeout, ClientErrorCode::kBroken}) {
    changes.clear();
    for (int i = 0; i < 4; ++i) {
      script->steps = {failure(code)};
      EXPECT_EQ(ask(ClientRequest("http://" + std::to_string(static_cast<int>(code)) + ".test/")).error, code);
    }
    EXPECT_THAT(changes, ElementsAre(CircuitState::kOpen));
  }
}

TEST_F(CircuitBreakerTest, WhatIsOurOwnIsNeither) {
  for (const auto code : {ClientErrorCode::kBadRequest, ClientErrorCode::kRefused, ClientErrorCode::kTooLarge,
                          ClientErrorCode::kTooManyRedirects}) {
    script->steps = std::deque<Step>(4, failure(code));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ask().error, code);
  }
  fail(3);
  EXPECT_THAT(changes, IsEmpty()) << "there have been three outcomes, and not 19";
  succeed(1);
  EXPECT_THAT(changes, IsEmpty()) << "it opens with a failure alone";
  fail(1);
  EXPECT_THAT(changes, ElementsAre(CircuitState::kOpen));
}

TEST_F(CircuitBreakerTest, WhatWasLateBeforeIsNeither) {
  for (int i = 0; i < 8; ++i) {
    script->steps = {failure(ClientErrorCode::kTimeout, true)};
    ClientRequest late = get();
    late.deadline = clock.now();
    EXPECT_EQ(ask(std::move(late)).error, ClientErrorCode::kTimeout);
  }
  EXPECT_THAT(changes, IsEmpty());
}

TEST_F(CircuitBreakerTest, EachHostHasACircuit) {
  fail(4);
  EXPECT_TRUE(is_open());
  EXPECT_TRUE(ask(ClientRequest("http://b.test/")).response);
  EXPECT_TRUE(ask(ClientRequest("https://a.test/")).response);
  EXPECT_EQ(ask(ClientRequest("http://a.test:80/other?q")).error, ClientErrorCode::kCircuitOpen);
}

TEST_F(CircuitBreakerTest, ManyHostsDoNotPileUp) {
  fail(4);
  for (int i = 0; i < 1023; ++i) ask(ClientRequest("http://h" + std::to_string(i) + ".test/"));
  EXPECT_TRUE(is_open()) << "within the bound nothing is forgotten";
  for (int i = 0; i < 1024; ++i) ask(ClientRequest("http://i" + std::to_string(i) + ".test/"));
  EXPECT_FALSE(is_open());
}

TEST_F(CircuitBreakerTest, InsideOfRetryItSeesEachAttemptAndEndsThem) {
  ClientChain chain;
  chain.use(Retry{{.attempts = 10, .backoff = 0ns}}).use(CircuitBreaker(options()));
  install(std::move(chain));
  script->steps = std::deque<Step>(20, failure(ClientErrorCode::kConnect));
  EXPECT_EQ(ask().error, ClientErrorCode::kCircuitOpen);
  EXPECT_EQ(sent(), 4U);
}

TEST_F(CircuitBreakerTest, OutsideOfRetryItSeesTheOutcome) {
  ClientChain chain;
  chain.use(CircuitBreaker(options())).use(Retry{{.attempts = 3, .backoff = 0ns}});
  install(std::move(chain));
  for (int i = 0; i < 4; ++i) {
    script->steps = {failure(ClientErrorCode::kConnect), failure(ClientErrorCode::kConnect)};
    EXPECT_TRUE(ask().response);
  }
  EXPECT_THAT(changes, IsEmpty());
}

TEST_F(CircuitBreakerTest, MistakesAreToldAtOnce) {
  EXPECT_THROW(CircuitBreaker{{.window = 0ns}}, std::invalid_argument);
  EXPECT_THROW(CircuitBreaker{{.requests_min = 0}}, std::invalid_argument);
  EXPECT_THROW(CircuitBreaker{{.failure_ratio = 0}}, std::invalid_argument);
  EXPECT_THROW(CircuitBreaker{{.failure_ratio = 1.1}}, std::invalid_argument);
  EXPECT_THROW(CircuitBreaker{{.open_for = 0ns}}, std::invalid_argument);
  EXPECT_THROW(CircuitBreaker{{.probes = 0}}, std::invalid_argument);
  EXPECT_NO_THROW((CircuitBreaker{{.window = 1ns, .requests_min = 1, .failure_ratio = 1, .probes = 1}}));
}

// Over real connections.
class CircuitBreakerNetworkTest : public ClientFixture {};

TEST_F(CircuitBreakerNetworkTest, AHostThatIsGoneIsNotAskedAnyMore) {
  ScriptedServer server(echo);
  client->use(CircuitBreaker{{.requests_min = 3}});
  server.stop_listening();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(client->get(server.url())).error, ClientErrorCode::kConnect);
  EXPECT_EQ(call(client->get(server.url())).error, ClientErrorCode::kCircuitOpen);
}

}  // namespace
}  // namespace weir::http
