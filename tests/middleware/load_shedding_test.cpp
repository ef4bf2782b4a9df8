// SPDX-License-Identifier: MIT
#include <middleware/load_shedding.hpp>

#include <tests/routing/lane_fixture.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/net/memory_transport.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/routing_service.hpp>

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

/// A route whose only worker is held, so that whoever comes waits; and one that nothing holds.
class LoadSheddingTest : public LaneTest {
 protected:
  LoadShedding use(LoadSheddingOptions options = {}) {
    LoadShedding shedding(std::move(options));
    app.use(shedding);
    const Pool deep = app.pool("deep", {.workers = 1, .queue = 10'000, .max_wait = 1h});
    const auto choked = [this] {
      gate.pass();
      return std::string("done");
    };
    app.get("/").on(deep).handle(choked);
    app.post("/").on(deep).handle(choked);
    app.get("/inline").handle([] { return "inline"; });
    start();
    return shedding;
  }
  void TearDown() override {
    gate.open();
    held.clear();
    LaneTest::TearDown();
  }

  /// What came at once: "" for a request that waits for the worker.
  std::string ask(std::string_view more_fields = "") {
    auto connection = connect();
    std::string answer = connection.send(get_request("/", more_fields));
    if (answer.empty()) held.push_back(std::move(connection));
    return answer;
  }
  int refusals(int requests, std::string_view more_fields = "") {
    int refused = 0;
    for (int i = 0; i < requests; ++i) refused += ask(more_fields).starts_with("HTTP/1.1 503 ") ? 1 : 0;
    return refused;
  }
  /// One request is worked on, another waits, and that for so many intervals after the first that found it waiting.
  void choke(int intervals) {
    ask();
    wait_for_arrivals(1);
    ask();
    client->advance(10ms);
    ask();
    for (int i = 0; i < intervals; ++i) {
      client->advance(100ms);
      ask();
    }
  }

  std::vector<TestClient::Connection> held;
};

TEST_F(LoadSheddingTest, WithoutAQueueNothingIsTurnedAway) {
  const auto shedding = use();
  gate.open();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("/").status, 200);
  EXPECT_EQ(shedding.refused(), 0U);
}

TEST_F(LoadSheddingTest, ABurstIsNotTurnedAway) {
  const auto shedding = use();
  choke(0);
  client->advance(80ms);
  EXPECT_EQ(refusals(200), 0);
  EXPECT_EQ(shedding.refused(), 0U);
}

TEST_F(LoadSheddingTest, AQueueThatStandsIs) {
  const auto shedding = use();
  choke(1);
  const int refused = refusals(1000);  // of which a tenth is expected
  EXPECT_GT(refused, 40);
  EXPECT_LT(refused, 200);
  EXPECT_GE(shedding.refused(), static_cast<std::uint64_t>(refused));
  const std::string series = "\nweir_load_shedding_refused_total{route=\"/\"} " + std::to_string(shedding.refused());
  EXPECT_NE(client->metrics().find(series + "\n"), std::string::npos) << client->metrics();
}

TEST_F(LoadSheddingTest, TheLongerItStandsTheMoreAre) {
  use();
  choke(9);
  const int refused = refusals(1000);  // nine tenths
  EXPECT_GT(refused, 800);
  EXPECT_LT(refused, 960);
}

TEST_F(LoadSheddingTest, WhenItHasGoneNobodyIs) {
  use();
  choke(9);
  gate.open();
  ASSERT_TRUE(wait_for_metric("weir_pool_queue_depth{pool=\"deep\"}", 0));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("/").status, 200);
}

TEST_F(LoadSheddingTest, ThoseTurnedAwayAreToldToComeBackAtDifferentTimes) {
  use({.retry_after_min = 2s, .retry_after_max = 4s});
  choke(9);
  std::set<std::string> waits;
  for (int i = 0; i < 300; ++i) {
    const std::string answer = ask();
    if (answer.empty()) continue;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    const std::size_t at = answer.find("\r\nRetry-After: ");
    ASSERT_NE(at, std::string::npos) << answer;
    waits.insert(answer.substr(at + 15, answer.find('\r', at + 15) - at - 15));
  }
  EXPECT_EQ(waits, (std::set<std::string>{"2", "3", "4"}));
}

