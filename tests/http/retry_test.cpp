// SPDX-License-Identifier: MIT
#include <weir/http/client/retry.hpp>

#include <tests/http/resilience_fixture.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using Peer = ScriptedServer::Peer;

class RetryTest : public ResilienceFixture {
 protected:
  RetryTest() { with({}); }

  /// Pauses are `fraction` of the longest.
  void with(RetryOptions options, RetryBudget budget = {.ratio = 0, .per_second = 100}) {
    options.random = [this] {
      ++pauses;
      return fraction;
    };
    ClientChain chain;
    chain.use(Retry(std::move(options))).retry_budget(budget);
    install(std::move(chain));
  }
  /// Without pauses.
  Outcome ask_at_once(ClientRequest request) {
    fraction = 0;
    return ask(std::move(request));
  }

  double fraction = 1;
  int pauses = 0;
};

TEST_F(RetryTest, AnAnswerIsGivenAtOnce) {
  EXPECT_EQ(ask().response->status, 200);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(RetryTest, SendsAgainUntilAnAnswerIsGood) {
  script->steps = {failure(ClientErrorCode::kBroken), {.status = 503}};
  const Outcome outcome = ask_at_once(get());
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(outcome.response->body, "3");
}

TEST_F(RetryTest, TheLastAttemptDecides) {
  script->steps = {failure(ClientErrorCode::kBroken), {.status = 503}, {.status = 502}, {.status = 200}};
  EXPECT_EQ(ask_at_once(get()).response->status, 502);
  EXPECT_EQ(sent(), 3U);
  script->steps = {{.status = 503}, {.status = 503}, failure(ClientErrorCode::kConnect), {.status = 200}};
  EXPECT_EQ(ask_at_once(get()).error, ClientErrorCode::kConnect);
}

TEST_F(RetryTest, OneAttemptIsNone) {
  with({.attempts = 1});
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask().response->status, 503);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(RetryTest, WhatIsSentAgainIsTheSame) {
  script->steps = {{.status = 503}};
  ClientRequest request("PUT", "http://a.test/x", "body");
  request.headers = {{"A", "1"}};
  ask_at_once(std::move(request));
  ASSERT_EQ(sent(), 2U);
  EXPECT_EQ(script->seen[1].method, "PUT");
  EXPECT_EQ(script->seen[1].url, "http://a.test/x");
  EXPECT_EQ(script->seen[1].body, "body");
  EXPECT_EQ(script->seen[1].headers, script->seen[0].headers);
  EXPECT_EQ(script->seen[1].deadline, script->seen[0].deadline);
}

TEST_F(RetryTest, TheseErrorsMayPass) {
  for (const auto code :
       {ClientErrorCode::kResolve, ClientErrorCode::kConnect, ClientErrorCode::kBroken, ClientErrorCode::kTimeout}) {
    script->steps = {failure(code)};
    EXPECT_TRUE(ask_at_once(get()).response) << static_cast<int>(code);
  }
}

TEST_F(RetryTest, TheseErrorsStay) {
  for (const auto code : {ClientErrorCode::kBadUrl, ClientErrorCode::kBadRequest, ClientErrorCode::kTls,
                          ClientErrorCode::kTooLarge, ClientErrorCode::kTooManyRedirects, ClientErrorCode::kRefused,
                          ClientErrorCode::kCircuitOpen, ClientErrorCode::kOther}) {
    script->steps = {failure(code, true)};
    EXPECT_EQ(ask_at_once(get()).error, code);
  }
}

TEST_F(RetryTest, OtherStatusesAreAnswers) {
  for (const int status : {400, 404, 429, 500, 501, 505}) {
    script->steps = {{.status = status}};
    EXPECT_EQ(ask_at_once(get()).response->status, status);
  }
}

TEST_F(RetryTest, TheStatusesAreASetting) {
  with({.statuses = {429}});
  script->steps = {{.status = 429}};
  EXPECT_EQ(ask_at_once(get()).response->status, 200);
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 503);
}

