// SPDX-License-Identifier: MIT
// Content in pieces, events and files that a hook lets become something else.
#include <tests/routing/coding_fixture.hpp>
#include <tests/routing/temporary_folder.hpp>

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
const std::string& large() {
  static const std::string kText(kOnLoopBytes + 1, 'x');
  return kText;
}

class StreamTransformTest : public LaneTest {
 protected:
  StreamTransformTest() { app.use(Bracketing(probe)); }
  bool is_all_gone() {
    return client->run_until([this] { return probe.alive == 0; });
  }
  std::string receive_all(TestClient::Connection& connection, std::string_view end) {
    std::string received;
    EXPECT_TRUE(client->run_until([&] {
      received += connection.receive();
      return received.ends_with(end);
    })) << received.substr(0, 1000);
    return received;
  }

  CodingProbe probe;
};

TEST_F(StreamTransformTest, EachPieceIsFlushedAndTheEndComesOnce) {
  app.get("/").handle([](StreamWriter out, Context& context) -> Task<void> {
    co_await out.write("a");
    co_await context.sleep(1s);
    co_await out.write("b");
  });
  start();
  auto connection = send(get_request("/"));
  EXPECT_THAT(connection.receive(), EndsWith("\r\n\r\n4\r\n<a>|\r\n"));
  client->advance(2s);
  EXPECT_EQ(connection.receive(), "4\r\n<b>|\r\n1\r\n!\r\n0\r\n\r\n");
  EXPECT_EQ(probe.calls_beside, 0);
  EXPECT_TRUE(is_all_gone());
}

TEST_F(StreamTransformTest, ALongPieceIsTransformedBesideTheLoop) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    co_await out.write("a");
    co_await out.write(large().substr(1));
    co_await out.write(large());
    co_await out.write("z");
  });
  start();
  EXPECT_EQ(get("/").body, "<a>|<" + large().substr(1) + ">|<" + large() + ">|<z>|!");
  EXPECT_EQ(probe.calls_beside, 1);
}

TEST_F(StreamTransformTest, AStreamWithoutPiecesHasNoContent) {
  app.get("/").handle([](StreamWriter) -> Task<void> { co_return; });
  start();
  const TestResponse response = get("/");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
}

TEST_F(StreamTransformTest, AnAnnouncedLengthIsNotThatOfWhatItBecomes) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    out.set_length(2);
    co_await out.write("ab");
  });
  start();
  const TestResponse response = get("/");
  EXPECT_EQ(response.header("Content-Length"), std::nullopt);
  EXPECT_EQ(response.body, "<ab>|!");
}

TEST_F(StreamTransformTest, InHttp10ItEndsWithTheConnection) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    co_await out.write("ab");
    co_await out.write(large());
  });
  start();
  auto connection = send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(connection.read_answer().body, "<ab>|<" + large() + ">|!");
  EXPECT_FALSE(connection.is_reset());
}

TEST_F(StreamTransformTest, AHeadHasNoContent) {
  app.get("/").handle([](StreamWriter out) -> Task<void> { co_await out.write(large()); });
  start();
  auto connection = send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get_request("/nowhere"));
  EXPECT_EQ(connection.read_answer(true).status, 200);
  EXPECT_EQ(connection.read_answer().status, 404);
}

TEST_F(StreamTransformTest, ABrokenStreamHasNoEnd) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    co_await out.write("ab");
    throw std::runtime_error("it broke off");
  });
  start();
  auto connection = send(get_request("/"));
  ASSERT_TRUE(client->run_until([&] { return connection.is_closed(); }));
  const std::string received = connection.receive();
  EXPECT_THAT(received, EndsWith("<ab>|\r\n"));
  EXPECT_TRUE(is_all_gone());
}

TEST_F(StreamTransformTest, OneThatThrowsBesideTheLoopBreaksTheStream) {
  probe.during = [](std::string_view in) {
    if (in.size() > kOnLoopBytes) throw std::runtime_error("it cannot");
  };
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    co_await out.write("ab");
    co_await out.write(large());
  });
  start();
  auto connection = send(get_request("/"));
  ASSERT_TRUE(client->run_until([&] { return connection.is_closed(); }));
  EXPECT_THAT(connection.receive(), EndsWith("<ab>|\r\n"));
  EXPECT_TRUE(is_all_gone());
  probe.during = nullptr;
  EXPECT_EQ(get("/").body, "<ab>|<" + large() + ">|!");
}

TEST_F(StreamTransformTest, AClientThatLeavesBetweenPiecesLeavesNothingBehind) {
  int ended = 0;
  app.get("/").handle([&ended](StreamWriter out, Context& context) -> Task<void> {
    const EndOfFrame end(ended);
    co_await out.write("a");
    co_await context.sleep(1h);
  });
  start();
  auto connection = send(get_request("/"));
  connection.reset();
  EXPECT_TRUE(client->run_until([&] { return ended == 1 && probe.alive == 0; }));
}

