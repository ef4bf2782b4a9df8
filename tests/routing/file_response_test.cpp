// SPDX-License-Identifier: MIT
// Answers that are the content of a file.
#include <weir/routing/file_sender.hpp>

#include <tests/routing/file_response_fixture.hpp>

#include <gmock/gmock.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(FileResponseTest, AFileIsSentWithWhatIsKnownOfIt) {
  const std::string path = folder.write("page.html", "<p>hello</p>");
  app.get("/").handle([path] { return Response::file(path); });
  const std::string answer = get("/");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_THAT(answer, HasSubstr("Last-Modified: "));
  EXPECT_THAT(answer, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_EQ(content_of(answer), "<p>hello</p>");
}

TEST_F(FileResponseTest, AMediaTypeThatWasGivenStays) {
  const std::string path = folder.write("page.html", "x");
  app.get("/").handle([path] { return Response::file(path, "text/x-mine"); });
  EXPECT_THAT(get("/"), HasSubstr("Content-Type: text/x-mine\r\n"));
}

TEST_F(FileResponseTest, AStatusAndFieldsThatWereSetStay) {
  const std::string path = folder.write("a.txt", "x");
  app.get("/").handle([path] { return std::move(Response::file(path).status(203).set_header("X-Mine", "1")); });
  const std::string answer = get("/");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 203 "));
  EXPECT_THAT(answer, HasSubstr("X-Mine: 1\r\n"));
}

TEST_F(FileResponseTest, AnEmptyFileHasALengthOfZero) {
  const std::string path = folder.write("a.txt", "");
  app.get("/").handle([path] { return Response::file(path); });
  const std::string answer = get("/");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(content_of(answer), "");
}

TEST_F(FileResponseTest, PiecesMeetWithoutASeam) {
  for (const std::size_t size : {65'535, 65'536, 65'537, 131'072, 1'000'003}) {
    std::string content(size, ' ');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>('a' + i % 23);
    folder.write("big.bin", content);
    App own{"test"};
    own.use(seen);
    const std::string path = folder.path("big.bin");
    own.get("/").handle([path] { return Response::file(path); });
    TestClient own_client{own};
    auto connection = own_client.connect();
    std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(eventually([&] {
      answer += connection.receive();
      return answer.size() > size && content_of(answer).size() == size;
    }));
    EXPECT_EQ(content_of(answer), content) << size;
  }
}

TEST_F(FileResponseTest, HeadHasTheSameHeadWithoutContent) {
  const std::string path = folder.write("a.css", "body{}");
  app.get("/").handle([path] { return Response::file(path); });
  const std::string head = send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string full = get("/");
  EXPECT_EQ(head, full.substr(0, full.find("\r\n\r\n") + 4));
  EXPECT_THAT(head, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_EQ(seen.notes->outcomes[0].bytes, 0U);
  EXPECT_EQ(seen.notes->outcomes[1].bytes, 6U);
}

TEST_F(FileResponseTest, WhatIsNoRegularFileIs404) {
  folder.write("file", "x");
  folder.make_fifo("fifo");
  for (const std::string& name : {std::string("missing"), std::string("file/under"), std::string("."),
                                  std::string("fifo"), std::string("nul\0file", 8), std::string(5'000, 'x')}) {
    App own{"test"};
    own.use(seen);
    const std::string path = folder.path(name);
    own.get("/").handle([path] { return Response::file(path); });
    TestClient own_client{own};
    auto connection = own_client.connect();
    std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return !(answer += connection.receive()).empty(); }));
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 404 ")) << name;
    EXPECT_THAT(answer, HasSubstr("application/problem+json")) << name;
    EXPECT_THAT(answer, Not(HasSubstr("Last-Modified"))) << name;
  }
}

TEST_F(FileResponseTest, AnEmptyPathIs404) {
  app.get("/").handle([] { return Response::file(""); });
  EXPECT_THAT(get("/"), HasSubstr("HTTP/1.1 404 "));
}

// Descriptors run out.
TEST_F(FileResponseTest, WithoutADescriptorItIs503) {
  const std::string path = folder.write("a.txt", "x");
  app.get("/").handle([path] { return Response::file(path); });
  client();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::string answer = get("/");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
}

TEST_F(FileResponseTest, AFileThatMayNotBeReadIs500) {
  // To root most files are open; this one can only be written.
  const std::string path = ::geteuid() == 0 ? "/proc/sys/vm/compact_memory" : folder.write("secret", "x");
  if (::geteuid() != 0) {
    ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  }
  if (!std::filesystem::exists(path) || std::ifstream(path).is_open()) GTEST_SKIP() << "every file is readable here";
  app.get("/").handle([path] { return Response::file(path); });
  const std::string answer = get("/");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr(path)));
}

TEST_F(FileResponseTest, HooksSeeTheOpenedFileOnceAndDoneItsBytes) {
  const std::string path = folder.write("a.json", "[1,2]");
  app.get("/").handle([path] { return Response::file(path); });
  app.get("/none").handle([] { return Response::file("/nowhere/a.json"); });
  EXPECT_THAT(get("/"), HasSubstr("X-After: 1\r\n"));
  EXPECT_THAT(get("/none"), HasSubstr("X-After: 1\r\n"));
  EXPECT_THAT(seen.notes->statuses, testing::ElementsAre(200, 404));
  EXPECT_THAT(seen.notes->types, testing::ElementsAre("application/json", "application/problem+json"));
  ASSERT_EQ(seen.notes->outcomes.size(), 2U);
  EXPECT_EQ(seen.notes->outcomes[0].bytes, 5U);
  EXPECT_TRUE(seen.notes->outcomes[0].is_complete());
}

