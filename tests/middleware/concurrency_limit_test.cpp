// SPDX-License-Identifier: MIT
#include <middleware/concurrency_limit.hpp>

#include <tests/middleware/limit_fixture.hpp>
#include <tests/routing/async_recorder.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

// Answers in a handler's place.
struct Refuser {
  std::optional<Response> before(Context&) const { return problem(401); }
};

struct Thrower {
  void before(Context&) const { throw 1; }
};

/// /wait answers after a second.
class ConcurrencyLimitTest : public LimitTest {
 protected:
  /// Call add() for what comes behind the limit.
  ConcurrencyLimit use(ConcurrencyLimitOptions options) {
    ConcurrencyLimit limit(std::move(options));
    app.use(AsClient{});
    app.use(limit);
    return limit;
  }
  void serve() {
    add_routes();
    app.get("/wait").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1s);
      co_return "waited";
    });
    app.get("/large").handle([] { return std::string(500'000, 'x'); });
    app.post("/").body_limit(10).handle([](Context& context) { return std::string(context.body()); });
    start();
  }
  TestClient::Connection ask(std::string_view target, std::string_view address = "192.0.2.1:1") {
    auto connection = connect();
    connection.write(get_request(target, "X-Test-Client: " + std::string(address) + "\r\n"));
    return connection;
  }
  int status_as(std::string_view address) { return client->get("/", {{"X-Test-Client", address}}).status; }
  int status() { return client->get("/").status; }
};

// ---- the bound ----

TEST_F(ConcurrencyLimitTest, AsManyAsAllowedAreWorkedOnAndNoMore) {
  const auto limit = use({.requests = 2});
  serve();
  auto first = ask("/wait");
  EXPECT_EQ(status(), 200);
  auto second = ask("/wait");
  EXPECT_EQ(status(), 503);
  EXPECT_EQ(limit.in_flight(), 2U);
  EXPECT_EQ(limit.refused(), 1U);
  EXPECT_NE(client->metrics().find("\nweir_concurrency_limit_refused_total 1\n"), std::string::npos);
}

TEST_F(ConcurrencyLimitTest, ARefusalSaysWhenToComeBack) {
  use({.requests = 1, .retry_after = 7s});
  serve();
  auto first = ask("/wait");
  client->get("/").expect_status(503).expect_header("Retry-After", "7").expect_json_at("/status", "503");
}

TEST_F(ConcurrencyLimitTest, ARefusalNeitherTakesNorGivesAPlace) {
  const auto limit = use({.requests = 1});
  serve();
  auto first = ask("/wait");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(), 503);
  EXPECT_EQ(limit.in_flight(), 1U);
  client->advance(1s);
  EXPECT_EQ(first.read_answer().body, "waited");
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, ARefusalComesBeforeTheContent) {
  use({.requests = 1});
  serve();
  auto first = ask("/wait");
  EXPECT_TRUE(connect().send(post_head("/", 9)).starts_with("HTTP/1.1 503 "));
}

TEST_F(ConcurrencyLimitTest, ItsScopeIsWhereItIsUsed) {
  app.get("/one").use(ConcurrencyLimit{{.requests = 1}}).handle([](Context& context) -> Task<void> {
    co_await context.sleep(1s);
  });
  serve();
  auto first = ask("/one");
  EXPECT_EQ(client->get("/one").status, 503);
  EXPECT_EQ(status(), 200);
}

TEST_F(ConcurrencyLimitTest, CopiesShareTheirPlaces) {
  const ConcurrencyLimit limit({.requests = 1});
  app.get("/a").use(limit).handle([](Context& context) -> Task<void> { co_await context.sleep(1s); });
  app.get("/b").use(limit).handle([] { return "b"; });
  serve();
  auto first = ask("/a");
  EXPECT_EQ(client->get("/b").status, 503);
}

// ---- exactly once ----

TEST_F(ConcurrencyLimitTest, AnAnsweredRequestGivesItsPlaceBack) {
  const auto limit = use({.requests = 1});
  serve();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 200);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, FrameworkAnswersGiveItBack) {
  const auto limit = use({.requests = 1});
  serve();
  EXPECT_EQ(client->get("/none").status, 404);
  EXPECT_EQ(client->put("/", "x").status, 405);
  EXPECT_EQ(client->post("/", std::string(11, 'x')).status, 413);
  EXPECT_EQ(limit.in_flight(), 0U);
  EXPECT_EQ(status(), 200);
}

TEST_F(ConcurrencyLimitTest, AnExceptionGivesItBack) {
  const auto limit = use({.requests = 1});
  serve();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client->get("/throw").status, 500);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AnAbortedRequestGivesItBack) {
  const auto limit = use({.requests = 1});
  serve();
  {
    auto first = ask("/wait");
    EXPECT_EQ(limit.in_flight(), 1U);
    first.reset();
  }
  EXPECT_TRUE(client->run_until([&] { return limit.in_flight() == 0; }));
  client->advance(2s);
  EXPECT_EQ(limit.in_flight(), 0U);
  EXPECT_EQ(status(), 200);
}

