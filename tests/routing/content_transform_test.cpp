// SPDX-License-Identifier: MIT
// Content that a hook lets become another: on each lane, on the loop and beside it.
#include <tests/routing/coding_fixture.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kOnLoopBytes = 16 << 10;  // what is transformed on the loop, at most

std::string bracketed(const std::string& text) {
  return "<" + text + ">!";
}

std::size_t size_of(const Context& context) {
  return std::stoul(context.query("n").value_or("1"));
}

/// Answers "/hook" in the handler's place, after a wait.
class AnsweringHook {
 public:
  Task<std::optional<Response>> before(Context& context) const {
    std::optional<Response> answer;
    co_await context.sleep(1ns);
    if (context.request().raw_path() == "/hook") answer = Response::text(std::string(size_of(context), 'x'));
    co_return answer;
  }
};

class TransformTest : public LaneTest {
 protected:
  /// Routes on each lane that answer with n letters.
  void add_routes() {
    app.get("/inline").handle([](Context& context) { return std::string(size_of(context), 'x'); });
    app.get("/pool").on(cpu).handle([](Context& context) { return std::string(size_of(context), 'x'); });
    app.get("/at-once").handle([](Context& context) -> Task<std::string> {
      co_return std::string(size_of(context), 'x');
    });
    app.get("/waiting").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1ns);
      co_return std::string(size_of(context), 'x');
    });
    app.get("/hook").handle([] { return "never"; });
    app.get("/throw").handle([] { throw HttpError(418, std::string("x")); });
  }
  TestResponse get_waking(std::string_view target) {
    const int made = probe.made;
    auto connection = send(get_request(target));
    client->run_until([&] {
      client->advance(1ms);
      return probe.made > made;
    });
    return connection.read_answer();
  }
  bool is_all_gone() {
    return client->run_until([this] { return probe.alive == 0; });
  }

  CodingProbe probe;
};

class TransformLaneTest : public TransformTest, public testing::WithParamInterface<const char*> {
 protected:
  TransformLaneTest() {
    app.use(Bracketing(probe));
    if (std::string_view(GetParam()) == "/hook") app.use(AnsweringHook());
    add_routes();
    start();
  }
  std::string target(std::size_t size) const { return std::string(GetParam()) + "?n=" + std::to_string(size); }
};

TEST_P(TransformLaneTest, ShortContentIsTransformedOnTheLoop) {
  const TestResponse response = get_waking(target(kOnLoopBytes));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("X-Coded"), "brackets");
  EXPECT_EQ(response.header("Content-Length"), std::to_string(kOnLoopBytes + 3));
  EXPECT_EQ(response.body, bracketed(std::string(kOnLoopBytes, 'x')));
  EXPECT_EQ(probe.calls_beside, 0);
  EXPECT_TRUE(is_all_gone());
}

TEST_P(TransformLaneTest, LongContentIsTransformedBesideIt) {
  const TestResponse response = get_waking(target(kOnLoopBytes + 1));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), std::to_string(kOnLoopBytes + 4));
  EXPECT_EQ(response.body, bracketed(std::string(kOnLoopBytes + 1, 'x')));
  EXPECT_EQ(probe.calls_beside, 1);
  EXPECT_TRUE(is_all_gone());
}

TEST_P(TransformLaneTest, AClientThatLeavesMeanwhileLeavesNothingBehind) {
  probe.during = [this](std::string_view) { gate.pass(); };
  auto connection = send(get_request(target(kOnLoopBytes + 1)));
  ASSERT_TRUE(client->run_until([this] {
    client->advance(1ms);
    return gate.arrived() == 1;
  }));
  connection.reset();
  gate.open();
  EXPECT_TRUE(is_all_gone());
  probe.during = nullptr;
  EXPECT_EQ(get_waking(target(1)).body, "<x>!");
}