TEST_F(FileResponseTest, AnAfterHookMayPutSomethingElseInItsPlace) {
  struct Replace {
    void after(Context&, Response& response) const { response = Response::text("instead"); }
  };
  const std::string path = folder.write("a.txt", "file");
  app.use(Replace{});
  app.get("/").handle([path] { return Response::file(path); });
  EXPECT_EQ(content_of(get("/")), "instead");
}

TEST_F(FileResponseTest, AnAfterHookThatThrowsIs500) {
  struct Throw {
    void after(Context&, Response&) const { throw std::runtime_error("no"); }
  };
  const std::string path = folder.write("a.txt", "file");
  app.use(Throw{});
  app.get("/").handle([path] { return Response::file(path); });
  EXPECT_THAT(get("/"), HasSubstr("HTTP/1.1 500 "));
}

TEST_F(FileResponseTest, AnAfterHookCannotAnswerWithAFile) {
  struct Answer {
    void after(Context&, Response& response) const { response = Response::file("/etc/hostname"); }
  };
  const std::string path = folder.write("a.txt", "file");
  app.use(Answer{});
  app.get("/").handle([path] { return Response::file(path); });
  app.get("/text").handle([] { return "text"; });
  EXPECT_THAT(get("/"), HasSubstr("HTTP/1.1 500 "));
  EXPECT_THAT(get("/text"), HasSubstr("HTTP/1.1 500 "));
}

TEST_F(FileResponseTest, EveryLaneMayAnswerWithAFile) {
  const std::string path = folder.write("a.txt", "lane");
  const auto cpu = app.pool("cpu", {.workers = 1});
  app.get("/pool").on(cpu).handle([path] { return Response::file(path); });
  app.get("/pool-async").on(cpu).handle([path]() -> Task<Response> { co_return Response::file(path); });
  app.get("/async").handle([path]() -> Task<Response> { co_return Response::file(path); });
  app.get("/late").handle([cpu, path](Context& ctx) -> Task<Response> {
    co_await ctx.offload(cpu, [] {});
    co_return Response::file(path);
  });
  for (const char* const target : {"/pool", "/pool-async", "/async", "/late"}) {
    const std::string answer = get(target);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n")) << target;
    EXPECT_EQ(content_of(answer), "lane") << target;
  }
}

TEST_F(FileResponseTest, TheSingleThreadedPatternSendsFilesToo) {
  const std::string path = folder.write("a.txt", "lane");
  app.settings().pattern = exec::Pattern::kSingleThreaded;
  app.get("/").handle([path] { return Response::file(path); });
  app.get("/async").handle([path]() -> Task<Response> { co_return Response::file(path); });
  EXPECT_EQ(content_of(get("/")), "lane");
  EXPECT_EQ(content_of(get("/async")), "lane");
}

TEST_F(FileResponseTest, ABeforeHookMayAnswerWithAFile) {
  struct Answer {
    std::string path;
    std::optional<Response> before(Context&) const { return Response::file(path); }
  };
  struct AnswerLater {
    std::string path;
    Task<std::optional<Response>> before(Context&) const { co_return Response::file(path); }
  };
  const std::string path = folder.write("a.txt", "hook");
  app.group("/sync").use(Answer{path}).post("/x").handle([] {});
  app.group("/async").use(AnswerLater{path}).post("/x").handle([] {});
  for (const char* const target : {"/sync/x", "/async/x"}) {
    for (const char* const rest : {"Content-Length: 3\r\n\r\nabc", "\r\n"}) {
      const std::string answer = send("POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + rest);
      EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n")) << target;
      EXPECT_EQ(content_of(answer), "hook") << target;
    }
  }
}

TEST_F(FileResponseTest, TheConnectionGoesOnAndAnswersStayInOrder) {
  const std::string path = folder.write("a.txt", "file");
  app.get("/file").handle([path] { return Response::file(path); });
  app.get("/text").handle([] { return "text"; });
  auto connection = client().connect();
  std::string answer = connection.send(
      "GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /text HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] {
    answer += connection.receive();
    return seen.notes->outcomes.size() == 3;
  }));
  const std::size_t text = answer.find("\r\n\r\ntext");
  EXPECT_LT(answer.find("\r\n\r\nfile"), text);
  EXPECT_GT(answer.rfind("\r\n\r\nfile"), text);
  EXPECT_FALSE(connection.is_closed());
}

TEST(MediaTypeTest, IsKnownByTheExtensionInAnyCase) {
  EXPECT_EQ(routing::media_type_of("/a/b.html"), "text/html; charset=utf-8");
  EXPECT_EQ(routing::media_type_of("photo.JPG"), "image/jpeg");
  EXPECT_EQ(routing::media_type_of("font.woff2"), "font/woff2");
  EXPECT_EQ(routing::media_type_of("archive.tar.gz"), "application/octet-stream");
  EXPECT_EQ(routing::media_type_of("/a.html/b"), "application/octet-stream");
  EXPECT_EQ(routing::media_type_of("html"), "application/octet-stream");
  EXPECT_EQ(routing::media_type_of(""), "application/octet-stream");
}

}  // namespace
}  // namespace weir
