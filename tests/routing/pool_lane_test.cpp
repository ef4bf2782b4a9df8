// SPDX-License-Identifier: MIT
// Routes whose handlers run on a pool.
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

class PoolLaneTest : public LaneTest {
 protected:
  /// A route whose handler waits for the gate.
  void add_gated(std::string_view pattern) {
    app.get(pattern).on(cpu).handle([this] {
      gate.pass();
      ++runs;
      return std::string("done");
    });
  }
  std::atomic<int> runs{0};
};

// ---- results ----

TEST_F(PoolLaneTest, AHandlerRunsOnAWorkerOfItsPool) {
  app.get("/pool").on(cpu).handle([] { return thread_name(); });
  app.get("/inline").handle([] { return thread_name(); });
  start();
  EXPECT_EQ(get("/pool").body, "weir-cpu-0");
  EXPECT_THAT(get("/inline").body, Not(StartsWith("weir-cpu")));
}

TEST_F(PoolLaneTest, AGroupChoosesThePoolOfItsRoutes) {
  const Pool other = app.pool("other", {.workers = 1});
  auto group = app.group("/g").on(cpu);
  group.get("/a").handle([] { return thread_name(); });
  group.get("/b").on(other).handle([] { return thread_name(); });
  start();
  EXPECT_EQ(get("/g/a").body, "weir-cpu-0");
  EXPECT_EQ(get("/g/b").body, "weir-other-0");
}

TEST_F(PoolLaneTest, AnyResultBecomesAnAnswer) {
  app.get("/text").on(cpu).handle([] { return std::string("text"); });
  app.get("/object").on(cpu).handle([] { return object({{"a", 1}}); });
  app.get("/void").on(cpu).handle([] {});
  app.get("/some").on(cpu).handle([] { return std::optional<std::string>("some"); });
  app.get("/none").on(cpu).handle([] { return std::optional<std::string>(); });
  app.get("/response").on(cpu).handle([] { return Response::text("teapot").status(418); });
  start();
  EXPECT_EQ(get("/text").body, "text");
  EXPECT_EQ(get("/object").body, R"({"a":1})");
  EXPECT_EQ(get("/void").status, 204);
  EXPECT_EQ(get("/some").body, "some");
  EXPECT_EQ(get("/none").status, 404);
  EXPECT_EQ(get("/response").status, 418);
}

TEST_F(PoolLaneTest, AnExceptionIsThatRequestsAnswer) {
  struct Mapped : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  app.map_error<Mapped>([](const Mapped& error) { return problem(409, error.what()); });
  app.get("/http").on(cpu).handle([]() -> std::string { throw HttpError(404, "no such order"); });
  app.get("/std").on(cpu).handle([]() -> std::string { throw std::runtime_error("secret"); });
  app.get("/int").on(cpu).handle([]() -> std::string { throw 42; });
  app.get("/mapped").on(cpu).handle([]() -> std::string { throw Mapped("taken"); });
  app.get("/after").on(cpu).handle([] { return std::string("fine"); });
  start();
  EXPECT_EQ(get("/http").status, 404);
  EXPECT_THAT(get("/http").body, HasSubstr("no such order"));
  EXPECT_EQ(get("/std").status, 500);
  EXPECT_THAT(get("/std").body, Not(HasSubstr("secret")));
  EXPECT_EQ(get("/int").status, 500);
  EXPECT_EQ(get("/mapped").status, 409);
  EXPECT_EQ(get("/after").body, "fine");
}

