// SPDX-License-Identifier: MIT
#include <middleware/body_limit.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

constexpr std::string_view kTen = "0123456789";
constexpr std::string_view kEleven = "0123456789a";

struct CountEntered {
  std::shared_ptr<int> entered;  // by the test and the app's copy
  void before(Context&) const { ++*entered; }
};

Task<std::string> read_in_pieces(BodyStream in) {
  std::string all;
  for (;;) {
    const std::optional<std::string> piece = co_await in.read();
    if (!piece) break;
    all += *piece;
  }
  co_return all;
}

std::string echo(Context& context) {
  return std::string(context.body());
}

// A limit of 10 bytes under "/small", and a middleware inside of it that counts.
class BodyLimitTest : public testing::Test {
 protected:
  BodyLimitTest() {
    app.post("/free").handle(echo);
    Group small = app.group("/small");
    small.use(BodyLimit{{.bytes = 10}});
    small.use(CountEntered{entered});
    small.post("/echo").handle(echo);
    small.post("/less").body_limit(5).handle(echo);
    small.post("/more").body_limit(100).handle(echo);
    small.post("/pieces").handle(read_in_pieces);
    client.emplace(app);
  }

  // In two chunks; the answer, and whether the connection ended with it.
  TestResponse post_chunked(std::string_view target, std::string_view content) {
    auto connection = client->connect();
    std::string bytes = "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string_view chunk : {content.substr(0, 5), content.substr(5)}) {
      bytes += std::to_string(chunk.size()) + "\r\n" + std::string(chunk) + "\r\n";
    }
    connection.write(bytes + "0\r\n\r\n");
    return connection.read_answer();
  }

  App app{"test"};
  std::shared_ptr<int> entered = std::make_shared<int>(0);
  std::optional<TestClient> client;
};

TEST_F(BodyLimitTest, ContentOfTheLimitIsLetIn) {
  client->post("/small/echo", kTen).expect_status(200).expect_body(kTen);
}

TEST_F(BodyLimitTest, OneByteMoreIsRefused) {
  client->post("/small/echo", kEleven)
      .expect_status(413)
      .expect_header("Content-Type", "application/problem+json")
      .expect_body_contains("longer than this resource takes");
}

TEST_F(BodyLimitTest, HooksInsideDoNotRunForWhatIsRefused) {
  client->post("/small/echo", kEleven).expect_status(413);
  EXPECT_EQ(*entered, 0);
  client->post("/small/echo", kTen).expect_status(200);
  EXPECT_EQ(*entered, 1);
}

TEST_F(BodyLimitTest, ItIsRefusedBeforeAnyContentHasCome) {
  auto connection = client->connect();
  const std::string answer =
      connection.send("POST /small/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
}

TEST_F(BodyLimitTest, TheLongestContentLengthIsRefused) {
  auto connection = client->connect();
  const std::string answer =
      connection.send("POST /small/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST_F(BodyLimitTest, TheConnectionGoesOnBehindShortRefusedContent) {
  auto connection = client->connect();
  connection.write("POST /small/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n" + std::string(kEleven));
  EXPECT_EQ(connection.read_answer().status, 413);
  connection.write("POST /small/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(connection.read_answer().body, "ab");
}

TEST_F(BodyLimitTest, ChunksUpToTheLimitAreLetIn) {
  post_chunked("/small/echo", kTen).expect_status(200).expect_body(kTen);
}

TEST_F(BodyLimitTest, ChunksBeyondTheLimitAreRefused) {
  post_chunked("/small/echo", kEleven).expect_status(413).expect_header("Connection", "close");
}

TEST_F(BodyLimitTest, ContentInPiecesUpToTheLimitIsLetIn) {
  client->post("/small/pieces", kTen).expect_status(200).expect_body(kTen);
  post_chunked("/small/pieces", kTen).expect_status(200).expect_body(kTen);
}

TEST_F(BodyLimitTest, ContentInPiecesBeyondTheLimitIsRefused) {
  client->post("/small/pieces", kEleven).expect_status(413);
  post_chunked("/small/pieces", kEleven).expect_status(413);
}

TEST_F(BodyLimitTest, ALowerLimitOfTheRouteStands) {
  client->post("/small/less", "12345").expect_status(200);
  client->post("/small/less", "123456").expect_status(413);
}

TEST_F(BodyLimitTest, AHigherLimitOfTheRouteDoesNotRaiseIt) {
  client->post("/small/more", kTen).expect_status(200);
  client->post("/small/more", kEleven).expect_status(413);
}

TEST_F(BodyLimitTest, OutsideOfItsScopeItDoesNothing) {
  client->post("/free", std::string(1000, 'x')).expect_status(200);
}

TEST_F(BodyLimitTest, WhereThereIsNoRouteTheAnswerSaysThat) {
  client->post("/small/none", kEleven).expect_status(404);
  client->put("/small/echo", kEleven).expect_status(405);
}

TEST(BodyLimitOptionsTest, ZeroLetsNoContentIn) {
  App app{"test"};
  app.use(BodyLimit{{.bytes = 0}});
  app.post("/").handle(echo);
  TestClient client(app);
  client.post("/", "").expect_status(200);
  client.post("/", "x").expect_status(413);
}

TEST(BodyLimitOptionsTest, TheDefaultIs64KiB) {
  App app{"test"};
  app.use(BodyLimit{{}});
  app.post("/").handle([](Context& context) { return std::to_string(context.body().size()); });
  TestClient client(app);
  client.post("/", std::string(64_KiB, 'x')).expect_body("65536");
  client.post("/", std::string(64_KiB + 1, 'x')).expect_status(413);
}

TEST(BodyLimitOptionsTest, TheLowerOfTwoHolds) {
  App app{"test"};
  app.use(BodyLimit{{.bytes = 2}});
  app.use(BodyLimit{{.bytes = 4}});
  app.post("/").handle(echo);
  TestClient client(app);
  client.post("/", "ab").expect_status(200);
  client.post("/", "abc").expect_status(413);
}

}  // namespace
}  // namespace weir::middleware