TEST_F(StreamTransformTest, AClientThatLeavesDuringALongPieceLeavesNothingBehind) {
  app.get("/").handle([](StreamWriter out, Context& context) -> Task<void> {
    if (context.query("large")) co_await out.write(large());
    co_await out.write("a");
    co_await out.write("b");
  });
  start();
  probe.during = [this](std::string_view) { gate.pass(); };
  auto connection = send(get_request("/?large"));
  wait_for_arrivals(1);
  connection.reset();
  gate.open();
  ASSERT_TRUE(is_all_gone());
  probe.during = nullptr;
  EXPECT_EQ(get("/").body, "<a>|<b>|!") << "what has been kept for the next request";
}

TEST_F(StreamTransformTest, EventsAndHeartbeatsAreFlushed) {
  app.get("/").handle([](EventStream events, Context& context) -> Task<void> {
    co_await events.send(Event("a"));
    co_await context.sleep(1h);
  });
  start();
  auto connection = send(get_request("/"));
  EXPECT_THAT(connection.receive(), EndsWith("<data: a\n\n>|\r\n"));
  client->advance(14s);
  EXPECT_EQ(connection.receive(), "");
  client->advance(1s + 16ms);
  EXPECT_EQ(connection.receive(), "6\r\n<:\n\n>|\r\n");
}

TEST_F(StreamTransformTest, NoHeartbeatComesBetweenTheBytesOfALongEvent) {
  app.get("/").handle([](EventStream events) -> Task<void> {
    co_await events.send(Event(large()));
    co_await events.send(Event("z"));
  });
  start();
  probe.during = [this](std::string_view in) {
    if (in.size() > kOnLoopBytes) gate.pass();
  };
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  client->advance(40s);
  gate.open();
  const std::string received = receive_all(connection, "0\r\n\r\n");
  EXPECT_THAT(received, Not(HasSubstr(":\n\n")));
  EXPECT_THAT(received, HasSubstr("<data: " + large() + "\n\n>|\r\n"));
  EXPECT_THAT(received, EndsWith("<data: z\n\n>|\r\n1\r\n!\r\n0\r\n\r\n"));
}

TEST_F(StreamTransformTest, AClientThatDoesNotReadMakesTheWriterWait) {
  int written = 0;
  app.settings().limits.stream_pause_bytes = 64 << 10;
  app.get("/").handle([&written](StreamWriter out) -> Task<void> {
    for (; written < 100; ++written) co_await out.write(large());
  });
  start();
  auto connection = connect();
  connection.set_receive_window(1000);
  connection.write(get_request("/"));
  ASSERT_TRUE(client->run_until([&] { return probe.calls_beside >= 4; }));
  client->advance(1ms);
  EXPECT_LT(written, 10);
  connection.set_receive_window(SIZE_MAX);
  EXPECT_EQ(receive_all(connection, "0\r\n\r\n").find("500"), std::string::npos);
  EXPECT_EQ(written, 100);
}

// ---- files ----

class FileTransformTest : public StreamTransformTest {
 protected:
  void serve(std::size_t bytes) {
    app.get("/").handle([path = folder.write("a.txt", std::string(bytes, 'x'))] { return Response::file(path); });
    start();
  }
  TemporaryFolder folder;
};

TEST_F(FileTransformTest, ASmallFileIsTransformedAndHasNoLength) {
  serve(3);
  const TestResponse response = get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), std::nullopt);
  EXPECT_EQ(response.header("X-Coded"), "brackets");
  EXPECT_EQ(response.body, "<xxx>|!");
}

