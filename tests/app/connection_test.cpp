// SPDX-License-Identifier: MIT
// What a connection does over time, seen through a TestClient.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace weir {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A `done` hook that keeps how each response ended.
struct Endings {
  std::shared_ptr<std::vector<Outcome>> outcomes = std::make_shared<std::vector<Outcome>>();
  void done(Context&, const Outcome& outcome) const { outcomes->push_back(outcome); }
};

std::size_t count(std::string_view text, std::string_view wanted) {
  std::size_t found = 0;
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++found;
  return found;
}

TEST(ConnectionTest, IdleTimeCountsFromTheLastRequest) {
  App app{"test"};
  app.get("/").handle([] { return "x"; });
  TestClient client{app};
  auto connection = client.connect();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(connection.send(kGet), HasSubstr("200 OK")) << i;
    client.advance(seconds(10));
  }
  client.advance(seconds(66));
  EXPECT_TRUE(connection.is_closed());
}

TEST(ConnectionTest, IdleTimeCountsFromTheLastRequestUnderDoneHooksToo) {
  App app{"test"};
  app.use(Endings{});
  app.get("/").handle([] { return "x"; });
  TestClient client{app};
  auto connection = client.connect();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(connection.send(kGet), HasSubstr("200 OK")) << i;
    client.advance(seconds(10));
  }
}

TEST(ConnectionTest, IdleTimeCountsFromTheEndOfASlowDownload) {
  App app{"test"};
  app.get("/").handle([] { return std::string(1 << 20, 'x'); });
  TestClient client{app};
  auto connection = client.connect();
  connection.set_receive_window(1000);
  connection.send(kGet);
  for (int i = 0; i < 10; ++i) {
    client.advance(seconds(20));
    connection.set_receive_window(1000);
  }
  connection.set_receive_window(SIZE_MAX);
  client.advance(seconds(70));
  EXPECT_FALSE(connection.is_closed());
  EXPECT_THAT(connection.send(kGet), HasSubstr("200 OK"));
}

TEST(ConnectionTest, AnswersThatWaitForDoneAreBoundedInNumber) {
  App app{"test"};
  Endings endings;
  app.use(endings);
  auto handled = std::make_shared<int>(0);
  app.get("/").handle([handled] {
    ++*handled;
    return "x";
  });
  TestClient client{app};
  auto connection = client.connect();
  connection.set_receive_window(0);
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += kGet;
  connection.send(requests);
  EXPECT_GT(*handled, 0);
  EXPECT_LE(*handled, 3 * 64);
  connection.set_receive_window(SIZE_MAX);
  EXPECT_EQ(*handled, 1000);
  EXPECT_EQ(endings.outcomes->size(), 1000U);
}

TEST(ConnectionTest, ALostAnswerIsNotReportedAsSent) {
  App app{"test"};
  Endings endings;
  app.use(endings);
  app.get("/").handle([] { return std::string(1 << 20, 'x'); });
  TestClient client{app};
  {
    auto connection = client.connect();
    connection.set_receive_window(1000);
    connection.send(kGet);
  }  // reset
  ASSERT_EQ(endings.outcomes->size(), 1U);
  EXPECT_EQ(endings.outcomes->front().reason, "disconnected");
}

TEST(ConnectionTest, ARequestCutBeforeItsAnswerSaysSo) {
  App app{"test"};
  Endings endings;
  app.use(endings);
  app.post("/").handle([] { return "x"; });
  TestClient client{app};
  { client.connect().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"); }
  ASSERT_EQ(endings.outcomes->size(), 1U);
  EXPECT_FALSE(endings.outcomes->front().is_answered);
}

TEST(ConnectionTest, AStrayEmptyLineIsNoRequest) {
  App app{"test"};
  app.get("/").handle([] { return "x"; });
  TestClient client{app};
  auto connection = client.connect();
  EXPECT_THAT(connection.send(std::string(kGet) + "\r\n"), HasSubstr("200 OK"));
  client.advance(seconds(80));
  EXPECT_EQ(connection.receive(), "");
  EXPECT_TRUE(connection.is_closed());
  auto second = client.connect();
  second.send("\r\n");
  second.end_output();
  EXPECT_EQ(second.receive(), "");
  EXPECT_TRUE(second.is_closed());
}

TEST(ConnectionTest, PipelinedAnswersComeInOneOrder) {
  App app{"test"};
  app.get("/{n}").handle([](Context& ctx) { return "[" + std::string(ctx.path("n")) + "]"; });
  TestClient client{app};
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string answers = client.connect().send(requests);
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 100U);
  EXPECT_LT(answers.find("[0]"), answers.find("[1]"));
  EXPECT_LT(answers.find("[98]"), answers.find("[99]"));
}

}  // namespace
}  // namespace weir
