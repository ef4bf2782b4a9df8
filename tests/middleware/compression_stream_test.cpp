// SPDX-License-Identifier: MIT
// Answers in pieces, events and files, coded; in the company of ETag and Decompression.
#include <middleware/compression.hpp>
#include <middleware/decompression.hpp>
#include <middleware/etag.hpp>

#include <tests/middleware/codings.hpp>
#include <tests/routing/lane_fixture.hpp>
#include <tests/routing/temporary_folder.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

/// Joins the chunks of what has come so far, behind the head.
std::string content_of(std::string_view received) {
  std::string_view rest = received.substr(received.find("\r\n\r\n") + 4);
  std::string content;
  while (!rest.empty()) {
    const std::size_t size = std::stoul(std::string(rest.substr(0, rest.find("\r\n"))), nullptr, 16);
    content += rest.substr(rest.find("\r\n") + 2, size);
    rest.remove_prefix(rest.find("\r\n") + 2 + size + 2);
  }
  return content;
}

class CompressionStreamTest : public LaneTest, public testing::WithParamInterface<const char*> {
 protected:
  CompressionStreamTest() { app.use(Compression{}); }
  std::string coding() const { return GetParam(); }
  std::string accepted() const { return "Accept-Encoding: " + coding() + "\r\n"; }
  TestResponse get_coded(std::string_view target) { return client->get(target, {{"Accept-Encoding", coding()}}); }
};

TEST_P(CompressionStreamTest, EachPieceCanBeReadAtOnce) {
  app.get("/").handle([](StreamWriter out, Context& context) -> Task<void> {
    out.head().set_header("Content-Type", "text/plain");
    for (int n = 0; n < 3; ++n) {
      co_await out.write("piece " + std::to_string(n) + "\n");
      co_await context.sleep(1s);
    }
  });
  start();
  auto connection = connect();
  std::string received = connection.send(get_request("/", accepted()));
  EXPECT_NE(received.find("Content-Encoding: " + coding() + "\r\n"), std::string::npos);
  EXPECT_EQ(decoded(coding(), content_of(received), true), "piece 0\n");
  client->advance(1100ms);
  received += connection.receive();
  EXPECT_EQ(decoded(coding(), content_of(received), true), "piece 0\npiece 1\n");
  client->advance(1100ms);
  client->advance(1100ms);
  received += connection.receive();
  EXPECT_EQ(decoded(coding(), content_of(received)), "piece 0\npiece 1\npiece 2\n");
}

TEST_P(CompressionStreamTest, PiecesOfAllSizesComeBackAsTheyWere) {
  std::string all;
  app.get("/").handle([&all](StreamWriter out) -> Task<void> {
    out.head().set_header("Content-Type", "application/json");
    for (const std::size_t size : {1, 100, 16'384, 16'385, 3, 200'000, 70'000, 1}) {
      const std::string piece = size == 70'000 ? noise(size) : sample_text(size);
      all += piece;
      co_await out.write(piece);
    }
  });
  start();
  const TestResponse response = get_coded("/");
  EXPECT_TRUE(decoded(coding(), response.body) == all);
  EXPECT_EQ(response.header("Content-Length"), std::nullopt);
  EXPECT_EQ(response.header("Vary"), "Accept-Encoding");
}

TEST_P(CompressionStreamTest, EventsAndHeartbeatsArriveAtOnce) {
  app.get("/").handle([](EventStream events, Context& context) -> Task<void> {
    co_await events.send(Event("a"));
    co_await context.sleep(1h);
  });
  start();
  auto connection = connect();
  std::string received = connection.send(get_request("/", accepted()));
  EXPECT_EQ(decoded(coding(), content_of(received), true), "data: a\n\n");
  client->advance(15s + 16ms);
  received += connection.receive();
  EXPECT_EQ(decoded(coding(), content_of(received), true), "data: a\n\n:\n\n");
}

TEST_P(CompressionStreamTest, StreamsOfOtherTypesAreLeftAlone) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    out.head().set_header("Content-Type", "video/mp4");
    co_await out.write("abc");
  });
  start();
  const TestResponse response = get_coded("/");
  EXPECT_EQ(response.body, "abc");
  EXPECT_EQ(response.header("Content-Encoding"), std::nullopt);
}