TEST_F(FileTransformTest, ALargeOneIsTransformedPieceByPieceBesideTheLoop) {
  serve(100'000);
  const std::string body = get("/").body;
  EXPECT_EQ(count_of(body, "x"), 100'000U);
  EXPECT_EQ(count_of(body, ">|"), 2U);
  EXPECT_THAT(body, EndsWith(">|!"));
  EXPECT_EQ(probe.calls_beside, 2);
  EXPECT_TRUE(is_all_gone());
}

TEST_F(FileTransformTest, AnEmptyOneHasAnEnd) {
  serve(0);
  EXPECT_EQ(get("/").body, "!");
}

TEST_F(FileTransformTest, AHeadHasNoContent) {
  serve(100'000);
  auto connection = send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get_request("/nowhere"));
  EXPECT_EQ(connection.read_answer(true).status, 200);
  EXPECT_EQ(connection.read_answer().status, 404);
}

TEST_F(FileTransformTest, InHttp10ItEndsWithTheConnection) {
  serve(100'000);
  auto connection = send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(connection.read_answer().body, EndsWith(">|!"));
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(FileTransformTest, TheAnswerWhereThereIsNoneIsTransformed) {
  app.get("/").handle([path = folder.path("none")] { return Response::file(path); });
  start();
  const TestResponse response = get("/");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, testing::StartsWith("<{"));
}

TEST_F(FileTransformTest, AClientThatLeavesDuringAPieceLeavesNothingBehind) {
  const std::size_t descriptors = count_descriptors();
  probe.during = [this](std::string_view) { gate.pass(); };
  serve(100'000);
  const std::size_t with_client = count_descriptors();
  EXPECT_GE(with_client, descriptors);
  auto connection = send(get_request("/"));
  wait_for_arrivals(1);
  connection.reset();
  gate.open();
  EXPECT_TRUE(is_all_gone());
  EXPECT_TRUE(client->run_until([&] { return count_descriptors() == with_client; }));
}

// ---- answers that come in pieces, told from those that have no content ----

class TellingStreams {
 public:
  void after(Context& context, Response& response) const {
    response.set_header("X-Streamed", context.is_answer_streamed() ? "yes" : "no");
  }
};

class StreamedAnswerTest : public LaneTest {
 protected:
  StreamedAnswerTest() { app.use(TellingStreams()); }
  std::string streamed(std::string_view target) { return get(target).header("X-Streamed").value_or("unsaid"); }
};

TEST_F(StreamedAnswerTest, AHookTellsThemApart) {
  app.get("/pieces").handle([](StreamWriter out) -> Task<void> { co_await out.write("a"); });
  app.get("/events").handle([](EventStream events) -> Task<void> { co_await events.send(Event("a")); });
  app.get("/no-piece").handle([](StreamWriter) -> Task<void> { co_return; });
  app.get("/failed").handle([](StreamWriter) -> Task<void> {
    throw HttpError(418, std::string("no"));
    co_return;
  });
  app.get("/text").handle([] { return "a"; });
  app.get("/file").handle([] { return Response::file("/proc/self/status"); });
  start();
  auto connection = connect();
  connection.write(get_request("/pieces") + get_request("/text"));
  EXPECT_EQ(connection.read_answer().header("X-Streamed"), "yes");
  EXPECT_EQ(connection.read_answer().header("X-Streamed"), "no");
  EXPECT_EQ(streamed("/file"), "no");
  EXPECT_EQ(streamed("/pieces"), "yes");
  EXPECT_EQ(streamed("/events"), "yes");
  EXPECT_EQ(streamed("/no-piece"), "no");
  EXPECT_EQ(streamed("/failed"), "no");
  EXPECT_EQ(streamed("/text"), "no");
}

// ---- an answer that takes the place of one that was to be transformed ----

class Replacing {
 public:
  void after(Context&, Response& response) const { response = Response(200).set_header("X-Other", "yes"); }
};

TEST_F(LaneTest, ThePiecesBehindAHeadThatWasReplacedLeaveAsTheyAre) {
  CodingProbe probe;
  app.use(Replacing());
  app.use(Bracketing(probe));
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    co_await out.write("a");
    co_await out.write("b");
  });
  start();
  const TestResponse response = get("/");
  EXPECT_EQ(response.header("X-Other"), "yes");
  EXPECT_EQ(response.header("X-Coded"), std::nullopt);
  EXPECT_EQ(response.body, "ab");
  EXPECT_EQ(probe.made, 1);
  EXPECT_EQ(probe.alive, 0);
}

// ---- who falls behind ----

/// Content becomes a hundredth of it.
class Shrinking {
 public:
  class Hundredth final : public http::BodyTransform {
   public:
    void write(std::string_view in, std::string& out) override {
      out.append(std::max<std::size_t>(in.size() / 100, 1), '.');
    }
    void flush(std::string&) override {}
    void finish(std::string&) override {}
  };
  void after(Context& context, Response&) const { context.transform_content(std::make_unique<Hundredth>()); }
};

TEST_F(LaneTest, AReaderOfShrunkEventsIsCutAtTheSameNumberOfThem) {
  app.use(Shrinking());
  int sent = 0;
  app.get("/").handle([&sent](EventStream events, Context& context) -> Task<void> {
    events.begin();
    co_await context.sleep(1s);
    for (int taken = 0; taken < 100; ++taken) co_await events.send(Event(std::string(1000, 'x')));
    co_await context.sleep(1s);
    while (true) {
      co_await events.send(Event(std::string(1000, 'x')));
      ++sent;
    }
  });
  start();
  auto connection = send(get_request("/"));
  client->advance(1s);
  EXPECT_EQ(count_of(connection.receive(), "a\r\n..........\r\n"), 100U);
  connection.set_receive_window(0);
  client->advance(1s);
  EXPECT_EQ(sent, 64);
  EXPECT_TRUE(connection.is_closed());
}

}  // namespace
}  // namespace weir
