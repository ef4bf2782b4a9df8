// SPDX-License-Identifier: MIT
// Content that a hook lets be decoded: on each lane, on the loop and beside it.
#include <weir/json.hpp>

#include <tests/routing/coding_fixture.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::size_t kOnLoopBytes = 4 << 10;  // what is decoded on the loop, at most
constexpr std::string_view kCoded = "X-Coded: brackets\r\n";

class DecoderTest : public LaneTest {
 protected:
  /// Routes on each lane that answer with the content they see.
  void add_routes() {
    app.post("/inline").handle([](Context& context) { return std::string(context.body()); });
    app.post("/pool").on(cpu).handle([](Context& context) { return std::string(context.body()); });
    app.post("/at-once").handle([](Context& context) -> Task<std::string> { co_return std::string(context.body()); });
    app.post("/waiting").handle([](Context& context) -> Task<std::string> {
      co_await context.sleep(1ns);
      co_return std::string(context.body());
    });
    app.post("/pieces").handle([](BodyStream body) -> Task<std::string> {
      std::string all;
      while (true) {
        std::optional<std::string> piece = co_await body.read();
        if (!piece) break;
        all += *piece;
      }
      co_return std::move(all);
    });
    app.get("/").handle([] { return "x"; });
  }
  static std::string post(std::string_view target, std::string_view content) {
    return post_head(target, content.size(), kCoded) + std::string(content);
  }
  /// Lets those sleep out that sleep.
  TestResponse read(TestClient::Connection& connection) {
    for (int turn = 0; turn < 3; ++turn) client->advance(1ms);
    client->run_until([&] {
      client->advance(1ms);
      return probe.alive == 0;
    });
    client->advance(1ms);
    return connection.read_answer();
  }
  TestResponse send_coded(std::string_view target, std::string_view content) {
    auto connection = send(post(target, content));
    return read(connection);
  }
  bool is_all_gone() {
    return client->run_until([this] { return probe.alive == 0; });
  }

  CodingProbe probe;
};

class DecoderLaneTest : public DecoderTest, public testing::WithParamInterface<const char*> {
 protected:
  DecoderLaneTest() {
    app.use(Unbracketing(probe));
    add_routes();
    start();
  }
  bool is_in_pieces() const { return std::string_view(GetParam()) == "/pieces"; }
};

TEST_P(DecoderLaneTest, ShortContentIsDecoded) {
  const std::string inner(kOnLoopBytes - 2, 'x');
  const TestResponse response = send_coded(GetParam(), "<" + inner + ">");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, inner + " ");
  EXPECT_EQ(probe.calls_beside == 0, !is_in_pieces());  // pieces always are
  EXPECT_TRUE(is_all_gone());
}

TEST_P(DecoderLaneTest, LongContentIsDecodedBesideTheLoop) {
  const std::string inner(kOnLoopBytes - 1, 'x');
  EXPECT_EQ(send_coded(GetParam(), "<" + inner + ">").body, inner + " ");
  EXPECT_GE(probe.calls_beside, 1);
}