TEST_F(LoadSheddingTest, ContentIsNotWaitedForFirst) {
  use();
  choke(9);
  auto upload = connect();
  upload.write(post_head("/", 1) + "x");
  for (int i = 0; i < 10; ++i) {  // a route of its own, though it waits for the same worker
    client->advance(100ms);
    connect().send(post_head("/", 1));
  }
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += connect().send(post_head("/", 500'000)).starts_with("HTTP/1.1 503 ") ? 1 : 0;
  EXPECT_GT(refused, 60);
}

TEST_F(LoadSheddingTest, AnIdleRouteNeitherSuffersNorExcusesAChokedOne) {
  use();
  choke(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("/inline").status, 200);
  EXPECT_GT(refusals(100), 60);
}

TEST_F(LoadSheddingTest, WhatHasNoRouteIsA404) {
  use();
  choke(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("/none").status, 404);
}

TEST_F(LoadSheddingTest, BuiltInRoutesAreNeverTurnedAway) {
  use();
  choke(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(LoadSheddingTest, ImportantRequestsAreTurnedAwayLast) {
  use({.is_important = [](const Context& context) { return context.header("X-Important").has_value(); }});
  choke(9);
  EXPECT_EQ(refusals(200, "X-Important: 1\r\n"), 0);
  EXPECT_GT(refusals(200), 140);
  for (int i = 0; i < 9; ++i) {
    client->advance(100ms);
    ask("X-Important: 1\r\n");
  }
  const int refused = refusals(200, "X-Important: 1\r\n");
  EXPECT_GT(refused, 140);
  EXPECT_LT(refused, 200);
}

TEST_F(LoadSheddingTest, CopiesShareTheirState) {
  const auto shedding = use();
  const LoadShedding copy = shedding;
  choke(9);
  EXPECT_GT(refusals(100), 0);
  EXPECT_EQ(copy.refused(), shedding.refused());
  EXPECT_GT(copy.refused(), 0U);
}

TEST(LoadSheddingOptionsTest, MistakesAreRefused) {
  EXPECT_NO_THROW(LoadShedding({.target = 1ns, .interval = 1ns}));
  EXPECT_NO_THROW(LoadShedding({.target = 1min, .interval = 1min, .retry_after_min = 1h, .retry_after_max = 1h}));
  EXPECT_THROW(LoadShedding({.target = 0ns}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.target = 1min + 1ns}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.interval = 0ns}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.interval = std::chrono::nanoseconds::max()}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.retry_after_min = 0s}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.retry_after_min = 6s}), std::invalid_argument);
  EXPECT_THROW(LoadShedding({.retry_after_max = 1h + 1s}), std::invalid_argument);
}

// ---- a loop that is behind ----

class CountingLog final : public base::Log {
 public:
  int warnings = 0;

 protected:
  void write(base::LogLevel level, std::string_view event, std::span<const base::LogField>) noexcept override {
    if (level == base::LogLevel::kWarn && event == "load_shedding") ++warnings;
  }
};

// A loop with a manual clock is never behind it. This clock runs, and jumps when told to, which the loop's time of the
// turn does not see.
class JumpingClock final : public base::Clock {
 public:
  base::TimePoint now() const noexcept override { return std::chrono::steady_clock::now() + ahead; }
  base::WallTime wall_now() const noexcept override { return std::chrono::system_clock::now(); }
  std::chrono::nanoseconds ahead{0};
};

TEST(LoadSheddingOnALoopTest, RequestsThatWaitForOthersAreTurnedAwayWithOneWarning) {
  App app{"test"};
  JumpingClock clock;
  CountingLog log;
  http::Limits limits;
  observe::MetricsRegistry metrics;
  const LoadShedding shedding;
  app.use(shedding);
  app.get("/slow").handle([&clock] { clock.ahead += 50ms; });
  loop::Loop loop({.clock = &clock});
  exec::Dispatcher dispatcher({.handlers = {}, .pools = {}, .clock = clock, .log = log, .metrics = metrics});
  routing::Lanes lanes({app.build_routes(), dispatcher, limits, metrics});
  routing::RoutingService service({loop, lanes, limits, log, metrics});
  http::ConnectionSet connections({loop, limits, service, log, metrics});
  net::MemoryPeer peer;
  connections.adopt(peer.take_server_end());
  std::string requests;
  for (int i = 0; i < 60; ++i) requests += get_request("/slow");
  bool is_going = true;
  ASSERT_TRUE(loop.try_post([&] {
    peer.send(requests);
    is_going = false;
  }));
  loop.run_while(is_going);
  EXPECT_GT(shedding.refused(), 5U);
  EXPECT_LT(shedding.refused(), 57U);
  EXPECT_EQ(log.warnings, 1);
}

}  // namespace
}  // namespace weir::middleware
