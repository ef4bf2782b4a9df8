// SPDX-License-Identifier: MIT
// `before` hooks that are coroutines.
#include <tests/routing/async_recorder.hpp>
#include <tests/routing/lane_fixture.hpp>
#include <tests/routing/recorder.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <stdexcept>
#include <variant>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Answers in the handler's place where the request says so.
class Guard {
 public:
  explicit Guard(std::chrono::milliseconds delay) : delay_(delay) {}
  Task<std::optional<Response>> before(Context& context) const {
    if (delay_ > 0ms) co_await context.sleep(delay_);
    std::optional<Response> answer;
    if (context.header("X-Key").value_or("") != "open") answer.emplace(problem(401));
    co_return answer;
  }

 private:
  std::chrono::milliseconds delay_;
};

/// Lives with the request.
struct Ticket {
  explicit Ticket(int& alive_in, std::string name_in) : alive(&alive_in), name(std::move(name_in)) { ++*alive; }
  Ticket(Ticket&& other) noexcept : alive(std::exchange(other.alive, nullptr)), name(std::move(other.name)) {}
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() {
    if (alive != nullptr) --*alive;
  }
  int* alive;
  std::string name;
};

class TicketOffice {
 public:
  TicketOffice(int& alive, std::chrono::milliseconds delay) : alive_(&alive), delay_(delay) {}
  Task<Ticket> before(Context& context) const {
    if (delay_ > 0ms) co_await context.sleep(delay_);
    Ticket ticket(*alive_, std::string(context.header("X-Key").value_or("nobody")));
    co_return std::move(ticket);
  }
  void after(Ticket& ticket, Context&, Response& response) const { response.set_header("X-Ticket", ticket.name); }
  void done(Ticket& ticket, Context&, const Outcome&) const { EXPECT_FALSE(ticket.name.empty()); }

 private:
  int* alive_;
  std::chrono::milliseconds delay_;
};

class AsyncHookTest : public LaneTest {
 protected:
  /// One route on each lane, all with the same answer.
  void add_routes() {
    app.get("/inline").handle([](Context& context) { return std::string(context.route()); });
    app.get("/pool").on(wide).handle([](Context& context) { return std::string(context.route()); });
    app.get("/async").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1ms);
      co_return std::string(context.route());
    });
    app.post("/inline").handle([](Context& context) { return std::string(context.body()); });
    app.post("/pool").on(wide).handle([](Context& context) { return std::string(context.body()); });
    app.post("/async").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1ms);
      co_return std::string(context.body());
    });
  }
  static constexpr std::array<std::string_view, 3> kRoutes{"/inline", "/pool", "/async"};

  Pool wide = app.pool("wide", {.workers = 1});
  Events events;
  int ended = 0;
};

TEST_F(AsyncHookTest, TheHandlerOfAnyLaneWaitsForIt) {
  app.use(AsyncRecorder(events, "a", {.delay = 50ms}));
  add_routes();
  start();
  for (const std::string_view route : kRoutes) {
    events.clear();
    auto connection = connect();
    EXPECT_EQ(connection.send(get_request(route)), "");
    EXPECT_THAT(events, ElementsAre("a.begins"));
    client->advance(60ms);
    client->advance(10ms);
    EXPECT_EQ(connection.read_answer().body, route);
    EXPECT_THAT(events, ElementsAre("a.begins", "a.before", "a.after 200", "a.done"));
    EXPECT_FALSE(connection.is_closed());
  }
}

TEST_F(AsyncHookTest, OneThatDoesNotWaitIsAsGood) {
  app.use(AsyncRecorder(events, "a", {}));
  add_routes();
  start();
  for (const std::string_view route : kRoutes) {
    events.clear();
    auto connection = send(get_request(route) + get_request("/inline"));
    client->advance(10ms);
    EXPECT_EQ(connection.read_answer().body, route);
    EXPECT_EQ(connection.read_answer().body, "/inline");
    EXPECT_THAT(events, ElementsAre("a.begins", "a.before", "a.after 200", testing::_, testing::_, testing::_,
                                    testing::_, testing::_));
  }
}