TEST_F(RetryTest, APostThatMayHaveArrivedIsNotSentAgain) {
  for (const Step& step : {Step{.status = 503}, failure(ClientErrorCode::kConnect), failure(ClientErrorCode::kTimeout),
                           failure(ClientErrorCode::kBroken), failure(ClientErrorCode::kBroken, true)}) {
    const std::size_t before = sent();
    script->steps = {step};
    const Outcome outcome = ask_at_once(post());
    EXPECT_TRUE(outcome.error || outcome.response->status == 503);
    EXPECT_EQ(sent(), before + 1);
  }
}

TEST_F(RetryTest, APostThatHasNotLeftIsSentAgain) {
  for (const auto code : {ClientErrorCode::kConnect, ClientErrorCode::kResolve, ClientErrorCode::kTimeout}) {
    script->steps = {failure(code, true)};
    EXPECT_TRUE(ask_at_once(post()).response) << static_cast<int>(code);
  }
}

TEST_F(RetryTest, APostWithAKeyIsSentAgain) {
  script->steps = {{.status = 503}, failure(ClientErrorCode::kBroken)};
  ClientRequest request = post();
  request.headers.emplace_back("Idempotency-Key", "7");
  EXPECT_EQ(ask_at_once(std::move(request)).response->status, 200);
}

TEST_F(RetryTest, WhatTheRequestSaysOfItselfCounts) {
  script->steps = {{.status = 503}};
  ClientRequest search = post();
  search.is_idempotent = true;
  EXPECT_EQ(ask_at_once(std::move(search)).response->status, 200);
  script->steps = {{.status = 503}};
  ClientRequest counted = get();
  counted.is_idempotent = false;
  EXPECT_EQ(ask_at_once(std::move(counted)).response->status, 503);
}

// How long pauses are, each within a millisecond.
class RetryPauseTest : public RetryTest {
 protected:
  RetryPauseTest() { script->steps = std::deque<Step>(20, Step{.status = 503}); }
  ~RetryPauseTest() override {
    stop.request_stop();
    turn();
  }
  void expect_pause(std::chrono::milliseconds pause) {
    const std::size_t before = sent();
    advance(pause - 1ms);
    EXPECT_EQ(sent(), before) << "after " << (pause - 1ms).count() << " ms";
    advance(2ms);
    EXPECT_EQ(sent(), before + 1) << "after " << (pause + 1ms).count() << " ms";
  }
  Outcome outcome;
};

TEST_F(RetryPauseTest, DoublesUpToTheLongest) {
  with({.attempts = 10, .backoff = 100ms, .backoff_max = 350ms});
  start(get(), outcome);
  EXPECT_EQ(sent(), 1U);
  for (const auto pause : {100ms, 200ms, 350ms, 350ms}) expect_pause(pause);
}

TEST_F(RetryPauseTest, IsARandomPartOfIt) {
  with({.attempts = 10, .backoff = 100ms});
  fraction = 0.25;
  start(get(), outcome);
  expect_pause(25ms);
  fraction = 0.75;
  expect_pause(50ms);
  expect_pause(300ms);
}

TEST_F(RetryPauseTest, IsNotLongerThanTheLongestFromTheBeginning) {
  with({.attempts = 10, .backoff = 1h, .backoff_max = 100ms});
  start(get(), outcome);
  expect_pause(100ms);
}

TEST_F(RetryPauseTest, RetryAfterIsAddedToIt) {
  with({.attempts = 10, .backoff = 100ms});
  script->steps = {{.status = 503, .retry_after = "2"}, {.status = 503}};
  start(get(), outcome);
  expect_pause(2100ms);
}

TEST_F(RetryPauseTest, RetryAfterMayBeADate) {
  with({.attempts = 10, .backoff = 100ms});
  script->steps = {{.status = 503, .retry_after = "Thu, 01 Jan 2026 00:00:03 GMT"}, {.status = 503}};
  start(get(), outcome);
  expect_pause(3100ms);
}