TEST_P(TransformLaneTest, RequestsBehindItWaitForTheirTurn) {
  probe.during = [this](std::string_view in) {
    if (in.size() > kOnLoopBytes) gate.pass();
  };
  auto connection = send(get_request(target(kOnLoopBytes + 1)) + get_request(target(2)));
  ASSERT_TRUE(client->run_until([this] {
    client->advance(1ms);
    return gate.arrived() == 1;
  }));
  EXPECT_EQ(connection.receive(), "");
  gate.open();
  EXPECT_EQ(connection.read_answer().body.size(), kOnLoopBytes + 4);
  client->advance(2ms);
  client->advance(2ms);
  EXPECT_EQ(connection.read_answer().body, "<xx>!");
}

TEST_P(TransformLaneTest, OneThatThrowsBesideTheLoopIsAServerError) {
  probe.during = [](std::string_view) { throw std::runtime_error("it cannot"); };
  const TestResponse response = get_waking(target(kOnLoopBytes + 1));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.header("X-Coded"), std::nullopt);
  EXPECT_TRUE(is_all_gone());
}

TEST_P(TransformLaneTest, OneThatThrowsOnTheLoopIsAServerError) {
  probe.during = [](std::string_view) { throw std::runtime_error("it cannot"); };
  const TestResponse response = get_waking(target(1));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.header("X-Coded"), std::nullopt);
  EXPECT_TRUE(is_all_gone());
}