TEST_F(AsyncHookTest, TheContentComesBeforeOrWhileOrAfterItWaits) {
  app.use(AsyncRecorder(events, "a", {.delay = 50ms}));
  add_routes();
  start();
  for (const std::string_view route : kRoutes) {
    auto before = send(post_head(route, 4) + "body");
    auto meanwhile = send(post_head(route, 4) + "bo");
    meanwhile.write("dy");
    auto partly = send(post_head(route, 4) + "bo");
    auto after = send(post_head(route, 4));
    client->advance(60ms);
    partly.write("dy");
    after.write("body");
    client->advance(10ms);
    EXPECT_EQ(before.read_answer().body, "body");
    EXPECT_EQ(meanwhile.read_answer().body, "body");
    EXPECT_EQ(partly.read_answer().body, "body");
    EXPECT_EQ(after.read_answer().body, "body");
    before.write(get_request("/inline"));
    client->advance(60ms);
    EXPECT_EQ(before.read_answer().body, "/inline");
  }
}

TEST_F(AsyncHookTest, TheTimeThatItTakesDoesNotCountAgainstTheContent) {
  app.use(AsyncRecorder(events, "a", {.delay = 20s}));
  add_routes();
  start();
  auto connection = send(post_head("/inline", 4));
  client->advance(20'100ms);
  client->advance(1s);
  connection.write("body");
  EXPECT_EQ(connection.read_answer().body, "body");
}

TEST_F(AsyncHookTest, AClientThatAsksIsToldToGoOnWhenItHasRun) {
  app.use(Guard(50ms));
  add_routes();
  start();
  auto connection = connect();
  EXPECT_EQ(connection.send(post_head("/inline", 4, "Expect: 100-continue\r\nX-Key: open\r\n")), "");
  client->advance(60ms);
  EXPECT_THAT(connection.receive(), StartsWith("HTTP/1.1 100 "));
  connection.write("body");
  EXPECT_EQ(connection.read_answer().body, "body");
  auto refused = connect();
  EXPECT_EQ(refused.send(post_head("/inline", 4, "Expect: 100-continue\r\n")), "");
  client->advance(60ms);
  EXPECT_THAT(refused.receive(), StartsWith("HTTP/1.1 401 "));
}

TEST_F(AsyncHookTest, OneMayAnswerInTheHandlersPlace) {
  for (const auto delay : {0ms, 50ms}) {
    App one{"test"};
    Events seen;
    int handled = 0;
    one.use(Recorder(seen, "outer")).use(Guard(delay)).use(Recorder(seen, "inner"));
    one.get("/").handle([&handled] { ++handled; });
    one.post("/").handle([&handled] { ++handled; });
    TestClient asking{one};
    auto connection = asking.connect();
    connection.write(get_request("/"));
    asking.advance(60ms);
    EXPECT_EQ(connection.read_answer().status, 401);
    EXPECT_THAT(seen, ElementsAre("outer.before", "outer.after 401", "outer.done"));
    EXPECT_EQ(handled, 0);
    connection.write(get_request("/", "X-Key: open\r\n"));
    asking.advance(60ms);
    EXPECT_EQ(connection.read_answer().status, 204);
    EXPECT_EQ(handled, 1);
    // The content that nobody wants is read past.
    connection.write(post_head("/", 4) + "bo");
    asking.advance(60ms);
    EXPECT_EQ(connection.read_answer().status, 401);
    connection.write("dy" + get_request("/", "X-Key: open\r\n"));
    asking.advance(60ms);
    EXPECT_EQ(connection.read_answer().status, 204);
    EXPECT_EQ(handled, 2);
  }
}

TEST_F(AsyncHookTest, AStateLivesAsLongAsItsRequest) {
  for (const auto delay : {0ms, 50ms}) {
    App one{"test"};
    int alive = 0;
    one.use(TicketOffice(alive, delay));
    one.get("/").handle([&alive] { return std::to_string(alive); });
    one.get("/throws").handle([]() -> std::string { throw 42; });
    TestClient asking{one};
    auto connection = asking.connect();
    for (const char* const target : {"/", "/throws", "/"}) {
      connection.write(get_request(target, "X-Key: a name that is longer than a short one\r\n"));
      asking.advance(60ms);
      const TestResponse response = connection.read_answer();
      EXPECT_EQ(response.header("X-Ticket"), "a name that is longer than a short one");
      EXPECT_EQ(response.status == 200 ? response.body : "1", "1");
      EXPECT_EQ(alive, 0);
    }
    connection.write(get_request("/"));
    connection.reset();
    EXPECT_EQ(alive, 0);
  }
}

TEST_F(AsyncHookTest, SyncAndAsyncOnesMixInAChain) {
  app.use(Recorder(events, "s1"))
      .use(AsyncRecorder(events, "a1", {.delay = 10ms}))
      .use(AsyncRecorder(events, "a2", {}))
      .use(Recorder(events, "s2"))
      .use(AsyncRecorder(events, "a3", {.delay = 10ms}))
      .use(Recorder(events, "s3"));
  add_routes();
  start();
  for (const std::string_view route : kRoutes) {
    events.clear();
    auto connection = send(get_request(route));
    for (int i = 0; i < 4; ++i) client->advance(15ms);
    EXPECT_EQ(connection.read_answer().body, route);
    EXPECT_THAT(events, ElementsAre("s1.before", "a1.begins", "a1.before", "a2.begins", "a2.before", "s2.before",
                                    "a3.begins", "a3.before", "s3.before", "s3.after 200", "a3.after 200",
                                    "s2.after 200", "a2.after 200", "a1.after 200", "s1.after 200", "s3.done",
                                    "a3.done", "s2.done", "a2.done", "a1.done", "s1.done"));
  }
}

TEST_F(AsyncHookTest, WhatItThrowsIsTheAnswer) {
  for (const auto delay : {0ms, 10ms}) {
    App one{"test"};
    Events seen;
    one.use(Recorder(seen, "outer"))
        .use(AsyncRecorder(seen, "a",
                           {.delay = delay,
                            .then =
                                [](Context& context) {
                                  if (context.route() == "/http") throw HttpError(403, "not you");
                                  throw std::runtime_error("secret");
                                }}))
        .use(Recorder(seen, "inner"));
    one.get("/http").handle([] {});
    one.get("/std").handle([] {});
    TestClient asking{one};
    auto connection = asking.connect();
    connection.write(get_request("/http"));
    asking.advance(20ms);
    EXPECT_EQ(connection.read_answer().status, 403);
    EXPECT_THAT(seen, ElementsAre("outer.before", "a.begins", "outer.after 403", "outer.done"));
    connection.write(get_request("/std"));
    asking.advance(20ms);
    const TestResponse response = connection.read_answer();
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  }
}

TEST_F(AsyncHookTest, ItUnwindsWhenItsClientLeft) {
  app.use(Recorder(events, "s")).use(AsyncRecorder(events, "a", {.delay = 10s, .ended = &ended}));
  int handled = 0;
  app.get("/").handle([&handled] { ++handled; });
  app.post("/").handle([&handled] { ++handled; });
  start();
  for (const std::string& request : {get_request("/"), post_head("/", 4), post_head("/", 4) + "body"}) {
    events.clear();
    ended = 0;
    auto connection = send(request);
    EXPECT_EQ(ended, 0);
    connection.reset();
    EXPECT_EQ(ended, 1);
    EXPECT_THAT(events, ElementsAre("s.before", "a.begins", "s.done"));
    EXPECT_EQ(metric("weir_orphaned_requests"), 0);
  }
  client->advance(20s);
  EXPECT_EQ(handled, 0);
}

TEST_F(AsyncHookTest, ItIs504WhenItTakesTooLong) {
  app.use(Recorder(events, "s")).use(AsyncRecorder(events, "a", {.delay = 10s, .ended = &ended}));
  app.get("/").timeout(2s).handle([] {});
  app.post("/").timeout(2s).handle([] {});
  start();
  auto connection = send(get_request("/"));
  auto another = send(post_head("/", 4));
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_EQ(another.read_answer().status, 504);
  EXPECT_EQ(ended, 2);
  EXPECT_FALSE(connection.is_closed());
  EXPECT_THAT(events, ElementsAre("s.before", "a.begins", "s.before", "a.begins", "s.after 504", "s.done",
                                  "s.after 504", "s.done"));
}

TEST_F(AsyncHookTest, RequestsBehindItWait) {
  app.use(AsyncRecorder(events, "a", {.delay = 10ms}));
  add_routes();
  start();
  auto connection = send(get_request("/inline") + post_head("/pool", 4) + "body" + get_request("/async"));
  for (int i = 0; i < 3; ++i) {
    client->advance(15ms);
    client->advance(5ms);
    const std::array<const char*, 3> expected{"/inline", "body", "/async"};
    EXPECT_EQ(connection.read_answer().body, expected[static_cast<std::size_t>(i)]);
  }
}

TEST_F(AsyncHookTest, AHalfClosedClientIsAnswered) {
  app.use(AsyncRecorder(events, "a", {.delay = 10ms}));
  add_routes();
  start();
  auto connection = send(get_request("/inline"));
  connection.end_output();
  EXPECT_EQ(connection.receive(), "HTTP/1.1 102 Processing\r\n\r\n");
  client->advance(15ms);
  EXPECT_EQ(connection.read_answer().body, "/inline");
  EXPECT_TRUE(connection.is_closed());
  auto short_one = send(post_head("/inline", 4) + "bo");
  short_one.end_output();
  client->advance(15ms);
  EXPECT_EQ(short_one.read_answer().status, 400);
}

/// Asks a worker, as one that checks a password does.
class Checker {
 public:
  explicit Checker(Pool pool) : pool_(pool) {}
  Task<std::optional<Response>> before(Context& context) const {
    std::string name = co_await context.offload(pool_, thread_name);
    std::optional<Response> answer;
    if (context.header("X-Key").value_or("") != "open") answer.emplace(Response::text("checked on " + name));
    co_return answer;
  }

 private:
  Pool pool_;
};

TEST_F(AsyncHookTest, OneMayHandAStepToAWorker) {
  app.use(Checker(cpu));
  add_routes();
  start();
  EXPECT_EQ(get("/inline").body, "checked on weir-cpu-0");
  EXPECT_EQ(client->get("/inline", {{"X-Key", "open"}}).body, "/inline");
}

TEST_F(AsyncHookTest, OneMayHandAStepToAWorkerWhereNoRouteIs) {
  app.use(Checker(cpu));
  add_routes();
  start();
  EXPECT_EQ(get("/none").body, "checked on weir-cpu-0");
  EXPECT_EQ(client->get("/none", {{"X-Key", "open"}}).status, 404);
  EXPECT_EQ(client->del("/inline", {{"X-Key", "open"}}).status, 405);
}

TEST_F(AsyncHookTest, AContentThatIsTooLargeIsRefusedWhenItHasRun) {
  app.use(AsyncRecorder(events, "a", {.delay = 10ms}));
  app.post("/").body_limit(10).handle([] {});
  start();
  auto connection = send(post_head("/", 11));
  client->advance(15ms);
  EXPECT_EQ(connection.read_answer().status, 413);
  EXPECT_THAT(events, ElementsAre("a.begins", "a.before", "a.after 413", "a.done"));
}

}  // namespace
}  // namespace weir
