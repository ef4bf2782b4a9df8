// SPDX-License-Identifier: MIT
// Connections whose handlers are suspended: what comes behind, clients that leave, deadlines.
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

using AsyncConnectionTest = AsyncTest;

// ---- the connection around it ----

TEST_F(AsyncConnectionTest, AConnectionClosesWhereTheClientSaysSo) {
  add_sleeping("/", 10ms);
  start();
  for (const char* const request :
       {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    auto connection = send(request);
    client->advance(20ms);
    const TestResponse response = connection.read_answer();
    EXPECT_EQ(response.body, "slept");
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(connection.is_closed());
  }
  auto connection = send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  client->advance(20ms);
  EXPECT_EQ(connection.read_answer().header("Connection"), "keep-alive");
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(AsyncConnectionTest, RequestsBehindASuspendedOneAreAnsweredInOrder) {
  add_sleeping("/slow", 50ms);
  app.get("/quick/{n}").handle([](Context& context) { return std::string(context.path("n")); });
  start();
  auto connection = connect();
  connection.write(get_request("/quick/1") + get_request("/slow") + get_request("/quick/2") + get_request("/slow"));
  connection.write(get_request("/quick/3"));
  EXPECT_EQ(connection.read_answer().body, "1");
  EXPECT_EQ(begun, 1);
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_EQ(connection.read_answer().body, "2");
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(connection.receive(), "");
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_EQ(connection.read_answer().body, "3");
}

TEST_F(AsyncConnectionTest, ManyRequestsBehindASuspendedOneAreReadAheadWithinABound) {
  add_sleeping("/slow", 50ms);
  app.get("/quick").handle([this] {
    ++finished;
    return "quick";
  });
  start();
  auto connection = send(get_request("/slow"));
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += get_request("/quick");
  ASSERT_GT(many.size(), 150'000U);
  // The memory transport delivers in one piece what it may deliver at all.
  for (std::size_t at = 0; at < many.size(); at += 10'000) connection.send(std::string_view(many).substr(at, 10'000));
  client->advance(60ms);
  std::size_t answers = 0;
  ASSERT_TRUE(client->run_until([&] {
    answers += count_of(connection.receive(), "HTTP/1.1 200 ");
    return answers == 5'001;
  })) << answers;
  connection.write(get_request("/slow"));
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
}

TEST_F(AsyncConnectionTest, AContentBehindASuspendedRequestIsReadWhenItsTurnHasCome) {
  add_sleeping("/slow", 50ms);
  app.post("/").handle([](Context& context) -> Task<std::string> {
    co_await context.sleep(10ms);
    co_return std::to_string(context.body().size());
  });
  start();
  auto connection = send(get_request("/slow") + post_head("/", 200'000));
  connection.write(std::string(100'000, 'x'));
  client->advance(40s);  // reading is paused: nobody waits for the client
  connection.write(std::string(100'000, 'x'));
  EXPECT_EQ(connection.read_answer().body, "slept");
  client->advance(20ms);
  EXPECT_EQ(connection.read_answer().body, "200000");
}

TEST_F(AsyncConnectionTest, AStreamedContentBehindUnsentOutputIsRead) {
  app.get("/large").handle([] { return std::string(1 << 20, 'x'); });
  app.post("/").handle([](BodyStream in) -> Task<std::string> {
    std::string all;
    while (true) {
      const std::optional<std::string> piece = co_await in.read();
      if (!piece) break;
      all += *piece;
    }
    co_return all;
  });
  start();
  auto connection = connect();
  connection.set_receive_window(1000);
  connection.write(get_request("/large"));
  connection.write(post_head("/", 7) + "content");
  connection.set_receive_window(SIZE_MAX);
  EXPECT_EQ(connection.read_answer().body.size(), 1U << 20U);
  EXPECT_EQ(connection.read_answer().body, "content");
}

// ---- clients that leave, deadlines, bounds ----

TEST_F(AsyncConnectionTest, AHandlerUnwindsWhenItsClientLeft) {
  Events events;
  app.use(Recorder(events, "m"));
  add_sleeping("/", 1h);
  start();
  auto connection = send(get_request("/"));
  connection.reset();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(finished, 0);
  EXPECT_EQ(in_flight("/"), 0);
  EXPECT_EQ(metric("weir_orphaned_requests"), 0);
  EXPECT_THAT(events, ElementsAre("m.before", "m.done"));
}

TEST_F(AsyncConnectionTest, ADisconnectUnwindsNestedTasks) {
  app.get("/").handle([this](Context& context) -> Task<std::string> {
    const EndOfFrame end(ended);
    const int sum = co_await add_three(&context, 1, 2, 3);
    ++finished;
    co_return std::to_string(sum);
  });
  start();
  auto connection = send(get_request("/"));
  client->advance(15ms);
  connection.reset();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(finished, 0);
}

TEST_F(AsyncConnectionTest, AHandlerMayCleanUpBeforeItEnds) {
  app.get("/").handle([this](Context& context) -> Task<void> {
    try {
      co_await context.sleep(1h);
    } catch (const Cancelled&) {
      ++begun;
      EXPECT_TRUE(context.is_stop_requested());
      throw;
    }
  });
  start();
  auto connection = send(get_request("/"));
  connection.reset();
  EXPECT_EQ(begun, 1);
}

TEST_F(AsyncConnectionTest, AnAnswerToAClientThatLeftIsCounted) {
  app.get("/").handle([](Context& context) -> Task<std::string> {
    try {
      co_await context.sleep(1h);
    } catch (const Cancelled&) {
    }
    co_return std::string("too late");
  });
  start();
  auto connection = send(get_request("/"));
  connection.reset();
  EXPECT_EQ(late_results(), 1);
}

TEST_F(AsyncConnectionTest, ALateHandlerIs504AndItsConnectionGoesOn) {
  Events events;
  app.use(Recorder(events, "m"));
  app.get("/").timeout(2s).handle([this](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    co_await context.sleep(1h);
    ++finished;
  });
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = send(get_request("/") + get_request("/quick"));
  client->advance(1900ms);
  EXPECT_EQ(connection.receive(), "");
  client->advance(200ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  EXPECT_EQ(connection.read_answer().body, "quick");
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(finished, 0);
  connection.write(get_request("/quick"));
  EXPECT_EQ(connection.read_answer().body, "quick");
  EXPECT_THAT(events, ElementsAre("m.before", "m.after 504", "m.before", "m.after 200", "m.done", "m.done", "m.before",
                                  "m.after 200", "m.done"));
}

TEST_F(AsyncConnectionTest, ALateHandlerThatDoesNotStopDoesNotHoldItsConnection) {
  const auto pass_gate = [this] { gate.pass(); };
  app.get("/").timeout(2s).handle([this, pass_gate](Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    co_await context.offload(cpu, pass_gate);
  });
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  client->advance(2100ms);
  EXPECT_EQ(connection.read_answer().status, 504);
  connection.write(get_request("/quick"));
  EXPECT_EQ(connection.read_answer().body, "quick");
  EXPECT_EQ(ended, 0);
  gate.open();
  EXPECT_TRUE(client->run_until([this] { return ended == 1; }));
  EXPECT_EQ(connection.receive(), "");
}

TEST_F(AsyncConnectionTest, NoMoreHandlersThanTheirBoundAreSuspended) {
  app.get("/").in_flight(2).handle([](Context& context) -> Task<std::string> {
    co_await context.sleep(50ms);
    co_return std::string("slept");
  });
  app.post("/").in_flight(1).handle([](Context& context) -> Task<void> { co_await context.sleep(50ms); });
  start();
  auto first = send(get_request("/"));
  auto second = send(get_request("/"));
  expect_busy(get("/"));
  auto slow = send(post_head("/", 4));  // there is room now
  auto quick = send(post_head("/", 4) + "body");
  slow.write("body");
  expect_busy(slow.read_answer());
  expect_busy(client->post("/", "body", {{"Expect", "100-continue"}}));
  client->advance(60ms);
  EXPECT_EQ(first.read_answer().body, "slept");
  EXPECT_EQ(second.read_answer().body, "slept");
  EXPECT_EQ(quick.read_answer().status, 204);
  auto third = send(get_request("/"));
  client->advance(60ms);
  EXPECT_EQ(third.read_answer().body, "slept");
}

TEST_F(AsyncConnectionTest, ARefusedClientThatAskedIsNotToldToGoOn) {
  app.post("/").in_flight(1).handle([](Context& context) -> Task<void> { co_await context.sleep(50ms); });
  start();
  auto holding = send(post_head("/", 4) + "body");
  auto connection = connect();
  EXPECT_THAT(connection.send(post_head("/", 4, "Expect: 100-continue\r\n")), StartsWith("HTTP/1.1 503 "));
}

// ---- half-closed clients ----

TEST_F(AsyncConnectionTest, AHalfClosedClientIsProbedOnceAndAnswered) {
  add_sleeping("/", 50ms);
  start();
  auto connection = connect();
  connection.write(get_request("/"));
  connection.end_output();
  EXPECT_EQ(connection.receive(), "HTTP/1.1 102 Processing\r\n\r\n");
  client->advance(20ms);
  EXPECT_EQ(connection.receive(), "");
  client->advance(40ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(AsyncConnectionTest, AHalfClosedClientOfOldIsNotProbed) {
  add_sleeping("/", 50ms);
  start();
  auto connection = connect();
  connection.write("GET / HTTP/1.0\r\n\r\n");
  connection.end_output();
  EXPECT_EQ(connection.receive(), "");
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(AsyncConnectionTest, TheProbeCanBeTurnedOff) {
  app.settings().limits.disconnect_probe = false;
  add_sleeping("/", 50ms);
  start();
  auto connection = connect();
  connection.write(get_request("/"));
  connection.end_output();
  EXPECT_EQ(connection.receive(), "");
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
}

TEST_F(AsyncConnectionTest, ARequestThatCameWithTheEndOfInputIsProbedToo) {
  add_sleeping("/first", 50ms);
  add_sleeping("/second", 50ms);
  start();
  auto connection = connect();
  connection.write(get_request("/first") + get_request("/second"));
  connection.end_output();
  EXPECT_EQ(connection.receive(), "HTTP/1.1 102 Processing\r\n\r\n");
  client->advance(60ms);
  const std::string first = connection.receive();
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(first, HasSubstr("sleptHTTP/1.1 102 Processing\r\n\r\n"));
  client->advance(60ms);
  EXPECT_EQ(connection.read_answer().body, "slept");
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(AsyncConnectionTest, AHalfCloseIsSeenWhileReadingIsPaused) {
  add_sleeping("/", 50ms);
  app.get("/quick").handle([] { return "quick"; });
  start();
  auto connection = connect();
  connection.write(get_request("/"));
  std::string many;
  for (int i = 0; i < 3'000; ++i) many += get_request("/quick");
  connection.write(many);
  connection.end_output();
  EXPECT_EQ(connection.receive(), "HTTP/1.1 102 Processing\r\n\r\n");
  client->advance(60ms);
  std::string answers;
  ASSERT_TRUE(client->run_until([&] {
    answers += connection.receive();
    return connection.is_closed();
  }));
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 "), 3'001U);
}

}  // namespace
}  // namespace weir