TEST_F(PoolLaneTest, TheRequestIsThereForTheHandler) {
  app.post("/{id}/{rest...}").on(cpu).handle([](Context& context) {
    return object({{"id", context.path("id")},
                   {"rest", context.path("rest")},
                   {"q", context.query("q").value_or("none")},
                   {"field", context.header("X-Field").value_or("none")},
                   {"client", context.client()},
                   {"body", context.body()}});
  });
  start();
  auto connection = connect();
  // In pieces, so that nothing of it can still be where it was read.
  const std::string request = post_head("/a%20b/c/d?q=1%2B1", 7, "X-Field: value\r\n") + "content";
  for (const char byte : request) connection.write(std::string_view(&byte, 1));
  EXPECT_EQ(connection.read_answer().body,
            R"({"id":"a b","rest":"c/d","q":"1+1","field":"value","client":"memory","body":"content"})");
}

TEST_F(PoolLaneTest, ALargeContentIsTheHandlersToRead) {
  app.post("/").on(cpu).handle([](Context& context) { return std::to_string(context.body().size()); });
  start();
  EXPECT_EQ(client->post("/", std::string(300'000, 'x')).body, "300000");
}

TEST_F(PoolLaneTest, ALargeAnswerIsWhole) {
  app.get("/").on(cpu).handle([] { return std::string(1 << 20, 'x'); });
  start();
  EXPECT_EQ(get("/").body.size(), 1U << 20U);
}

TEST_F(PoolLaneTest, HeadHasNoContent) {
  app.get("/").on(cpu).handle([] { return std::string("hello"); });
  start();
  const TestResponse response = client->head("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), "5");
}

TEST_F(PoolLaneTest, HooksRunOnTheLoopAroundIt) {
  Events events;
  std::vector<std::string> threads;
  app.use(Recorder(events, "m")
              .on_before([&] { threads.push_back(thread_name()); })
              .on_after([&](Response& response) {
                threads.push_back(thread_name());
                response.set_header("X-After", "yes");
              })
              .on_done([&](Context&, const Outcome& outcome) {
                EXPECT_TRUE(outcome.is_complete());
                EXPECT_EQ(outcome.bytes, 10U);
              }));
  app.get("/").on(cpu).handle([] { return thread_name(); });
  start();
  const TestResponse response = get("/");
  EXPECT_EQ(response.body, "weir-cpu-0");
  EXPECT_EQ(response.header("X-After"), "yes");
  EXPECT_THAT(events, ElementsAre("m.before", "m.after 200", "m.done"));
  EXPECT_EQ(threads, (std::vector<std::string>(2, thread_name())));
}

TEST_F(PoolLaneTest, AViewOfTextIsRefusedAtStart) {
  app.get("/").on(cpu).handle([]() -> std::string_view { return "static text"; });
  EXPECT_THROW(start(), SetupError);
}

// ---- the connection around it ----

TEST_F(PoolLaneTest, AConnectionGoesOnAfterAnAnswer) {
  app.get("/{n}").on(cpu).handle([](Context& context) { return std::string(context.path("n")); });
  start();
  auto connection = connect();
  for (const char* const target : {"/1", "/2", "/3"}) {
    connection.write(get_request(target));
    EXPECT_EQ(connection.read_answer().body, std::string(target).substr(1));
  }
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(PoolLaneTest, AConnectionClosesWhereTheClientSaysSo) {
  app.get("/").on(cpu).handle([] { return std::string("x"); });
  start();
  for (const char* const request :
       {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    auto connection = connect();
    connection.write(request);
    const TestResponse response = connection.read_answer();
    EXPECT_EQ(response.body, "x");
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(connection.is_closed());
  }
  auto connection = send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(connection.read_answer().body, "x");
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(PoolLaneTest, RequestsBehindAnotherAreAnsweredInOrder) {
  add_gated("/gated");
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = connect();
  EXPECT_EQ(connection.send(get_request("/gated") + get_request("/quick")), "");
  wait_for_arrivals(1);
  EXPECT_EQ(connection.send(get_request("/quick")), "");
  gate.open();
  EXPECT_EQ(connection.read_answer().body, "done");
  EXPECT_EQ(connection.read_answer().body, "quick");
  EXPECT_EQ(connection.read_answer().body, "quick");
}

}  // namespace
}  // namespace weir
