// SPDX-License-Identifier: MIT
// The same handlers under each execution pattern: the answers are the same, the threads are not.
#include <tests/app/http_call.hpp>
#include <tests/routing/lane_fixture.hpp>
#include <weir/app/internal/route_listing.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class ExecutionPatternTest : public testing::TestWithParam<Pattern> {
 protected:
  ExecutionPatternTest() {
    Settings& settings = app.settings();
    settings.port = 0;
    settings.has_admin = false;
    settings.log_level = "off";
    settings.drain_idle = 0ms;
    settings.limits.linger_timeout = 50ms;  // the clients here do not close first
    settings.pattern = GetParam();
    settings.handlers.workers = 2;
    add_routes();
  }

  void add_routes() {
    app.get("/inline").handle([] { return thread_name(); });
    app.get("/pool").on(cpu).handle([] { return thread_name(); });
    app.get("/async").handle([this](Context& context) -> Task<std::string> {
      const auto before = std::this_thread::get_id();
      co_await context.sleep(5ms);
      const std::string there = co_await context.offload(cpu, thread_name);
      co_return there + (before == std::this_thread::get_id() ? " and back" : " and away");
    });
    app.get("/sum").handle([this](Context& context) -> Task<std::string> {
      auto number = std::make_unique<int>(40);
      const int sum = co_await context.offload(cpu, add, std::move(number), 2);
      co_return std::to_string(sum);
    });
    app.post("/echo").on(cpu).handle([](Context& context) { return std::string(context.body()); });
    app.post("/async-echo").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1ms);
      co_return std::string(context.body());
    });
    app.get("/none").on(cpu).handle([] { return std::optional<std::string>(); });
    app.get("/http-error").on(cpu).handle([]() -> std::string { throw HttpError(409, "taken"); });
    app.get("/throws").handle([]() -> std::string { throw std::runtime_error("secret"); });
    app.get("/async-throws").handle([this](Context& context) -> Task<void> {
      co_await context.offload(cpu, [] { throw HttpError(422, "from a step"); });
    });
    app.get("/late").timeout(20ms).handle([] {
      std::this_thread::sleep_for(60ms);
      return std::string("late");
    });
    app.get("/late-pool").on(cpu).timeout(20ms).handle([] {
      std::this_thread::sleep_for(60ms);
      return std::string("late");
    });
    app.get("/late-async").timeout(20ms).handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(10s);
      co_return std::string("late");
    });
  }

  static int add(std::unique_ptr<int> a, int b) { return *a + b; }

  App app{"test"};
  Pool cpu = app.pool("cpu", {.workers = 1, .queue = 16});
};

int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

TEST_P(ExecutionPatternTest, TheAnswersAreTheSame) {
  app.start();
  HttpCall call(app.port());
  EXPECT_EQ(status_of(call.get("/inline")), 200);
  EXPECT_THAT(call.get("/async"), HasSubstr(" and back"));
  EXPECT_THAT(call.get("/sum"), HasSubstr("\r\n\r\n42"));
  for (const char* const target : {"/echo", "/async-echo"}) {
    call.send(post_head(target, 7) + "content");
    EXPECT_THAT(call.read_answer(), HasSubstr("\r\n\r\ncontent"));
  }
  EXPECT_EQ(status_of(call.get("/none")), 404);
  EXPECT_EQ(status_of(call.get("/http-error")), 409);
  EXPECT_EQ(status_of(call.get("/throws")), 500);
  EXPECT_EQ(status_of(call.get("/async-throws")), 422);
  EXPECT_EQ(status_of(call.get("/nowhere")), 404);
  EXPECT_EQ(status_of(call.get("/healthz")), 200);
  EXPECT_TRUE(app.stop());
}

TEST_P(ExecutionPatternTest, LateHandlersAre504) {
  app.start();
  HttpCall call(app.port());
  for (const char* const target : {"/late", "/late-pool", "/late-async"}) {
    EXPECT_EQ(status_of(call.get(target)), 504) << target;
  }
  EXPECT_EQ(status_of(call.get("/inline")), 200);
  EXPECT_TRUE(app.stop());
}