TEST_F(RetryPauseTest, AMalformedRetryAfterIsNone) {
  with({.attempts = 10, .backoff = 100ms});
  script->steps = {{.status = 503, .retry_after = "soon"}, {.status = 503}};
  start(get(), outcome);
  expect_pause(100ms);
}

TEST_F(RetryPauseTest, ALongRetryAfterIsNotWaitedFor) {
  with({.retry_after_max = 10s});
  script->steps = {{.status = 503, .retry_after = "11"}};
  EXPECT_EQ(ask_at_once(get()).response->header("retry-after"), "11");
  script->steps = {{.status = 503, .retry_after = "10"}};
  start(get(), outcome);
  advance(9999ms);
  EXPECT_FALSE(outcome.has_ended());
  advance(2ms);
  EXPECT_EQ(outcome.response->status, 200);
}

TEST_F(RetryPauseTest, NobodyWaitsBeyondTheDeadline) {
  with({.attempts = 10, .backoff = 100ms});
  ClientRequest request = get();
  request.timeout = 100ms;
  EXPECT_EQ(ask(std::move(request)).response->status, 503);
  EXPECT_EQ(sent(), 1U);
  request = get();
  request.deadline = clock.now() + 101ms;
  start(std::move(request), outcome);
  expect_pause(100ms);
  EXPECT_EQ(outcome.response->status, 503) << "the second pause of 200 ms ends too late";
}

TEST_F(RetryPauseTest, ARetryAfterBeyondTheDeadlineIsNotWaitedFor) {
  script->steps = {{.status = 503, .retry_after = "5"}};
  ClientRequest request = get();
  request.timeout = 5s;
  EXPECT_EQ(ask_at_once(std::move(request)).response->status, 503);
}

TEST_F(RetryPauseTest, AStopEndsIt) {
  with({.attempts = 10, .backoff = 1h});
  start(get(), outcome);
  EXPECT_FALSE(outcome.has_ended());
  stop.request_stop();
  turn();
  EXPECT_TRUE(outcome.is_cancelled);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(RetryPauseTest, WithoutASourceOfItsOwnItIsRandom) {
  ClientChain chain;
  chain.use(Retry{{.attempts = 100, .backoff = 1s, .backoff_max = 1s}}).retry_budget({.per_second = 100});
  install(std::move(chain));
  script->steps = std::deque<Step>(100, Step{.status = 503});
  ClientRequest request = get();
  request.timeout = 1h;
  start(std::move(request), outcome);
  // 60 pauses of which none, or each, is longer than half a second: less likely than a meteorite.
  std::size_t early = 0;
  for (int i = 0; i < 60; ++i) {
    const std::size_t before = sent();
    advance(500ms);
    early += sent() - before == 1 ? 1 : 0;
    while (sent() == before) advance(100ms);
  }
  EXPECT_GT(early, 0U);
  EXPECT_LT(early, 60U);
}

TEST_F(RetryTest, AnAttemptThatHangsLeavesTimeForTheNext) {
  with({.attempt_timeout = 2s});
  ClientRequest request = get();
  request.timeout = 30s;
  ask(std::move(request));
  EXPECT_EQ(script->seen.at(0).timeout, 2s);
  EXPECT_EQ(script->seen.at(0).deadline, clock.now() + 30s);
  request = get();
  request.timeout = 1s;
  ask(std::move(request));
  EXPECT_EQ(script->seen.at(1).timeout, 1s);
}

TEST_F(RetryTest, TheBudgetBoundsWhatIsSentAgain) {
  with({.attempts = 2}, {.ratio = 0.2, .per_second = 0.1});
  fraction = 0;
  for (int i = 0; i < 20; ++i) {
    script->steps = {{.status = 503}, {.status = 503}};
    ask();
  }
  EXPECT_EQ(sent(), 20U + 5) << "a fifth of 20, and one in ten seconds";
}

TEST_F(RetryTest, WithoutABudgetNothingIsSentAgain) {
  with({}, {.ratio = 0, .per_second = 0});
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 503);
}

