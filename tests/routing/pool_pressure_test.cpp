// SPDX-License-Identifier: MIT
// Pools that are full, and work on them that nobody waits for any more.
#include <tests/routing/lane_fixture.hpp>
#include <tests/routing/recorder.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PoolPressureTest : public LaneTest {
 protected:
  /// A route whose handler waits for the gate.
  void add_gated(std::string_view pattern) {
    app.get(pattern).on(cpu).handle([this] {
      gate.pass();
      ++runs;
      return std::string("done");
    });
  }
  /// As many connections as it takes to have one handler running and `waiting` in the queue.
  void fill(std::string_view target, std::size_t waiting) {
    held.push_back(send(get_request(target)));
    wait_for_arrivals(1);
    for (std::size_t i = 0; i < waiting; ++i) held.push_back(send(get_request(target)));
  }

  std::atomic<int> runs{0};
  std::vector<TestClient::Connection> held;

  void TearDown() override {
    gate.open();
    held.clear();
    LaneTest::TearDown();
  }
};

// ---- backpressure ----

TEST_F(PoolPressureTest, AFullQueueAnswers503AtOnce) {
  add_gated("/");
  start();
  fill("/", 2);
  expect_busy(get("/"));
  EXPECT_EQ(shed("queue-full"), 1);
  gate.open();
  for (auto& connection : held) EXPECT_EQ(connection.read_answer().body, "done");
  EXPECT_EQ(get("/").body, "done");
  EXPECT_EQ(runs, 4);
}

