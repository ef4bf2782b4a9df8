// SPDX-License-Identifier: MIT
// Typed parameters on every lane: what they point to is there until the handler has ended.
#include <tests/routing/async_fixture.hpp>
#include <weir/json.hpp>
#include <weir/routing/lanes.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

struct Note {
  std::string title;
  std::vector<std::string> tags;
  static constexpr auto describe() { return fields(field<&Note::title>(length(1, 20)), field<&Note::tags>(defaulted)); }
};

using Text = Query<"q">;
using Texts = Query<"t", std::vector<std::string_view>>;

std::string joined(std::string_view p, std::string_view q, const std::vector<std::string_view>& t, std::string_view h,
                   std::string_view c, std::string_view b) {
  std::string out;
  for (const std::string_view part : {p, q, h, c, b}) out.append(part).append("|");
  for (const std::string_view part : t) out.append(part).append("|");
  return out;
}

std::string request_of(std::string_view target, std::string_view content) {
  return post_head(target, content.size(), "X-Field: field\r\nCookie: c=\"cookie\"\r\n") + std::string(content);
}

constexpr std::string_view kTarget = "/p%20p?q=a%20b&t=x+y&t=plain&%74=%C3%A4";
constexpr std::string_view kExpected = "p p|a b|field|cookie|content|x y|plain|\u00e4|";

class TypedLanesTest : public AsyncTest {
 protected:
  // The first of two requests in one piece; the second, and others beside, use the memory that the first may not lose.
  void expect_views(const std::function<void()>& let_go) {
    start();
    auto connection = send(request_of(kTarget, "content") + request_of("/other?q=other%21&t=o", "other"));
    auto beside = send(request_of("/beside?q=%62eside&t=b", std::string(2000, 'b')));
    let_go();
    EXPECT_EQ(connection.read_answer().body, kExpected);
    let_go();
    EXPECT_EQ(connection.read_answer().body, "other|other!|field|cookie|other|o|");
    EXPECT_THAT(beside.read_answer().body, StartsWith("beside|beside|field|cookie|bbb"));
  }
};

TEST_F(TypedLanesTest, ViewsAreThereForAnInlineHandler) {
  app.post("/{p}").handle([](Path<"p"> p, Text q, Texts t, Header<"X-Field"> h, Cookie<"c"> c, Bytes b) {
    return joined(*p, *q, *t, *h, *c, *b);
  });
  expect_views([] {});
}

TEST_F(TypedLanesTest, ViewsAreThereOnAPool) {
  app.post("/{p}").on(cpu).handle([this](Path<"p"> p, Text q, Texts t, Header<"X-Field"> h, Cookie<"c"> c, Bytes b) {
    gate.pass();
    return joined(*p, *q, *t, *h, *c, *b);
  });
  expect_views([this] { gate.open(); });
}

TEST_F(TypedLanesTest, ViewsAreThereForATaskThatHasSlept) {
  app.post("/{p}").handle(
      [](Path<"p"> p, Text q, Texts t, Header<"X-Field"> h, Cookie<"c"> c, Bytes b) -> Task<std::string> {
        co_await weir::sleep(50ms);
        co_return joined(*p, *q, *t, *h, *c, *b);
      });
  expect_views([this] { client->advance(60ms); });
}

TEST_F(TypedLanesTest, ValuesMoveIntoATask) {
  app.post("/{id}").handle([](Path<"id", int> id, Body<Note> note) -> Task<Created<Note>> {
    co_await weir::sleep(50ms);
    note->tags.push_back("late");
    co_return Created<Note>{std::move(*note), "/" + std::to_string(*id)};
  });
  start();
  const std::string_view content = R"({"title":"a title that is long","tags":["x"]})";
  auto connection = send(post_head("/7", content.size(), "Content-Type: application/json\r\n") + std::string(content));
  client->advance(60ms);
  const TestResponse response = connection.read_answer();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.header("Location"), "/7");
  EXPECT_EQ(response.body, R"({"title":"a title that is long","tags":["x","late"]})");
}

TEST_F(TypedLanesTest, FailuresAreAnsweredOnEveryLane) {
  app.post("/inline/{id}").handle([](Path<"id", int>, Body<Note>) {});
  app.post("/pool/{id}").on(cpu).handle([](Path<"id", int>, Body<Note>) {});
  app.post("/task/{id}").handle([](Path<"id", int>, Body<Note>) -> Task<void> { co_return; });
  start();
  for (const std::string lane : {"inline", "pool", "task"}) {
    const TestResponse response =
        client->post("/" + lane + "/x", R"({"title":""})", {{"Content-Type", "application/json"}});
    EXPECT_EQ(response.status, 422) << lane;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json") << lane;
    EXPECT_THAT(response.body, HasSubstr(R"("name":"id")")) << lane;
    EXPECT_THAT(response.body, HasSubstr(R"("pointer":"/title")")) << lane;
  }
}