INSTANTIATE_TEST_SUITE_P(Lanes, TransformLaneTest, testing::Values("/inline", "/pool", "/at-once", "/waiting", "/hook"),
                         [](const auto& lane) {
                           std::string name = lane.param + 1;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(TransformTest, AHeadSaysTheLengthThatAGetHas) {
  app.use(Bracketing(probe));
  add_routes();
  start();
  for (const std::size_t size : {kOnLoopBytes, kOnLoopBytes + 1}) {
    const TestResponse response = client->head("/inline?n=" + std::to_string(size));
    EXPECT_EQ(response.header("Content-Length"), std::to_string(size + 3));
    EXPECT_EQ(response.body, "");
  }
}

TEST_F(TransformTest, ErrorsAreTransformedToo) {
  app.use(Bracketing(probe));
  add_routes();
  start();
  EXPECT_THAT(get("/throw").body, testing::StartsWith("<{"));
  EXPECT_THAT(get("/nowhere").body, EndsWith("}>!"));
}

TEST_F(TransformTest, AnswersInHttp10AreTransformed) {
  app.use(Bracketing(probe));
  add_routes();
  start();
  auto connection = send("GET /inline?n=20000 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(connection.read_answer().body, bracketed(std::string(20000, 'x')));
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(TransformTest, ADeadlineThatPassesMeanwhileComesTooLate) {
  app.use(Bracketing(probe));
  add_routes();
  start();
  probe.during = [this](std::string_view) { gate.pass(); };
  auto connection = send(get_request("/at-once?n=20000"));
  wait_for_arrivals(1);
  client->advance(1h);
  gate.open();
  EXPECT_EQ(connection.read_answer().status, 200);
}

TEST_F(TransformTest, AClientThatDoesNotReadDoesNotKeepIt) {
  struct Waiting {
    void done(Context&, const Outcome&) const {}  // the request lives until this
  };
  app.use(Waiting()).use(Bracketing(probe));
  add_routes();
  start();
  for (const std::size_t size : {kOnLoopBytes, kOnLoopBytes + 1}) {
    auto connection = connect();
    connection.set_receive_window(10);
    connection.write(get_request("/inline?n=" + std::to_string(size)));
    EXPECT_TRUE(client->run_until([&] { return !connection.receive().empty(); }));
    EXPECT_EQ(probe.alive, 0);
  }
}

TEST_F(TransformTest, ASecondOneIsRefused) {
  CodingProbe second;
  app.use(Bracketing(second));  // outside: its hook runs last
  app.use(Bracketing(probe));
  add_routes();
  start();
  const TestResponse response = get("/inline");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::StartsWith("{")) << "the first one's work on an answer that does not say so";
  EXPECT_EQ(second.alive, 0);
  EXPECT_TRUE(is_all_gone());
}

TEST_F(TransformTest, AnErrorOfAHookOutsideIsNotTransformed) {
  struct Throwing {
    void after(Context&, Response&) const { throw std::runtime_error("a hook"); }
  };
  app.use(Throwing());
  app.use(Bracketing(probe));
  add_routes();
  start();
  const TestResponse response = get("/inline");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.header("X-Coded"), std::nullopt);
  EXPECT_THAT(response.body, testing::StartsWith("{"));
}

TEST_F(TransformTest, DeadlineThatPassesMeanwhileComesTooLate) {
  std::atomic<bool> may_go_on{false};
  probe.during = [&may_go_on](std::string_view) {
    while (!may_go_on) std::this_thread::yield();
  };
  app.use(Bracketing(probe));
  app.get("/late").timeout(200ms).handle([](Context& context) -> Task<std::string> {
    co_await context.sleep(180ms);
    co_return std::string(kOnLoopBytes + 1, 'x');
  });
  start();
  auto connection = send(get_request("/late"));
  client->advance(180ms);
  ASSERT_TRUE(client->run_until([this] { return probe.calls_beside > 0; }));
  client->advance(100ms);
  may_go_on = true;
  EXPECT_EQ(connection.read_answer().body, bracketed(std::string(kOnLoopBytes + 1, 'x')));
}

TEST_F(TransformTest, TheNextRequestOfAConnectionHasNone) {
  app.use(Bracketing(probe, "/at-once"));
  add_routes();
  start();
  auto connection = send(get_request("/at-once") + get_request("/inline") + get_request("/waiting"));
  EXPECT_EQ(connection.read_answer().body, "<x>!");
  EXPECT_EQ(connection.read_answer().body, "x");
  client->advance(1ms);
  EXPECT_EQ(connection.read_answer().body, "x");
}

// ---- an answer that takes the place of one that was to be transformed ----

/// Answers in the place of whatever there is.
class Replacing {
 public:
  void after(Context&, Response& response) const { response = Response::text("other"); }
};

TEST_F(TransformTest, AnAnswerThatReplacesOneThatWasToBeTransformedLeavesAsItIs) {
  app.use(Replacing());
  app.use(Bracketing(probe));
  add_routes();
  start();
  for (const char* target : {"/inline", "/pool", "/at-once", "/waiting", "/throw", "/nowhere"}) {
    const TestResponse response = get_waking(target);
    EXPECT_EQ(response.body, "other") << target;
    EXPECT_EQ(response.header("X-Coded"), std::nullopt) << target;
  }
  EXPECT_TRUE(is_all_gone());
}

TEST_F(TransformTest, AHookFurtherOutTransformsTheAnswerThatReplacedOne) {
  app.use(Bracketing(probe));
  app.use(Replacing());
  app.use(Bracketing(probe));
  add_routes();
  start();
  EXPECT_EQ(get("/inline").body, bracketed("other"));
  EXPECT_EQ(probe.made, 2);
  EXPECT_TRUE(is_all_gone());
}

/// Keeps the first answer, and gives it again.
class Repeating {
 public:
  void after(Context&, Response& response) const {
    if (kept_->has_value()) {
      response = **kept_;
    } else {
      *kept_ = response;
    }
  }

 private:
  std::shared_ptr<std::optional<Response>> kept_ = std::make_shared<std::optional<Response>>();
};

TEST_F(TransformTest, AnAnswerThatWasKeptFromAnotherRequestIsNotTransformedByThisOnes) {
  app.use(Bracketing(probe, "/outer"));
  app.use(Repeating());
  app.use(Bracketing(probe, "/inline"));
  app.get("/outer").handle([] { return "outer"; });
  add_routes();
  start();
  EXPECT_EQ(get("/inline?n=2").body, bracketed("xx"));
  EXPECT_EQ(get("/inline?n=3").body, "xx") << "as it was kept";
  EXPECT_EQ(get("/outer").body, bracketed("xx"));
}

}  // namespace
}  // namespace weir