TEST_F(ConcurrencyLimitTest, AnUploadThatBreaksOffGivesItBack) {
  const auto limit = use({.requests = 1});
  serve();
  auto upload = connect();
  upload.write(post_head("/", 9) + "half");
  EXPECT_EQ(limit.in_flight(), 1U);
  upload.reset();
  EXPECT_TRUE(client->run_until([&] { return limit.in_flight() == 0; }));
}

TEST_F(ConcurrencyLimitTest, ALateRequestGivesItBackOnce) {
  app.settings().limits.handler_timeout = 500ms;
  const auto limit = use({.requests = 2});
  serve();
  auto first = ask("/wait");
  client->advance(600ms);
  EXPECT_EQ(first.read_answer().status, 504);
  EXPECT_EQ(limit.in_flight(), 0U);
  client->advance(1s);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, ASlowReaderKeepsItsPlace) {
  const auto limit = use({.requests = 1});
  serve();
  auto reader = connect();
  reader.set_receive_window(1000);
  reader.write(get_request("/large"));
  EXPECT_EQ(status(), 503);
  reader.set_receive_window(SIZE_MAX);
  EXPECT_EQ(reader.read_answer().body.size(), 500'000U);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, PipelinedRequestsEachGiveTheirsBack) {
  const auto limit = use({.requests = 64});
  serve();
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += get_request(i % 2 == 0 ? "/" : "/none");
  auto connection = connect();
  connection.write(requests);
  for (int i = 0; i < 10; ++i) connection.read_answer();
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AMiddlewareBehindItThatAnswersGivesItBack) {
  const auto limit = use({.requests = 1});
  app.use(Refuser{});
  serve();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 401);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AMiddlewareBehindItThatThrowsGivesItBack) {
  const auto limit = use({.requests = 1});
  app.use(Thrower{});
  serve();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 500);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AMiddlewareBeforeItThatAnswersTakesNoPlace) {
  app.use(Refuser{});
  const auto limit = use({.requests = 1});
  serve();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 401);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AMiddlewareThatWaitsBehindItHoldsThePlace) {
  Events events;
  const auto limit = use({.requests = 1});
  app.use(AsyncRecorder(events, "slow", {.delay = 1s}));
  serve();
  auto first = ask("/");
  EXPECT_EQ(status(), 503);
  client->advance(1s);
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AnAbortWhileAMiddlewareWaitsGivesItBack) {
  Events events;
  const auto limit = use({.requests = 1});
  app.use(AsyncRecorder(events, "slow", {.delay = 1h}));
  serve();
  auto first = ask("/");
  EXPECT_EQ(limit.in_flight(), 1U);
  first.reset();
  EXPECT_TRUE(client->run_until([&] { return limit.in_flight() == 0; }));
}

// ---- by key ----

TEST_F(ConcurrencyLimitTest, EachClientHasAsMany) {
  const auto limit = use({.requests = 1, .key = LimitKey::client()});
  serve();
  auto first = ask("/wait", "192.0.2.1:1");
  EXPECT_EQ(status_as("192.0.2.1:2"), 503);
  EXPECT_EQ(status_as("192.0.2.2:1"), 200);
  EXPECT_EQ(limit.in_flight(), 1U);
  client->advance(1s);
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(status_as("192.0.2.1:2"), 200);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST_F(ConcurrencyLimitTest, AnAbortOfAClientFreesItsPlaceOnly) {
  const auto limit = use({.requests = 1, .key = LimitKey::client()});
  serve();
  auto first = ask("/wait", "192.0.2.1:1");
  auto other = ask("/wait", "192.0.2.2:1");
  first.reset();
  EXPECT_TRUE(client->run_until([&] { return limit.in_flight() == 1; }));
  EXPECT_EQ(status_as("192.0.2.1:1"), 200);
  EXPECT_EQ(status_as("192.0.2.2:1"), 503);
}

TEST_F(ConcurrencyLimitTest, ARequestWithoutAKeyIsNotCounted) {
  const auto nobody = [](const Context&) { return std::optional<std::string>(); };
  const auto limit = use({.requests = 1, .key = LimitKey::function(nobody)});
  serve();
  auto first = ask("/wait");
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(limit.in_flight(), 0U);
}

TEST(ConcurrencyLimitOptionsTest, MistakesAreRefused) {
  EXPECT_NO_THROW(ConcurrencyLimit({.requests = UINT64_MAX}));
  EXPECT_THROW(ConcurrencyLimit({}), std::invalid_argument);
  EXPECT_THROW(ConcurrencyLimit({.requests = 1, .retry_after = 0s}), std::invalid_argument);
  EXPECT_THROW(ConcurrencyLimit({.requests = 1, .max_keys = 0}), std::invalid_argument);
  EXPECT_THROW(ConcurrencyLimit({.requests = 1, .max_keys = SIZE_MAX}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
