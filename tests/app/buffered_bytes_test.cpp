// SPDX-License-Identifier: MIT
// The bound on all that a process keeps for its peers.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kLimit = 10'000;

class BufferedBytesTest : public testing::Test {
 protected:
  BufferedBytesTest() {
    app.settings().limits.buffered_bytes = kLimit;
    app.post("/").handle([](Context& ctx) { return std::to_string(ctx.body().size()); });
    app.get("/").handle([] { return "here"; });
    app.get("/large").handle([] { return std::string(100'000, 'x'); });
    app.get("/slow").handle([](Context& ctx) -> Task<std::string> {
      co_await ctx.sleep(seconds(10));
      co_return std::string("slow");
    });
    app.post("/slow").handle([](Context& ctx) -> Task<std::string> {
      co_await ctx.sleep(seconds(10));
      co_return std::to_string(ctx.body().size());
    });
    app.post("/stream").handle([](BodyStream in, Context& ctx) -> Task<std::string> {
      co_await ctx.sleep(seconds(2));
      std::size_t bytes = 0;
      while (true) {
        const std::optional<std::string> piece = co_await in.read();
        if (!piece) break;
        bytes += piece->size();
      }
      co_return std::to_string(bytes);
    });
  }

  static std::string post(std::size_t length, std::size_t sent, std::string_view target = "/") {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n" + std::string(sent, 'x');
  }
  TestClient& client() {
    if (!client_) client_ = std::make_unique<TestClient>(app);
    return *client_;
  }
  std::uint64_t buffered() {
    const std::string metrics = client().metrics();
    const std::string name = "\nweir_buffered_bytes ";
    const std::size_t at = metrics.find(name);
    EXPECT_NE(at, std::string::npos);
    return std::strtoull(metrics.c_str() + at + name.size(), nullptr, 10);
  }

  App app{"test"};

 private:
  std::unique_ptr<TestClient> client_;
};

TEST_F(BufferedBytesTest, ContentThatIsHereAtOnceCountsNothing) {
  auto connection = client().connect();
  EXPECT_THAT(connection.send(post(50'000, 50'000)), HasSubstr("50000"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, ContentThatIsKeptCountsUntilItsRequestEnds) {
  auto connection = client().connect();
  static_cast<void>(connection.send(post(5'000, 3'000)));
  EXPECT_EQ(buffered(), 3'000U);
  EXPECT_THAT(connection.send(std::string(2'000, 'x')), HasSubstr("5000"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, ChunkedContentCountsToo) {
  auto connection = client().connect();
  static_cast<void>(connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  EXPECT_EQ(buffered(), 5U);
  EXPECT_THAT(connection.send("0\r\n\r\n"), HasSubstr("\r\n\r\n5"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, EachWayThatARequestCanEndGivesItBack) {
  {
    auto left = client().connect();
    static_cast<void>(left.send(post(5'000, 3'000)));
    EXPECT_EQ(buffered(), 3'000U);
  }
  EXPECT_EQ(buffered(), 0U) << "the client left";

  auto stalled = client().connect();
  static_cast<void>(stalled.send(post(5'000, 3'000)));
  client().advance(seconds(40));
  EXPECT_THAT(stalled.receive(), HasSubstr("408"));
  EXPECT_EQ(buffered(), 0U) << "it was too slow";

  auto malformed = client().connect();
  static_cast<void>(malformed.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  EXPECT_THAT(malformed.send("zz\r\n"), HasSubstr("400"));
  EXPECT_EQ(buffered(), 0U) << "the content was malformed";

  {
    auto suspended = client().connect();
    static_cast<void>(suspended.send(post(100, 100, "/slow")));
    EXPECT_EQ(buffered(), 100U);
  }
  EXPECT_EQ(buffered(), 0U) << "the client of a suspended handler left";

  auto timed_out = client().connect();
  static_cast<void>(timed_out.send(post(100, 100, "/slow")));
  client().advance(seconds(11));
  EXPECT_THAT(timed_out.receive(), HasSubstr("\r\n\r\n100"));
  EXPECT_EQ(buffered(), 0U) << "it was answered late";

  auto streamed = client().connect();
  static_cast<void>(streamed.send(post(300, 100, "/stream")));
  EXPECT_EQ(buffered(), 100U);
  client().advance(seconds(3));
  EXPECT_EQ(buffered(), 0U) << "it was taken";
  EXPECT_THAT(streamed.send(std::string(200, 'x')), HasSubstr("\r\n\r\n300"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, UnsentOutputCounts) {
  {
    auto connection = client().connect();
    connection.set_receive_window(1'000);
    static_cast<void>(connection.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_GT(buffered(), 99'000U);
    connection.set_receive_window(50'000);
    EXPECT_LT(buffered(), 60'000U);
    EXPECT_GT(buffered(), 40'000U);
  }
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, InputThatWaitsForAHandlerCounts) {
  auto connection = client().connect();
  const std::string next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  static_cast<void>(connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + next));
  EXPECT_EQ(buffered(), next.size());
  client().advance(seconds(11));
  EXPECT_THAT(connection.receive(), HasSubstr("here"));
  EXPECT_EQ(buffered(), 0U);
  static_cast<void>(connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + next));
  { auto gone = std::move(connection); }
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, BelowTheBoundNewContentIsRead) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit - 1)));
  ASSERT_EQ(buffered(), kLimit - 1);
  auto connection = client().connect();
  static_cast<void>(connection.send(post(100, 1)));
  EXPECT_EQ(buffered(), kLimit);
  EXPECT_THAT(connection.send(std::string(99, 'x')), HasSubstr("\r\n\r\n100"));
}

TEST_F(BufferedBytesTest, AtTheBoundNewContentWaitsAndGoesOnWhenThereIsRoom) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto first = client().connect();
  auto second = client().connect();
  EXPECT_EQ(first.send(post(100, 50)), "");
  EXPECT_EQ(second.send(post(100, 50)), "");
  static_cast<void>(first.send(std::string(50, 'x')));  // is not read
  client().advance(seconds(4));
  EXPECT_EQ(first.receive(), "");
  EXPECT_EQ(buffered(), kLimit + 100);
  EXPECT_THAT(holder.send(std::string(20'000 - kLimit, 'x')), HasSubstr("20000"));
  client().advance(milliseconds(50));
  EXPECT_THAT(first.receive(), HasSubstr("\r\n\r\n100"));
  EXPECT_THAT(second.send(std::string(50, 'x')), HasSubstr("\r\n\r\n100"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, WhoWaitsTooLongIs503AndItsConnectionGoesOn) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto waiting = client().connect();
  EXPECT_EQ(waiting.send(post(100, 50)), "");
  client().advance(milliseconds(4'900));
  EXPECT_EQ(waiting.receive(), "");
  client().advance(milliseconds(200));
  const std::string answer = waiting.receive();
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(buffered(), kLimit);
  EXPECT_THAT(client().metrics(), HasSubstr("weir_rejected_total{reason=\"buffered-bytes\"} 1"));
  static_cast<void>(waiting.send(std::string(50, 'x')));
  EXPECT_THAT(waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("here"));
}

TEST_F(BufferedBytesTest, ContinueIsSaidOnlyWhenThereIsRoom) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto waiting = client().connect();
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_EQ(waiting.send(head), "");
  static_cast<void>(holder.send(std::string(20'000 - kLimit, 'x')));
  client().advance(milliseconds(50));
  EXPECT_THAT(waiting.receive(), HasSubstr("100 Continue"));
  EXPECT_THAT(waiting.send("abc"), HasSubstr("\r\n\r\n3"));
}

TEST_F(BufferedBytesTest, RequestsWithoutContentAndContentAtHandDoNotWait) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto connection = client().connect();
  EXPECT_THAT(connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("here"));
  EXPECT_THAT(connection.send(post(100, 100)), HasSubstr("\r\n\r\n100"));
}

TEST_F(BufferedBytesTest, AClientThatLeavesWhileItWaitsIsForgotten) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto first = client().connect();
  auto third = client().connect();
  {
    auto second = client().connect();
    static_cast<void>(first.send(post(100, 50)));
    static_cast<void>(second.send(post(100, 50)));
    static_cast<void>(third.send(post(100, 50)));
    EXPECT_EQ(buffered(), kLimit + 150);
  }
  EXPECT_EQ(buffered(), kLimit + 100);
  static_cast<void>(holder.send(std::string(20'000 - kLimit, 'x')));
  client().advance(milliseconds(50));
  EXPECT_THAT(first.send(std::string(50, 'x')), HasSubstr("\r\n\r\n100"));
  EXPECT_THAT(third.send(std::string(50, 'x')), HasSubstr("\r\n\r\n100"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, AHalfClosedClientIsAnsweredAfterItsWait) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto waiting = client().connect();
  static_cast<void>(waiting.send(post(100, 50)));
  static_cast<void>(waiting.send(std::string(50, 'x')));
  waiting.end_output();
  EXPECT_EQ(waiting.receive(), "");
  static_cast<void>(holder.send(std::string(20'000 - kLimit, 'x')));
  client().advance(milliseconds(50));
  EXPECT_THAT(waiting.receive(), HasSubstr("\r\n\r\n100"));
}

TEST_F(BufferedBytesTest, StreamedContentWaitsToo) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto waiting = client().connect();
  static_cast<void>(waiting.send(post(100, 50, "/stream")));
  client().advance(seconds(4));
  static_cast<void>(holder.send(std::string(20'000 - kLimit, 'x')));
  client().advance(milliseconds(50));
  static_cast<void>(waiting.send(std::string(50, 'x')));
  client().advance(seconds(3));
  EXPECT_THAT(waiting.receive(), HasSubstr("\r\n\r\n100"));
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(BufferedBytesTest, AtTheBoundNothingIsReadAhead) {
  auto holder = client().connect();
  static_cast<void>(holder.send(post(20'000, kLimit)));
  auto connection = client().connect();
  const std::string next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  static_cast<void>(connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + next));
  for (int i = 0; i < 10; ++i) static_cast<void>(connection.send(next));
  EXPECT_EQ(buffered(), kLimit + next.size());
  client().advance(seconds(11));
  const std::string answers = connection.receive();
  EXPECT_THAT(answers, HasSubstr("slow"));
  EXPECT_THAT(answers, HasSubstr("here"));
}

TEST_F(BufferedBytesTest, ContentAfterAnAsynchronousHookStaysWhole) {
  struct Hook {
    Task<void> before(Context& ctx) const { co_await ctx.sleep(seconds(1)); }
  };
  app.group("/hook").use(Hook{}).post("/x").handle([](Context& ctx) -> Task<std::string> {
    co_await ctx.sleep(seconds(1));
    co_return std::string(ctx.body());
  });
  auto connection = client().connect();
  const std::string content = "content that lies in no buffer of the loop any more";
  static_cast<void>(connection.send(
      "POST /hook/x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content));
  client().advance(milliseconds(1'100));
  client().advance(milliseconds(1'100));
  EXPECT_THAT(connection.receive(), HasSubstr(content));
  EXPECT_EQ(buffered(), 0U);
}

}  // namespace
}  // namespace weir