TEST_P(CompressionStreamTest, FilesAreCodedWithoutRangesAndWithAWeakETag) {
  const TemporaryFolder folder;
  const std::string content = sample_text(300'000);
  app.get("/").handle([path = folder.write("a.json", content)] {
    return Response::file(path).set_header("ETag", "\"a\"").set_header("Accept-Ranges", "bytes");
  });
  start();
  const TestResponse response = get_coded("/");
  EXPECT_TRUE(decoded(coding(), response.body) == content);
  EXPECT_EQ(response.header("ETag"), "W/\"a\"");
  EXPECT_EQ(response.header("Accept-Ranges"), std::nullopt);
  EXPECT_EQ(response.header("Content-Length"), std::nullopt);
}

TEST_P(CompressionStreamTest, AnEmptyFileIsAnEmptyContent) {
  const TemporaryFolder folder;
  app.get("/").handle([path = folder.write("a.json", "")] { return Response::file(path); });
  start();
  EXPECT_EQ(decoded(coding(), get_coded("/").body), "");
}

TEST_P(CompressionStreamTest, AnswersOfAPoolAreCoded) {
  app.get("/").on(cpu).handle([] { return sample_text(100'000); });
  start();
  EXPECT_TRUE(decoded(coding(), get_coded("/").body) == sample_text(100'000));
}

// ---- clients that leave in the middle; whatever an encoder still held is not the next answer's ----

TEST_P(CompressionStreamTest, AClientThatLeavesBetweenPiecesLeavesNothingToTheNext) {
  int ended = 0;
  app.get("/").handle([&ended](StreamWriter out, Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    out.head().set_header("Content-Type", "text/plain");
    co_await out.write(sample_text(10'000));
    co_await context.sleep(1s);
    co_await out.write("end");
  });
  start();
  for (int i = 0; i < 3; ++i) {
    auto connection = send(get_request("/", accepted()));
    client->advance(500ms);
    connection.reset();
    ASSERT_TRUE(client->run_until([&] { return ended == i + 1; }));
  }
  auto connection = send(get_request("/", accepted()));
  std::string received = connection.receive();
  client->advance(2s);
  received += connection.receive();
  EXPECT_TRUE(decoded(coding(), content_of(received)) == sample_text(10'000) + "end");
}

TEST_P(CompressionStreamTest, AClientThatLeavesDuringAFileLeavesNothingToTheNext) {
  const TemporaryFolder folder;
  const std::string content = sample_text(3'000'000);
  app.get("/").handle([path = folder.write("a.json", content)] { return Response::file(path); });
  start();
  for (int i = 0; i < 3; ++i) {
    auto connection = connect();
    connection.set_receive_window(10'000);
    connection.write(get_request("/", accepted()));
    ASSERT_TRUE(client->run_until([&] { return !connection.receive().empty(); }));
    connection.reset();
  }
  EXPECT_TRUE(decoded(coding(), get_coded("/").body) == content);
}

TEST_P(CompressionStreamTest, AnAnswerThatIsCutWhileItIsCodedLeavesNothingToTheNext) {
  app.get("/").handle([] { return sample_text(2'000'000); });
  start();
  for (int i = 0; i < 3; ++i) {
    auto connection = connect();
    connection.write(get_request("/", accepted()));
    connection.reset();
  }
  EXPECT_TRUE(decoded(coding(), get_coded("/").body) == sample_text(2'000'000));
}

TEST_P(CompressionStreamTest, InHttp10StreamsAreCodedToo) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    out.head().set_header("Content-Type", "text/plain");
    co_await out.write("abc");
  });
  start();
  auto connection = send("GET / HTTP/1.0\r\n" + accepted() + "\r\n");
  EXPECT_EQ(decoded(coding(), connection.read_answer().body), "abc");
}

TEST_P(CompressionStreamTest, ANotModifiedComesForTheETagOfTheCodedAnswer) {
  app.use(ETag{});
  app.get("/").handle([] { return sample_text(5'000); });
  start();
  const TestResponse first = get_coded("/");
  const std::string etag = first.header("ETag").value_or("");
  EXPECT_THAT(etag, testing::StartsWith("W/\""));
  const TestResponse second = client->get("/", {{"Accept-Encoding", coding()}, {"If-None-Match", etag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.header("ETag"), etag);
  EXPECT_EQ(second.header("Vary"), "Accept-Encoding");
  EXPECT_EQ(second.header("Content-Encoding"), std::nullopt);
}

TEST_P(CompressionStreamTest, AnETagOutsideOfItSaysNothingOfCodedContent) {
  App outside{"test"};
  outside.use(ETag{}).use(Compression{});
  outside.get("/").handle([] { return sample_text(5'000); });
  const TestResponse response = TestClient(outside).get("/", {{"Accept-Encoding", coding()}, {"If-None-Match", "*"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("ETag"), std::nullopt);
  EXPECT_EQ(decoded(coding(), response.body), sample_text(5'000));
}

TEST_P(CompressionStreamTest, WhatIsCodedOnTheWayOutIsDecodedOnTheWayIn) {
  app.use(Decompression{});
  app.post("/").body_limit(1 << 20).handle([](Context& context) { return std::string(context.body()); });
  start();
  const std::string content = sample_text(100'000);
  const std::string coded = client->post("/", content, {{"Accept-Encoding", coding()}}).body;
  ASSERT_LT(coded.size(), content.size() / 2);
  EXPECT_TRUE(client->post("/", coded, {{"Content-Encoding", coding()}}).body == content);
}

INSTANTIATE_TEST_SUITE_P(Codings, CompressionStreamTest, testing::Values("gzip", "br", "zstd"),
                         [](const auto& coding) { return std::string(coding.param); });

}  // namespace
}  // namespace weir::middleware