TEST_P(ExecutionPatternTest, HandlersRunWhereThePatternSays) {
  app.start();
  HttpCall call(app.port());
  const std::string inline_thread = call.get("/inline");
  const std::string pool_thread = call.get("/pool");
  const std::string step_thread = call.get("/async");
  switch (GetParam()) {
    case Pattern::kSingleThreaded:
      EXPECT_THAT(inline_thread, HasSubstr("weir-loop-0"));
      EXPECT_THAT(pool_thread, HasSubstr("weir-loop-0"));
      EXPECT_THAT(step_thread, HasSubstr("weir-loop-0 and back"));
      break;
    case Pattern::kSingleWorker:
      EXPECT_THAT(inline_thread, HasSubstr("weir-handlers-0"));
      EXPECT_THAT(pool_thread, HasSubstr("weir-handlers-0"));
      EXPECT_THAT(step_thread, HasSubstr("weir-handlers-0 and back"));
      break;
    case Pattern::kWorkerPool:
      EXPECT_THAT(inline_thread, HasSubstr("weir-handlers-"));
      EXPECT_THAT(pool_thread, HasSubstr("weir-handlers-"));
      EXPECT_THAT(step_thread, HasSubstr("weir-handlers-"));
      break;
    case Pattern::kEventDriven:
      EXPECT_THAT(inline_thread, HasSubstr("weir-loop-"));
      EXPECT_THAT(pool_thread, HasSubstr("weir-cpu-0"));
      EXPECT_THAT(step_thread, HasSubstr("weir-cpu-0 and back"));
      break;
  }
  EXPECT_TRUE(app.stop());
}

TEST_P(ExecutionPatternTest, OneConnectionAfterTheOtherIsServed) {
  app.start();
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([this, &served] {
      for (int j = 0; j < 10; ++j) {
        HttpCall call(app.port());
        if (status_of(call.get("/async")) == 200 && status_of(call.get("/pool")) == 200) ++served;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(served, 40);
  EXPECT_TRUE(app.stop());
}

TEST_P(ExecutionPatternTest, TheRouteTableTellsWhereHandlersRun) {
  const std::string text = app::list_routes(*app.build_routes(), GetParam(), app.declared_pools());
  const auto lane_of = [&text](std::string_view pattern) {
    const std::size_t at = text.find(" " + std::string(pattern) + " ");
    std::string_view rest = std::string_view(text).substr(at + 1 + pattern.size());
    rest.remove_prefix(rest.find_first_not_of(' '));
    return std::string(rest.substr(0, rest.find("  ")));
  };
  EXPECT_EQ(lane_of("/healthz"), "inline");
  switch (GetParam()) {
    case Pattern::kSingleThreaded:
      EXPECT_EQ(lane_of("/inline"), "inline");
      EXPECT_EQ(lane_of("/pool"), "inline");
      EXPECT_EQ(lane_of("/async"), "inline, blocking");
      break;
    case Pattern::kSingleWorker:
    case Pattern::kWorkerPool:
      for (const char* const pattern : {"/inline", "/pool", "/async"}) EXPECT_EQ(lane_of(pattern), "pool handlers");
      break;
    case Pattern::kEventDriven:
      EXPECT_EQ(lane_of("/inline"), "inline");
      EXPECT_EQ(lane_of("/pool"), "pool cpu");
      EXPECT_EQ(lane_of("/async"), "async");
      break;
  }
}

std::string name_of(const testing::TestParamInfo<Pattern>& pattern) {
  std::string name(exec::to_string(pattern.param));
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ExecutionPatternTest,
                         testing::Values(Pattern::kSingleThreaded, Pattern::kSingleWorker, Pattern::kWorkerPool,
                                         Pattern::kEventDriven),
                         name_of);

/// Under worker-pool the built-in routes do not stand behind the handlers.
TEST(WorkerPoolPatternTest, HealthIsAnsweredWhileAllWorkersAreBusy) {
  Gate gate;
  App app{"test"};
  app.settings().port = 0;
  app.settings().has_admin = false;
  app.settings().log_level = "off";
  app.settings().drain_idle = 0ms;
  app.settings().limits.linger_timeout = 50ms;
  app.settings().handlers = {.workers = 1, .queue = 1};
  app.pattern(Pattern::kWorkerPool);
  app.get("/").handle([&gate] { gate.pass(); });
  app.start();
  HttpCall running(app.port());
  running.send(get_request("/"));
  while (gate.arrived() == 0) std::this_thread::yield();
  HttpCall waiting(app.port());
  waiting.send(get_request("/"));
  std::string refused;
  HttpCall call(app.port());
  HttpCall health(app.port());
  EXPECT_EQ(status_of(health.get("/healthz")), 200);
  // `waiting` and `call` race for the one place.
  call.send(get_request("/"));
  HttpCall third(app.port());
  refused = third.get("/");
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: "));
  gate.open();
  EXPECT_EQ(status_of(running.read_answer()), 204);
  EXPECT_TRUE(app.stop());
}

TEST(PoolHandleTest, APoolOfAnotherAppIsRefusedAtStart) {
  App other{"other"};
  static_cast<void>(other.pool("a"));
  const Pool foreign = other.pool("b");
  App app{"test"};
  app.get("/").on(foreign).handle([] {});
  EXPECT_THROW(TestClient{app}, SetupError);
}

TEST(PoolHandleTest, PoolsAreCheckedWhereTheyAreDeclared) {
  App app{"test"};
  app.pool("cpu");
  EXPECT_THROW(app.pool("cpu"), std::invalid_argument);
  EXPECT_THROW(app.pool(""), std::invalid_argument);
  EXPECT_THROW(app.pool("none", {.queue = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace weir