TEST_F(TypedLanesTest, AResultIsWrittenOnEveryLane) {
  app.get("/inline").handle([] { return Note{"a", {}}; });
  app.get("/pool").on(cpu).handle([] { return std::optional(Note{"a", {}}); });
  app.get("/task").handle([]() -> Task<std::vector<Note>> {
    std::vector<Note> notes{{"a", {}}};
    co_return notes;
  });
  start();
  EXPECT_EQ(get("/inline").body, R"({"title":"a","tags":[]})");
  EXPECT_EQ(get("/pool").body, R"({"title":"a","tags":[]})");
  EXPECT_EQ(get("/task").body, R"([{"title":"a","tags":[]}])");
}

// Two threads read at once: each has its own memory for the work.
TEST_F(TypedLanesTest, BodiesAreReadOnSeveralWorkersAtOnce) {
  const Pool many = app.pool("many", {.workers = 4, .queue = 100});
  app.post("/").on(many).handle([](Body<Note> note) { return *note; });
  start();
  std::vector<TestClient::Connection> connections;
  const auto content_of = [](int i) {
    return R"({"title":")" + std::to_string(i) + R"(","tags":[")" +
           std::string(static_cast<std::size_t>(i) * 100, 'x') + R"("]})";
  };
  for (int i = 0; i < 50; ++i) {
    const std::string content = content_of(i);
    connections.push_back(send(post_head("/", content.size(), "Content-Type: application/json\r\n") + content));
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(connections[static_cast<std::size_t>(i)].read_answer().body, content_of(i));
  }
}

// ---- large content: read off the loop ----

/// Says which thread has read it.
struct Reader {
  std::string thread;
};

}  // namespace

template <>
struct base::FromText<Reader> {
  static bool parse(std::string_view text, Reader& out) {
    out.thread = std::this_thread::get_id() == loop_thread ? "loop" : "another";
    if (gate != nullptr) gate->pass();
    return text == "reader";
  }
  static void write(const Reader& value, std::string& out) { out += value.thread; }
  static constexpr const char* kExpected = "a reader";
  static inline std::thread::id loop_thread;
  static inline Gate* gate = nullptr;
};

namespace {

struct Large {
  Reader reader;
  std::string filling;
  static constexpr auto describe() { return fields(field<&Large::reader>(), field<&Large::filling>(defaulted)); }
};

class LargeContentTest : public AsyncTest {
 protected:
  LargeContentTest() {
    FromText<Reader>::loop_thread = std::this_thread::get_id();
    FromText<Reader>::gate = nullptr;
  }
  ~LargeContentTest() override { FromText<Reader>::gate = nullptr; }

  static std::string content_of(std::size_t bytes, std::string_view reader = "reader") {
    std::string content = R"({"reader":")" + std::string(reader) + R"(","filling":")";
    content.append(bytes - content.size() - 2, 'x').append("\"}");
    return content;
  }
  static std::string request_with(std::string_view target, std::string_view content) {
    return post_head(target, content.size(), "Content-Type: application/json\r\n") + std::string(content);
  }
  std::string answer_of(std::string_view target, std::string_view content) {
    return client->post(target, content, {{"Content-Type", "application/json"}}).body;
  }
};

constexpr std::size_t kBound = routing::kDecodedOnLoopBytes;
constexpr std::size_t kFrame = std::string_view(R"({"reader":"reader","filling":""})").size();

TEST_F(LargeContentTest, IsReadOnAnotherThreadForHandlersOnTheLoop) {
  const auto on_loop = [] { return std::this_thread::get_id() == FromText<Reader>::loop_thread; };
  app.post("/inline").handle([=](Body<Large> large) { return large->reader.thread + (on_loop() ? "" : "!"); });
  app.post("/task").handle(
      [=](Body<Large> large) -> Task<std::string> { co_return large->reader.thread + (on_loop() ? "" : "!"); });
  app.post("/in-time").timeout(10s).handle([=](Body<Large> large) {
    return large->reader.thread + (on_loop() ? "" : "!");
  });
  start();
  for (const std::string target : {"/inline", "/task", "/in-time"}) {
    EXPECT_EQ(answer_of(target, content_of(kBound)), "loop") << target;
    EXPECT_EQ(answer_of(target, content_of(kBound + 1)), "another") << target;
  }
}

TEST_F(LargeContentTest, IsReadOnTheOnlyThreadWhereThatIsThePattern) {
  app.pattern(Pattern::kSingleThreaded);
  app.post("/").handle([](Body<Large> large) { return large->reader.thread; });
  start();
  EXPECT_EQ(answer_of("/", content_of(kBound + 1)), "loop");
}

