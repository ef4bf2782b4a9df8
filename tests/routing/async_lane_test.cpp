// SPDX-License-Identifier: MIT
// Routes whose handlers are coroutines on the loop.
#include <tests/routing/async_fixture.hpp>
#include <tests/routing/recorder.hpp>

#include <gmock/gmock.h>

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

using AsyncLaneTest = AsyncTest;

std::string join(std::unique_ptr<std::string> a, std::string b) {
  return *a + b + " on " + thread_name();
}

Task<void> work_on(int& begun, int& finished, int& ended) {
  const EndOfFrame end(ended);
  ++begun;
  co_await weir::sleep(10ms);
  ++finished;
  co_await weir::sleep(1h);
}

// ---- results ----

TEST_F(AsyncLaneTest, AHandlerIsSuspendedUntilItsTimeHasCome) {
  add_sleeping("/", 50ms);
  start();
  auto connection = connect();
  EXPECT_EQ(connection.send(get_request("/")), "");
  EXPECT_EQ(in_flight("/"), 1);
  client->advance(49ms);
  EXPECT_EQ(connection.receive(), "");
  client->advance(2ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_EQ(in_flight("/"), 0);
  EXPECT_EQ(ended, 1);
}

TEST_F(AsyncLaneTest, OthersRunMeanwhile) {
  add_sleeping("/", 50ms);
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto first = send(get_request("/"));
  auto second = send(get_request("/"));
  EXPECT_EQ(get("/quick").body, "quick");
  EXPECT_EQ(begun, 2);
  client->advance(60ms);
  EXPECT_EQ(first.read_answer().body, "slept");
  EXPECT_EQ(second.read_answer().body, "slept");
}

TEST_F(AsyncLaneTest, AnyResultBecomesAnAnswerAtOnceOrLater) {
  for (const auto delay : {0ms, 10ms}) {
    const std::string prefix = delay == 0ms ? "/now" : "/later";
    auto group = app.group(prefix);
    group.get("/text").handle([delay](Context& context) -> Task<std::string> {
      if (delay > 0ms) co_await context.sleep(delay);
      co_return std::string("text");
    });
    group.get("/object").handle([delay](Context& context) -> Task<JsonText> {
      if (delay > 0ms) co_await context.sleep(delay);
      co_return object({{"a", 1}});
    });
    group.get("/void").handle([delay](Context& context) -> Task<void> {
      if (delay > 0ms) co_await context.sleep(delay);
    });
    group.get("/none").handle([delay](Context& context) -> Task<std::optional<std::string>> {
      if (delay > 0ms) co_await context.sleep(delay);
      co_return std::nullopt;
    });
    group.get("/response").handle([delay](Context& context) -> Task<Response> {
      if (delay > 0ms) co_await context.sleep(delay);
      co_return Response(418);
    });
  }
  start();
  for (const std::string prefix : {"/now", "/later"}) {
    const auto answer_of = [&](const std::string& target) {
      auto connection = send(get_request(prefix + target));
      client->advance(20ms);
      return connection.read_answer();
    };
    EXPECT_EQ(answer_of("/text").body, "text");
    EXPECT_EQ(answer_of("/object").body, R"({"a":1})");
    EXPECT_EQ(answer_of("/void").status, 204);
    EXPECT_EQ(answer_of("/none").status, 404);
    EXPECT_EQ(answer_of("/response").status, 418);
  }
}

TEST_F(AsyncLaneTest, AnExceptionIsTheAnswerAtOnceOrLater) {
  struct Mapped : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  app.map_error<Mapped>([](const Mapped& error) { return problem(409, error.what()); });
  for (const auto delay : {0ms, 10ms}) {
    auto group = app.group(delay == 0ms ? "/now" : "/later");
    const auto add = [&](std::string_view pattern, std::function<void()> fail) {
      group.get(pattern).handle([delay, fail](Context& context) -> Task<std::string> {
        if (delay > 0ms) co_await context.sleep(delay);
        fail();
        co_return std::string("not reached");
      });
    };
    add("/http", [] { throw HttpError(404, "no such order"); });
    add("/std", [] { throw std::runtime_error("secret"); });
    add("/int", [] { throw 42; });
    add("/mapped", [] { throw Mapped("taken"); });
    add("/saturated", [] { throw Saturated(7s); });
    add("/timed-out", [] { throw TimedOut(); });
  }
  start();
  for (const std::string prefix : {"/now", "/later"}) {
    const auto answer_of = [&](const std::string& target) {
      auto connection = send(get_request(prefix + target));
      client->advance(20ms);
      return connection.read_answer();
    };
    EXPECT_EQ(answer_of("/http").status, 404);
    EXPECT_THAT(answer_of("/http").body, HasSubstr("no such order"));
    EXPECT_EQ(answer_of("/std").status, 500);
    EXPECT_THAT(answer_of("/std").body, Not(HasSubstr("secret")));
    EXPECT_EQ(answer_of("/int").status, 500);
    EXPECT_EQ(answer_of("/mapped").status, 409);
    EXPECT_EQ(answer_of("/timed-out").status, 504);
    const TestResponse saturated = answer_of("/saturated");
    expect_busy(saturated);
    EXPECT_EQ(saturated.header("Retry-After"), "7");
  }
}

TEST_F(AsyncLaneTest, TasksNest) {
  app.get("/").handle([](Context& context) -> Task<std::string> {
    const int sum = co_await add_three(&context, 1, 2, 3);
    co_return std::to_string(sum);
  });
  start();
  auto connection = send(get_request("/"));
  client->advance(15ms);
  client->advance(15ms);
  EXPECT_EQ(connection.read_answer().body, "6");
}

TEST_F(AsyncLaneTest, TheRequestIsThereAfterTheWait) {
  app.post("/{id}/{rest...}").handle([](Context& context) -> Task<JsonText> {
    const std::string_view id = context.path("id");
    const std::string_view body = context.body();
    co_await context.sleep(10ms);
    co_return object({{"id", id},
                      {"rest", context.path("rest")},
                      {"q", context.query("q").value_or("none")},
                      {"field", context.header("X-Field").value_or("none")},
                      {"client", context.client()},
                      {"body", body}});
  });
  app.get("/other").handle([] { return "other"; });
  start();
  const std::string request = post_head("/a%20b/c/d?q=1%2B1", 7, "X-Field: value\r\n") + "content";
  const std::string expected =
      R"({"id":"a b","rest":"c/d","q":"1+1","field":"value","client":"memory","body":"content"})";
  auto in_pieces = connect();
  for (const char byte : request) in_pieces.write(std::string_view(&byte, 1));
  auto at_once = send(request);
  get("/other");  // uses the memory that requests are read into
  client->advance(20ms);
  EXPECT_EQ(in_pieces.read_answer().body, expected);
  EXPECT_EQ(at_once.read_answer().body, expected);
}

TEST_F(AsyncLaneTest, ALargeContentIsTheHandlersToRead) {
  app.post("/").handle([](Context& context) -> Task<std::string> {
    co_await context.sleep(10ms);
    co_return std::to_string(context.body().size());
  });
  start();
  auto connection = send(post_head("/", 300'000) + std::string(300'000, 'x'));
  client->advance(20ms);
  EXPECT_EQ(connection.read_answer().body, "300000");
  auto too_large = send(post_head("/", 2 << 20));
  EXPECT_EQ(too_large.read_answer().status, 413);
}

TEST_F(AsyncLaneTest, HeadHasNoContent) {
  add_sleeping("/", 10ms);
  start();
  auto connection = send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  client->advance(20ms);
  const TestResponse response = connection.read_answer(true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), "5");
  connection.write(get_request("/"));
  client->advance(20ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
}

TEST_F(AsyncLaneTest, HooksRunOnceAroundIt) {
  Events events;
  app.use(Recorder(events, "m").on_after([](Response& response) { response.set_header("X-After", "yes"); }));
  add_sleeping("/", 10ms);
  start();
  auto connection = send(get_request("/"));
  EXPECT_THAT(events, ElementsAre("m.before"));
  client->advance(20ms);
  EXPECT_EQ(connection.read_answer().header("X-After"), "yes");
  EXPECT_THAT(events, ElementsAre("m.before", "m.after 200", "m.done"));
}

// ---- offload ----

TEST_F(AsyncLaneTest, AStepRunsOnAWorkerAndItsHandlerGoesOnOnTheLoop) {
  app.get("/").handle([this](Context& context) -> Task<std::string> {
    const std::string before = thread_name();
    const std::string there = co_await context.offload(cpu, thread_name);
    co_return there + (before == thread_name() ? " and back" : " and away");
  });
  start();
  EXPECT_EQ(get("/").body, "weir-cpu-0 and back");
}

TEST_F(AsyncLaneTest, AStepTakesWhatCanOnlyBeMoved) {
  app.get("/").handle([this](Context& context) -> Task<std::string> {
    auto text = std::make_unique<std::string>("moved");
    co_return co_await context.offload(cpu, join, std::move(text), std::string("!"));
  });
  start();
  EXPECT_EQ(get("/").body, "moved! on weir-cpu-0");
}

TEST_F(AsyncLaneTest, AStepMayReturnNothing) {
  app.get("/").handle([this](Context& context) -> Task<std::string> {
    int value = 0;
    co_await context.offload(
        cpu, [](int* there) { *there = 42; }, &value);
    co_return std::to_string(value);
  });
  start();
  EXPECT_EQ(get("/").body, "42");
}

TEST_F(AsyncLaneTest, WhatAStepThrowsIsThrownToItsHandler) {
  app.get("/caught").handle([this](Context& context) -> Task<std::string> {
    std::string what;
    try {
      co_await context.offload(cpu, [] { throw std::runtime_error("from the worker"); });
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    co_return what;
  });
  app.get("/through").handle([this](Context& context) -> Task<void> {
    co_await context.offload(cpu, [] { throw HttpError(422, "from the worker"); });
  });
  start();
  EXPECT_EQ(get("/caught").body, "from the worker");
  EXPECT_EQ(get("/through").status, 422);
  EXPECT_EQ(get("/caught").body, "from the worker");
}

TEST_F(AsyncLaneTest, AStepThatFindsNoRoomIs503UnlessCaught) {
  const Pool small = app.pool("small", {.workers = 1, .queue = 1});
  const auto pass_gate = [this] { gate.pass(); };
  app.get("/hold").handle(
      [small, pass_gate](Context& context) -> Task<void> { co_await context.offload(small, pass_gate); });
  app.get("/caught").handle([small](Context& context) -> Task<std::string> {
    std::string answer;
    try {
      answer = co_await context.offload(small, thread_name);
    } catch (const Saturated& saturated) {
      answer = "busy";
    }
    co_return answer;
  });
  start();
  auto running = send(get_request("/hold"));
  wait_for_arrivals(1);
  auto waiting = send(get_request("/hold"));
  expect_busy(get("/hold"));
  EXPECT_EQ(get("/caught").body, "busy");
  gate.open();
  EXPECT_EQ(running.read_answer().status, 204);
  EXPECT_EQ(waiting.read_answer().status, 204);
  EXPECT_EQ(get("/caught").body, "weir-small-0");
}

TEST_F(AsyncLaneTest, AStepWhoseClientLeftIsNotBegun) {
  const auto pass_gate = [this] { gate.pass(); };
  app.get("/").handle([this, pass_gate](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    co_await context.offload(cpu, pass_gate);
    ++finished;
  });
  start();
  auto running = send(get_request("/"));
  wait_for_arrivals(1);
  {
    auto waiting = send(get_request("/"));
    waiting.reset();
  }
  EXPECT_TRUE(client->run_until([this] { return ended == 1; }));
  EXPECT_EQ(dropped("removed"), 1);
  gate.open();
  EXPECT_EQ(running.read_answer().status, 204);
  EXPECT_EQ(gate.arrived(), 1);
  EXPECT_EQ(finished, 1);
}

TEST_F(AsyncLaneTest, ARunningStepIsWaitedForWhenItsClientLeft) {
  const auto pass_gate = [this] { gate.pass(); };
  app.get("/").handle([this, pass_gate](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    co_await context.offload(cpu, pass_gate);
    ++finished;
  });
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  connection.reset();
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(metric("weir_orphaned_requests"), 1);
  EXPECT_EQ(in_flight("/"), 1);
  gate.open();
  EXPECT_TRUE(client->run_until([this] { return ended == 1; }));
  EXPECT_EQ(finished, 0);
  EXPECT_TRUE(wait_for_metric("weir_orphaned_requests", 0));
  EXPECT_EQ(in_flight("/"), 0);
}

TEST_F(AsyncLaneTest, WorkGoesOnBehindItsAnswer) {
  app.get("/").handle([this](Context&) -> Task<std::string> {
    const bool is_taken = app.background(work_on(begun, finished, ended));
    co_return is_taken ? "taken" : "refused";
  });
  start();
  EXPECT_EQ(client->get("/").body, "taken");
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(finished, 0);
  client->advance(20ms);
  EXPECT_EQ(finished, 1);
  client.reset();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace weir
