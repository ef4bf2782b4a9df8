// SPDX-License-Identifier: MIT
// Server-sent events, and readers that are too slow for a stream.
#include <weir/routing/event_stream.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(EventTest, IsRenderedAsTheStandardSays) {
  EXPECT_EQ(Event("a").render(), "data: a\n\n");
  EXPECT_EQ(Event("").render(), "data: \n\n");
  EXPECT_EQ(Event("a").type("tick").id("7").render(), "event: tick\nid: 7\ndata: a\n\n");
}

TEST(EventTest, EachLineOfItsDataIsADataLine) {
  EXPECT_EQ(Event("a\nb\r\nc\rd").render(), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(Event("a\n").render(), "data: a\ndata: \n\n");
}

TEST(EventTest, NothingCanBeSmuggledInByItsTypeOrId) {
  EXPECT_THROW(Event("a").type("x\ndata: y"), std::invalid_argument);
  EXPECT_THROW(Event("a").id("x\r"), std::invalid_argument);
  EXPECT_THROW(Event("a").id(std::string("x\0y", 3)), std::invalid_argument);
}

class EventStreamTest : public testing::Test {
 protected:
  App app{"test"};
};

TEST_F(EventStreamTest, AClientThatComesBackSaysWhereItWas) {
  app.get("/").handle([](EventStream events) -> Task<void> {
    co_await events.send(Event("after " + std::string(events.last_event_id())));
  });
  const TestResponse response = TestClient(app).get("/", {{"Last-Event-ID", "41"}});
  EXPECT_EQ(response.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  EXPECT_EQ(response.body, "data: after 41\n\n");
}

TEST_F(EventStreamTest, CommentsGoWhileNothingElseDoes) {
  app.get("/").handle([](EventStream events, Context& ctx) -> Task<void> {
    events.begin();
    co_await ctx.sleep(1h);
  });
  TestClient client(app);
  auto connection = client.connect();
  EXPECT_NE(connection.send(kGet).find("200 OK"), std::string::npos);
  client.advance(14s);
  EXPECT_EQ(connection.receive(), "");
  client.advance(1s + 16ms);
  EXPECT_EQ(connection.receive(), "3\r\n:\n\n\r\n");
}

// Sends a number of events to a client that reads none of them.
class SlowReaderApp : public EventStreamTest {
 protected:
  SlowReaderApp() {
    app.get("/").handle([this](EventStream events, Context& ctx) -> Task<void> {
      events.begin();
      co_await ctx.sleep(1s);
      for (int n = 0; n < wanted; ++n) {
        co_await events.send(Event("x"));
        ++sent;
      }
      co_await ctx.sleep(1h);
    });
  }
  int wanted = 0;
  int sent = 0;
};

class SlowReaderTest : public SlowReaderApp {  // apart, because a client takes the routes as they are when it is made
 protected:
  void send_events(int number) {
    wanted = number;
    connection.send(kGet);
    connection.set_receive_window(0);
    client.advance(1s);
  }
  TestClient client{app};
  TestClient::Connection connection = client.connect();
};

TEST_F(SlowReaderTest, SixtyFourEventsBehindIsBorne) {
  send_events(static_cast<int>(EventStream::kBehindMax));
  EXPECT_EQ(sent, 64);
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(SlowReaderTest, OneMoreIsCut) {
  send_events(static_cast<int>(EventStream::kBehindMax) + 1);
  EXPECT_EQ(sent, 64);
  EXPECT_TRUE(connection.is_closed());
  EXPECT_NE(client.metrics().find("weir_slow_readers_total 1"), std::string::npos);
}

// The head itself finds no room: what waits for the peer has a deadline from the first byte on.
TEST_F(EventStreamTest, AReaderThatNeverTakesAByteIsCutAtTheWriteTimeout) {
  app.get("/").handle([](StreamWriter out, Context& ctx) -> Task<void> {
    co_await out.write("piece");
    co_await ctx.sleep(1h);
  });
  TestClient client(app);
  auto connection = client.connect();
  connection.set_receive_window(0);
  connection.send(kGet);
  client.advance(29s);
  EXPECT_FALSE(connection.is_closed());
  client.advance(1s + 16ms);
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(EventStreamTest, OneStreamMoreThanTheBoundIs503) {
  app.settings().limits.streams = 2;
  app.get("/").handle([](EventStream events, Context& ctx) -> Task<void> {
    events.begin();
    co_await ctx.sleep(1h);
  });
  TestClient client(app);
  auto first = client.connect();
  auto second = client.connect();
  EXPECT_NE(first.send(kGet).find("200 OK"), std::string::npos);
  EXPECT_NE(second.send(kGet).find("200 OK"), std::string::npos);
  const TestResponse refused = client.get("/");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
}

}  // namespace
}  // namespace weir