TEST_F(RetryTest, TheBudgetIsOfTheLastTenSeconds) {
  with({.attempts = 2}, {.ratio = 0, .per_second = 0.1});
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 200);
  advance(8s);
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 503);
  advance(3s);
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 200);
}

TEST_F(RetryTest, EachHostHasABudget) {
  with({.attempts = 2}, {.ratio = 0, .per_second = 0.1});
  for (const char* const url : {"http://a.test/", "http://b.test/", "http://a.test:81/", "https://a.test/"}) {
    script->steps = {{.status = 503}};
    EXPECT_EQ(ask_at_once(ClientRequest(url)).response->status, 200) << url;
  }
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(ClientRequest("http://a.test:80/other")).response->status, 503);
}

TEST_F(RetryTest, WhatIsNotSentAgainForAnotherReasonCostsNothing) {
  with({.attempts = 2}, {.ratio = 0, .per_second = 0.1});
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(post()).response->status, 503);
  script->steps = {{.status = 503, .retry_after = "1000"}};
  EXPECT_EQ(ask_at_once(get()).response->status, 503);
  script->steps = {{.status = 503}};
  EXPECT_EQ(ask_at_once(get()).response->status, 200);
}

TEST_F(RetryTest, MistakesAreToldAtOnce) {
  EXPECT_THROW(Retry{{.attempts = 0}}, std::invalid_argument);
  EXPECT_THROW(Retry{{.backoff = -1ns}}, std::invalid_argument);
  EXPECT_THROW(Retry{{.backoff_max = -1ns}}, std::invalid_argument);
  EXPECT_THROW(Retry{{.attempt_timeout = -1ns}}, std::invalid_argument);
  EXPECT_THROW(Retry{{.retry_after_max = -1ns}}, std::invalid_argument);
  EXPECT_NO_THROW((Retry{{.attempts = 1, .backoff = 0ns, .backoff_max = 0ns, .retry_after_max = 0ns}}));
}

// Over real connections, in real time.
class RetryNetworkTest : public ClientFixture {
 protected:
  RetryNetworkTest() { client->use(Retry{{.backoff = 1ms}}); }
};

TEST_F(RetryNetworkTest, ABrokenConnectionIsReplaced) {
  std::atomic<int> connections = 0;
  ScriptedServer server([&connections](Peer& peer) {
    const int number = ++connections;
    peer.read_request();
    if (number == 1) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    if (number == 2) peer.answer("down", "503 Service Unavailable", "Connection: close\r\n");
    if (number == 3) peer.answer("up");
  });
  const Outcome outcome = call(client->get(server.url()));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->body, "up");
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(RetryNetworkTest, APostThatWasReadIsSentOnce) {
  std::atomic<int> read = 0;
  ScriptedServer server([&read](Peer& peer) {
    if (!peer.read_request().empty()) ++read;
  });
  EXPECT_EQ(call(client->post(server.url(), "x", "text/plain")).error, ClientErrorCode::kBroken);
  EXPECT_EQ(read, 1);
}

TEST_F(RetryNetworkTest, WhereNobodyListensAPostIsTriedAgain) {
  ScriptedServer server(echo);
  server.stop_listening();
  std::atomic<int> pauses = 0;
  client = std::make_unique<Client>(loop);
  client->use(Retry{{.attempts = 3, .random = [&pauses] {
                       ++pauses;
                       return 0.0;
                     }}});
  EXPECT_EQ(call(client->post(server.url(), "x", "text/plain")).error, ClientErrorCode::kConnect);
  EXPECT_EQ(pauses, 2);
}

}  // namespace
}  // namespace weir::http
