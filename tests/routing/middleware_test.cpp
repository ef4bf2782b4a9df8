// SPDX-License-Identifier: MIT
#include <weir/routing/middleware.hpp>

#include "tests/routing/recorder.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <variant>

namespace weir {
namespace {

class MiddlewareTest : public testing::Test {
 protected:
  Recorder recorder(std::string name) { return Recorder(events, std::move(name)); }
  int get(std::string_view target) { return TestClient(app).get(target).status; }

  App app{"test"};
  Events events;
};

TEST_F(MiddlewareTest, HooksRunInwardsAndThenOutwards) {
  app.use(recorder("a"));
  app.use(recorder("b"));
  app.get("/").use(recorder("c")).handle([this] { events.push_back("handler"); });
  EXPECT_EQ(get("/"), 204);
  EXPECT_EQ(events, (Events{"a.before", "b.before", "c.before", "handler", "c.after 204", "b.after 204", "a.after 204",
                            "c.done", "b.done", "a.done"}));
}

TEST_F(MiddlewareTest, MiddlewareWrittenAfterARouteHoldsForItToo) {
  app.get("/").handle([] {});
  app.use(recorder("a"));
  get("/");
  EXPECT_EQ(events.size(), 3U);
}

struct Answering {
  std::optional<Response> before(Context& context) const {
    if (context.header("x-key")) return std::nullopt;
    return problem(401);
  }
};

TEST_F(MiddlewareTest, AnAnsweringHookTakesTheHandlersPlace) {
  app.use(recorder("outer"));
  app.use(Answering{});
  app.use(recorder("inner"));
  app.get("/").handle([this] { events.push_back("handler"); });
  EXPECT_EQ(get("/"), 401);
  EXPECT_EQ(events, (Events{"outer.before", "outer.after 401", "outer.done"}));
}

TEST_F(MiddlewareTest, AHookThatDoesNotAnswerLetsTheRequestPass) {
  app.use(Answering{});
  app.get("/").handle([] {});
  TestClient client(app);
  EXPECT_EQ(client.get("/", {{"X-Key", "1"}}).status, 204);
}

// Gives each request a state and tells of its end.
struct Counted {
  explicit Counted(int& living_in) : living(&living_in) { ++*living; }
  Counted(Counted&& other) noexcept : living(std::exchange(other.living, nullptr)), value(other.value) {}
  ~Counted() {
    if (living != nullptr) --*living;
  }
  int* living;
  int value = 7;
};

struct WithState {
  int* living;
  Events* events;
  Counted before(Context&) const { return Counted(*living); }
  void after(Counted& state, Context&, Response& response) const {
    response.set_header("X-State", std::to_string(state.value));
    state.value = 8;
  }
  void done(Counted& state, Context&, const Outcome&) const {
    events->push_back("state " + std::to_string(state.value));
  }
};

TEST_F(MiddlewareTest, TheStateOfBeforeReachesTheOtherHooks) {
  int living = 0;
  app.use(WithState{&living, &events});
  app.get("/").handle([&] { events.push_back("living " + std::to_string(living)); });
  TestClient client(app);
  EXPECT_EQ(client.get("/").header("X-State"), "7");
  EXPECT_EQ(events, (Events{"living 1", "state 8"}));
  EXPECT_EQ(living, 0);
}

TEST_F(MiddlewareTest, EachMiddlewareHasItsOwnState) {
  int living_a = 0;
  int living_b = 0;
  app.use(WithState{&living_a, &events});
  app.use(WithState{&living_b, &events});
  app.get("/").handle([&] { EXPECT_EQ(living_a + living_b, 2); });
  get("/");
  EXPECT_EQ(living_a + living_b, 0);
}

TEST_F(MiddlewareTest, AStateEndsAlsoWhenAnInnerHookThrows) {
  int living = 0;
  app.use(WithState{&living, &events});
  app.use(recorder("x").on_before([] { throw std::runtime_error("x"); }));
  app.get("/").handle([] {});
  EXPECT_EQ(get("/"), 500);
  EXPECT_EQ(living, 0);
}

struct StateOrAnswer {
  std::variant<std::string, Response> before(Context& context) const {
    if (const auto user = context.header("x-user")) return std::string(*user);
    return problem(403);
  }
  void after(const std::string& user, Context&, Response& response) const {
    response.set_header("X-User", "<" + user + ">");
  }
};

TEST_F(MiddlewareTest, AHookMayGiveAStateOrAnAnswer) {
  app.use(StateOrAnswer{});
  app.get("/").handle([] {});
  TestClient client(app);
  const TestResponse passed = client.get("/", {{"X-User", "ada"}});
  EXPECT_EQ(passed.status, 204);
  EXPECT_EQ(passed.header("X-User"), "<ada>");
  const TestResponse refused = client.get("/");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("X-User"), "<>");
}

TEST_F(MiddlewareTest, AThrowInBeforeIsAnsweredAndSeenByTheHooksOutside) {
  app.use(recorder("outer"));
  app.use(recorder("throws").on_before([] { throw HttpError(418, "no"); }));
  app.use(recorder("inner"));
  app.get("/").handle([] {});
  EXPECT_EQ(get("/"), 418);
  EXPECT_EQ(events, (Events{"outer.before", "throws.before", "outer.after 418", "outer.done"}));
}

TEST_F(MiddlewareTest, AThrowInAfterIsAnsweredAndSeenByTheHooksOutside) {
  app.use(recorder("outer"));
  app.use(recorder("throws").on_after([](Response&) { throw std::runtime_error("x"); }));
  app.get("/").handle([] {});
  EXPECT_EQ(get("/"), 500);
  EXPECT_EQ(events, (Events{"outer.before", "throws.before", "throws.after 204", "outer.after 500", "throws.done",
                            "outer.done"}));
}

TEST_F(MiddlewareTest, AThrowInDoneDoesNotReachTheOthers) {
  app.use(recorder("outer"));
  app.use(recorder("throws").on_done([](Context&, const Outcome&) { throw 1; }));
  app.get("/").handle([] {});
  TestClient client(app);
  EXPECT_EQ(client.get("/").status, 204);
  EXPECT_EQ(events.back(), "outer.done");
  EXPECT_EQ(client.get("/").status, 204);
}

TEST_F(MiddlewareTest, AfterMayChangeTheAnswer) {
  app.use(recorder("a").on_after([](Response& response) { response.status(202).set_header("X-A", "1"); }));
  app.get("/").handle([] {});
  TestClient client(app);
  const TestResponse response = client.get("/");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.header("X-A"), "1");
}

TEST_F(MiddlewareTest, DoneHearsHowManyBytesWent) {
  std::uint64_t bytes = 0;
  app.use(recorder("a").on_done([&](Context& context, const Outcome& outcome) {
    EXPECT_TRUE(outcome.is_complete());
    EXPECT_EQ(context.status(), 200);
    bytes = outcome.bytes;
  }));
  app.get("/").handle([] { return "hello"; });
  get("/");
  EXPECT_EQ(bytes, 5U);
}

TEST_F(MiddlewareTest, DoneAfterHeadHearsOfNoBytes) {
  std::uint64_t bytes = 99;
  app.use(recorder("a").on_done([&](Context&, const Outcome& outcome) { bytes = outcome.bytes; }));
  app.get("/").handle([] { return "hello"; });
  TestClient(app).head("/");
  EXPECT_EQ(bytes, 0U);
}

}  // namespace
}  // namespace weir