TEST_F(PoolPressureTest, AFullQueueIsToldBeforeTheContentIsRead) {
  add_gated("/");
  app.post("/").on(cpu).handle([](Context& context) { return std::string(context.body()); });
  start();
  fill("/", 1);  // with two routes each may have one waiting
  held.push_back(send(post_head("/", 1) + "x"));
  auto connection = connect();
  const std::string answer = connection.send(post_head("/", 500'000));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: "));
}

TEST_F(PoolPressureTest, AnAnswerBeforeTheContentLeavesTheConnectionInOrder) {
  add_gated("/");
  app.post("/").on(cpu).handle([](Context& context) { return std::string(context.body()); });
  start();
  fill("/", 1);
  held.push_back(send(post_head("/", 1) + "x"));
  auto connection = connect();
  connection.write(post_head("/", 500'000));
  EXPECT_EQ(connection.read_answer().status, 503);
  connection.write(std::string(500'000, 'x'));
  gate.open();
  ASSERT_TRUE(wait_for_metric("weir_pool_queue_depth{pool=\"cpu\"}", 0));
  connection.write(post_head("/", 4) + "next");
  EXPECT_EQ(connection.read_answer().body, "next");
}

TEST_F(PoolPressureTest, AClientThatAsksBeforeItSendsIsNotToldToGoOn) {
  add_gated("/");
  app.post("/").on(cpu).handle([](Context& context) { return std::string(context.body()); });
  start();
  {
    auto connection = connect();
    EXPECT_THAT(connection.send(post_head("/", 4, "Expect: 100-continue\r\n")), StartsWith("HTTP/1.1 100 "));
    connection.write("body");
    EXPECT_EQ(connection.read_answer().body, "body");
  }
  fill("/", 1);
  held.push_back(send(post_head("/", 1) + "x"));
  auto connection = connect();
  const std::string answer = connection.send(post_head("/", 4, "Expect: 100-continue\r\n"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(PoolPressureTest, ThePoolIsAskedAgainWhenTheContentIsComplete) {
  add_gated("/");
  app.post("/").on(cpu).handle([this] { ++runs; });
  start();
  auto late = connect();
  EXPECT_EQ(late.send(post_head("/", 4)), "");  // there is room now
  fill("/", 1);
  held.push_back(send(post_head("/", 1) + "x"));
  late.write("body");
  const TestResponse response = late.read_answer();
  expect_busy(response);
  EXPECT_EQ(response.header("Connection"), std::nullopt);
  gate.open();
  for (auto& connection : held) EXPECT_LT(connection.read_answer().status, 300);
  late.write(post_head("/", 4) + "body");
  EXPECT_EQ(late.read_answer().status, 204);
}

TEST_F(PoolPressureTest, AFloodingRouteLeavesHalfOfTheQueueToOthers) {
  const Pool shared = app.pool("shared", {.workers = 1, .queue = 4});
  app.get("/flood").on(shared).handle([this] {
    gate.pass();
    return std::string("flood");
  });
  app.get("/other").on(shared).handle([] { return std::string("other"); });
  start();
  fill("/flood", 2);
  expect_busy(get("/flood"));
  EXPECT_EQ(metric(R"(weir_pool_shed_total{pool="shared",reason="share"})"), 1);
  auto other = send(get_request("/other"));
  auto another = send(get_request("/other"));
  expect_busy(get("/other"));
  gate.open();
  EXPECT_EQ(other.read_answer().body, "other");
  EXPECT_EQ(another.read_answer().body, "other");
}

TEST_F(PoolPressureTest, NothingIsTakenWhileTheOldestHasWaitedTooLong) {
  const Pool impatient = app.pool("impatient", {.workers = 1, .queue = 100, .max_wait = 1s});
  app.get("/").on(impatient).handle([this] {
    gate.pass();
    return std::string("done");
  });
  start();
  fill("/", 1);
  client->advance(900ms);
  held.push_back(send(get_request("/")));
  client->advance(200ms);
  expect_busy(get("/"));
  EXPECT_EQ(metric(R"(weir_pool_shed_total{pool="impatient",reason="max-wait"})"), 1);
  gate.open();
  for (auto& connection : held) EXPECT_EQ(connection.read_answer().body, "done");
  EXPECT_EQ(get("/").body, "done");
}

// ---- clients that leave ----

TEST_F(PoolPressureTest, WorkWhoseClientHasLeftIsNotBegun) {
  add_gated("/");
  start();
  fill("/", 1);
  held.back().reset();
  held.pop_back();
  EXPECT_EQ(dropped("removed"), 1);
  EXPECT_EQ(metric("weir_pool_queue_depth{pool=\"cpu\"}"), 0);
  gate.open();
  EXPECT_EQ(held.front().read_answer().body, "done");
  EXPECT_EQ(get("/").body, "done");
  EXPECT_EQ(runs, 2);
}

TEST_F(PoolPressureTest, AResultThatComesTooLateIsDroppedAndCounted) {
  Events events;
  app.use(Recorder(events, "m").on_done([](Context&, const Outcome& outcome) {
    EXPECT_EQ(outcome.reason, "disconnected");
    EXPECT_FALSE(outcome.is_answered);
  }));
  add_gated("/");
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  connection.reset();
  EXPECT_THAT(events, ElementsAre("m.before", "m.done"));
  EXPECT_EQ(metric("weir_orphaned_requests"), 1);
  gate.open();
  EXPECT_TRUE(wait_for_metric("weir_late_results_total", 1));
  EXPECT_EQ(metric("weir_orphaned_requests"), 0);
  EXPECT_EQ(runs, 1);
  EXPECT_THAT(events, ElementsAre("m.before", "m.done"));
}

TEST_F(PoolPressureTest, ARunningHandlerSeesThatItsClientLeft) {
  std::atomic<bool> has_token_fired{false};
  app.get("/").on(cpu).handle([&](Context& context) {
    const std::stop_token token = context.stop_token();
    const std::stop_callback on_stop(token, [&] { has_token_fired = true; });
    gate.pass();
    while (!token.stop_requested()) std::this_thread::yield();
    EXPECT_TRUE(context.is_stop_requested());
    ++runs;
  });
  gate.open();
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  EXPECT_FALSE(has_token_fired);
  connection.reset();
  EXPECT_TRUE(client->run_until([&] { return runs == 1; }));
  EXPECT_TRUE(has_token_fired);
  EXPECT_TRUE(wait_for_metric("weir_late_results_total", 1));
}

TEST_F(PoolPressureTest, TheNextRequestOfAReusedExchangeIsNotStopped) {
  app.get("/gated").on(cpu).handle([this](Context& context) {
    gate.pass();
    while (!context.is_stop_requested()) std::this_thread::yield();
  });
  app.get("/").on(cpu).handle([](Context& context) {
    return context.is_stop_requested() || context.stop_token().stop_requested() ? std::string("stopped")
                                                                                : std::string("fine");
  });
  gate.open();
  start();
  for (int i = 1; i <= 3; ++i) {
    auto connection = send(get_request("/gated"));
    wait_for_arrivals(i);
    connection.reset();
    ASSERT_TRUE(wait_for_metric("weir_late_results_total", i));
    EXPECT_EQ(get("/").body, "fine");
  }
}

// ---- deadlines ----

TEST_F(PoolPressureTest, ALateHandlerIs504AtItsDeadlineAndItsConnectionGoesOn) {
  Events events;
  app.use(Recorder(events, "m"));
  app.get("/").on(cpu).timeout(2s).handle([this] {
    gate.pass();
    ++runs;
    return std::string("late");
  });
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  client->advance(1900ms);
  EXPECT_EQ(connection.receive(), "");
  client->advance(200ms);
  const TestResponse response = connection.read_answer();
  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.header("Connection"), std::nullopt);
  EXPECT_EQ(runs, 0);
  connection.write(get_request("/quick"));
  EXPECT_EQ(connection.read_answer().body, "quick");
  gate.open();
  EXPECT_TRUE(wait_for_metric("weir_late_results_total", 1));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(connection.receive(), "");
  EXPECT_THAT(events, ElementsAre("m.before", "m.after 504", "m.done", "m.before", "m.after 200", "m.done"));
}

TEST_F(PoolPressureTest, ADeadlineFiresTheStopTokenOfARunningHandler) {
  app.get("/").on(cpu).timeout(2s).handle([this](Context& context) {
    gate.pass();
    while (!context.is_stop_requested()) std::this_thread::yield();
    ++runs;
  });
  gate.open();
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  EXPECT_EQ(runs, 0);
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_TRUE(client->run_until([&] { return runs == 1; }));
}

TEST_F(PoolPressureTest, WorkThatIsLateBeforeItBeginsIsNotBegun) {
  add_gated("/gated");
  app.get("/").on(cpu).timeout(2s).handle([this] { ++runs; });
  start();
  fill("/gated", 0);
  auto connection = send(get_request("/"));
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_EQ(dropped("removed") + dropped("deadline"), 1);
  gate.open();
  EXPECT_EQ(held.front().read_answer().body, "done");
  EXPECT_EQ(get("/").status, 204);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(late_results(), 0);
}

TEST_F(PoolPressureTest, TheDeadlineIsTheAppsWhereARouteHasNone) {
  app.settings().limits.handler_timeout = 5s;
  add_gated("/");
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  client->advance(5100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
}

TEST_F(PoolPressureTest, ARequestBehindALateOneIsAnswered) {
  app.get("/").on(cpu).timeout(2s).handle([this] { gate.pass(); });
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = send(get_request("/") + get_request("/quick"));
  wait_for_arrivals(1);
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_EQ(connection.read_answer().body, "quick");
  connection.write(get_request("/quick"));
  EXPECT_EQ(connection.read_answer().body, "quick");
}

TEST_F(PoolPressureTest, AHalfClosedClientOfALateRequestIsToldAndClosed) {
  app.get("/").on(cpu).timeout(2s).handle([this] { gate.pass(); });
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  connection.end_output();
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_TRUE(connection.is_closed());
}

// ---- coroutines on a pool ----

TEST_F(PoolPressureTest, ACoroutineIsDrivenThereToItsEnd) {
  const Pool other = app.pool("other", {.workers = 1});
  app.get("/").on(cpu).handle([this, other](Context& context) -> Task<std::string> {
    std::string names = thread_name();
    co_await context.sleep(50ms);
    names += " " + thread_name();
    names += " " + co_await context.offload(cpu, thread_name);
    names += " " + co_await context.offload(other, thread_name);
    co_return names + " " + thread_name();
  });
  start();
  auto connection = send(get_request("/"));
  EXPECT_EQ(connection.receive(), "");
  ASSERT_TRUE(client->run_until([this] {
    client->advance(10ms);
    return metric(R"(weir_pool_run_seconds_count{pool="cpu"})") == 1;
  }));
  EXPECT_EQ(connection.read_answer().body, "weir-cpu-0 weir-cpu-0 weir-cpu-0 weir-other-0 weir-cpu-0");
}

TEST_F(PoolPressureTest, ACoroutineThereIsStoppedByADisconnect) {
  int ended = 0;
  app.get("/").on(cpu).handle([&](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    gate.pass();
    co_await context.sleep(1h);
    ++runs;
  });
  gate.open();
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  connection.reset();
  EXPECT_TRUE(wait_for_metric("weir_orphaned_requests", 0));
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(runs, 0);
}

TEST_F(PoolPressureTest, ACoroutineThereIsStoppedByItsDeadline) {
  int ended = 0;
  app.get("/").on(cpu).timeout(2s).handle([&](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    gate.pass();
    co_await context.sleep(1h);
    ++runs;
  });
  gate.open();
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_TRUE(wait_for_metric("weir_orphaned_requests", 0));
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace weir