TEST_F(LargeContentTest, NlohmannAndFormsAreReadTheSameWay) {
  app.post("/json").handle(
      [](nlohmann::json document) { return std::to_string(document["filling"].get<std::string>().size()); });
  app.post("/form").handle([](Form<Large> large) { return large->reader.thread; });
  start();
  EXPECT_EQ(answer_of("/json", content_of(kBound * 2)), std::to_string(kBound * 2 - kFrame));
  const std::string form = "reader=reader&filling=" + std::string(kBound, 'x');
  EXPECT_EQ(client->post("/form", form, {{"Content-Type", "application/x-www-form-urlencoded"}}).body, "another");
  EXPECT_THAT(answer_of("/json", content_of(kBound * 2) + "]"), HasSubstr("not valid JSON"));
}

TEST_F(LargeContentTest, WhatIsWrongIsSaidTogetherWithTheRest) {
  app.post("/{id}").handle([](Path<"id", int>, Body<Large>) {});
  start();
  const std::string answer = answer_of("/x", content_of(kBound + 1, "writer"));
  EXPECT_THAT(answer, HasSubstr(R"("name":"id")"));
  EXPECT_THAT(answer, HasSubstr(R"("pointer":"/reader")"));
}

TEST_F(LargeContentTest, HooksRunOnceAndTheNextRequestIsReadAnew) {
  int befores = 0;
  struct CountBefore {
    int* count;
    void before(Context&) const { ++*count; }
  };
  app.use(CountBefore{&befores});
  app.post("/").handle([](Body<Large> large) { return large->reader.thread + std::to_string(large->filling.size()); });
  start();
  auto connection = send(request_with("/", content_of(kBound + 1)) + request_with("/", content_of(kBound + 2)) +
                         request_with("/", content_of(100)));
  EXPECT_EQ(connection.read_answer().body, "another" + std::to_string(kBound + 1 - kFrame));
  EXPECT_EQ(connection.read_answer().body, "another" + std::to_string(kBound + 2 - kFrame));
  EXPECT_EQ(connection.read_answer().body, "loop" + std::to_string(100 - kFrame));
  EXPECT_EQ(befores, 3);
}

TEST_F(LargeContentTest, TheDeadlineIsThatOfTheWholeRequest) {
  app.post("/inline").handle([](Body<Large>, Context& context) {
    return std::string(context.deadline() == base::TimePoint::max() ? "none" : "some");
  });
  FromText<Reader>::gate = &gate;
  app.post("/task").timeout(3s).handle([](Body<Large>, Context& context) -> Task<std::string> {
    co_await context.sleep(2s);
    co_return std::string("slept");
  });
  start();
  auto connection = send(request_with("/task", content_of(kBound + 1)));
  wait_for_arrivals(1);
  client->advance(2s);
  gate.open();
  EXPECT_EQ(answer_of("/inline", content_of(kBound + 1)), "none");
  client->advance(1500ms);
  EXPECT_EQ(connection.read_answer().status, 504);
}

TEST_F(LargeContentTest, OtherRequestsDoNotWaitForIt) {
  FromText<Reader>::gate = &gate;
  app.post("/").handle([](Body<Large> large) { return large->reader.thread; });
  app.get("/").handle([] { return "quick"; });
  start();
  auto connection = send(request_with("/", content_of(kBound + 1)));
  wait_for_arrivals(1);
  EXPECT_EQ(get("/").body, "quick");
  gate.open();
  EXPECT_EQ(connection.read_answer().body, "another");
}

TEST_F(LargeContentTest, AClientThatLeavesMeanwhileIsNotMissed) {
  FromText<Reader>::gate = &gate;
  int calls = 0;
  app.post("/").handle([&](Body<Large>) { ++calls; });
  app.get("/").handle([] { return "still here"; });
  start();
  {
    auto connection = send(request_with("/", content_of(kBound + 1)));
    wait_for_arrivals(1);
    connection.reset();
  }
  gate.open();
  EXPECT_EQ(get("/").body, "still here");
  client.reset();
  EXPECT_EQ(calls, 0);
}

TEST_F(LargeContentTest, TheHandlersDeadlineHoldsMeanwhile) {
  FromText<Reader>::gate = &gate;
  int calls = 0;
  app.post("/").timeout(1s).handle([&](Body<Large>) -> Task<void> {
    ++calls;
    co_return;
  });
  start();
  auto connection = send(request_with("/", content_of(kBound + 1)));
  wait_for_arrivals(1);
  client->advance(2s);
  EXPECT_EQ(connection.read_answer().status, 504);
  gate.open();
  client.reset();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace weir