TEST_P(DecoderLaneTest, ContentThatIsSpooledIsDecoded) {
  const std::string inner(400'000, 'x');
  EXPECT_EQ(send_coded(GetParam(), "<" + inner + ">").body, inner + " ");
}

TEST_P(DecoderLaneTest, ContentThatComesSlowlyIsDecoded) {
  auto connection = send(post_head(GetParam(), 4, kCoded) + "<a");
  client->advance(1s);
  connection.write("b");
  client->advance(1s);
  connection.write(">");
  EXPECT_EQ(read(connection).body, "ab ");
}

TEST_P(DecoderLaneTest, ChunksAreDecoded) {
  auto connection = send("POST " + std::string(GetParam()) +
                         " HTTP/1.1\r\nHost: a\r\nX-Coded: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "2\r\n<a\r\n2\r\nb>\r\n0\r\n\r\n");
  EXPECT_EQ(read(connection).body, "ab ");
}

TEST_P(DecoderLaneTest, WhatIsMalformedIsRefused) {
  for (const std::size_t size : {std::size_t{1}, kOnLoopBytes + 1}) {
    const TestResponse response = send_coded(GetParam(), std::string(size, 'x') + "!");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    EXPECT_THAT(response.body, HasSubstr("No exclamation."));
    EXPECT_TRUE(is_all_gone());
  }
}

TEST_P(DecoderLaneTest, WhatIsTooLongIsRefused) {
  for (const std::size_t size : {std::size_t{1}, kOnLoopBytes + 1}) {
    EXPECT_EQ(send_coded(GetParam(), std::string(size, 'x') + "?").status, 413);
  }
}

TEST_P(DecoderLaneTest, OneThatThrowsIsAServerError) {
  probe.during = [](std::string_view) { throw std::runtime_error("it cannot"); };
  for (const std::size_t size : {std::size_t{1}, kOnLoopBytes + 1}) {
    EXPECT_EQ(send_coded(GetParam(), std::string(size, 'x')).status, 500);
    EXPECT_TRUE(is_all_gone());
  }
}

TEST_P(DecoderLaneTest, RequestsBehindItAreAnswered) {
  auto connection = send(post(GetParam(), "<" + std::string(kOnLoopBytes, 'x') + ">") + post(GetParam(), "<a>") +
                         post_head(GetParam(), 3) + "<b>" + get_request("/"));
  EXPECT_EQ(read(connection).body.size(), kOnLoopBytes + 1);
  EXPECT_EQ(read(connection).body, "a ");
  EXPECT_EQ(read(connection).body, "<b>") << "this one is not coded";
  EXPECT_EQ(connection.read_answer().body, "x");
}

TEST_P(DecoderLaneTest, AClientThatLeavesMeanwhileLeavesNothingBehind) {
  probe.during = [this](std::string_view) { gate.pass(); };
  auto connection = send(post(GetParam(), std::string(kOnLoopBytes + 1, 'x')));
  wait_for_arrivals(1);
  connection.reset();
  gate.open();
  EXPECT_TRUE(is_all_gone());
  probe.during = nullptr;
  EXPECT_EQ(send_coded(GetParam(), "<a>").body, "a ");
}

TEST_P(DecoderLaneTest, ARequestWithoutContentHasNothingToDecode) {
  auto connection = send("POST " + std::string(GetParam()) + " HTTP/1.1\r\nHost: a\r\nX-Coded: 1\r\n\r\n");
  EXPECT_EQ(read(connection).body, "");
  EXPECT_EQ(probe.calls_beside, 0);
}

INSTANTIATE_TEST_SUITE_P(Lanes, DecoderLaneTest, testing::Values("/inline", "/pool", "/at-once", "/waiting", "/pieces"),
                         [](const auto& lane) {
                           std::string name = lane.param + 1;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(DecoderTest, ADeadlineThatPassesMeanwhileIsAnswered) {
  app.use(Unbracketing(probe));
  add_routes();
  start();
  probe.during = [this](std::string_view) { gate.pass(); };
  auto connection = send(post("/waiting", std::string(kOnLoopBytes + 1, 'x')));
  wait_for_arrivals(1);
  client->advance(31s);
  EXPECT_EQ(connection.read_answer().status, 504);
  gate.open();
  EXPECT_TRUE(is_all_gone());
}

TEST_F(DecoderTest, ADecoderThatAnAnsweringHookLeavesIsNotTheNextRequests) {
  struct Answering {
    std::optional<Response> before(Context& context) const {
      if (!context.header("X-Coded")) return std::nullopt;
      return Response(403);
    }
  };
  app.use(Unbracketing(probe));
  app.use(Answering());
  add_routes();
  start();
  auto connection = send(post("/at-once", "<a>") + post_head("/at-once", 3) + "<b>");
  EXPECT_EQ(connection.read_answer().status, 403);
  EXPECT_EQ(connection.read_answer().body, "<b>");
  EXPECT_TRUE(is_all_gone());
}

TEST_F(DecoderTest, ADecoderThatAThrowingHookLeavesIsNotTheNextRequests) {
  struct Throwing {
    CodingProbe* probe;
    void before(Context& context) const {
      if (!context.header("X-Coded")) return;
      context.decode_content(std::make_unique<Unbrackets>(*probe));
      throw HttpError(403, std::string("no"));
    }
  };
  app.use(Throwing{&probe});
  add_routes();
  start();
  auto connection = send(post("/at-once", "<a>") + post_head("/at-once", 3) + "<b>");
  EXPECT_EQ(connection.read_answer().status, 403);
  EXPECT_EQ(connection.read_answer().body, "<b>");
  EXPECT_TRUE(is_all_gone());
}

TEST_F(DecoderTest, WhereNoRouteIsFoundNothingIsDecoded) {
  app.use(Unbracketing(probe));
  add_routes();
  start();
  EXPECT_EQ(send_coded("/nowhere", "<a>").status, 404);
  EXPECT_TRUE(is_all_gone());
}

TEST_F(DecoderTest, OfTwoDecodersTheFirstCounts) {
  CodingProbe second;
  app.use(Unbracketing(probe)).use(Unbracketing(second));
  add_routes();
  start();
  EXPECT_EQ(send_coded("/inline", "<a>").body, "a ");
  EXPECT_EQ(second.alive, 0);
}

TEST_F(DecoderTest, AnAnswerMadeOfDecodedContentCanBeTransformed) {
  CodingProbe out;
  app.use(Unbracketing(probe)).use(Bracketing(out));
  add_routes();
  start();
  const std::string inner(20'000, 'x');
  for (const std::string_view target : {"/inline", "/pool", "/at-once", "/waiting", "/pieces"}) {
    EXPECT_EQ(send_coded(target, "<" + inner + ">").body, "<" + inner + " >!") << target;
  }
}

TEST_F(DecoderTest, PiecesAreDecodedAsTheyCome) {
  std::vector<std::string> pieces;
  app.use(Unbracketing(probe));
  app.post("/").handle([&pieces](BodyStream body) -> Task<void> {
    while (true) {
      std::optional<std::string> piece = co_await body.read();
      if (!piece) break;
      pieces.push_back(*piece);
    }
  });
  start();
  auto connection = send(post_head("/", 6, kCoded) + "<ab");
  ASSERT_TRUE(client->run_until([&] { return pieces.size() == 1; }));
  EXPECT_EQ(pieces[0], "ab");
  connection.write("<");  // becomes nothing: not a piece
  connection.write("c>");
  EXPECT_EQ(connection.read_answer().status, 204);
  std::string all;
  for (const std::string& piece : pieces) {
    EXPECT_NE(piece, "");
    all += piece;
  }
  EXPECT_EQ(all, "abc ");
}

TEST_F(DecoderTest, TypedContentIsReadFromWhatWasDecoded) {
  app.use(Unbracketing(probe));
  app.post("/json").handle([](nlohmann::json document) { return document; });
  app.post("/json-on-pool").on(cpu).handle([](nlohmann::json document) { return document; });
  start();
  for (const std::size_t size : {std::size_t{1}, kOnLoopBytes, std::size_t{200'000}}) {
    const std::string json = "[\"" + std::string(size, 'x') + "\"]";
    EXPECT_EQ(send_coded("/json", "<" + json + ">").body, json);
    EXPECT_EQ(send_coded("/json-on-pool", "<" + json + ">").body, json);
  }
  EXPECT_EQ(send_coded("/json", "<[>").status, 400);
}

}  // namespace
}  // namespace weir
