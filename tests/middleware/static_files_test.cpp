// SPDX-License-Identifier: MIT
#include <middleware/static_files.hpp>

#include <middleware/compression.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <tests/middleware/codings.hpp>
#include <tests/routing/temporary_folder.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    fs::create_directories(root.path("public/css"));
    fs::create_directories(root.path("public/.git"));
    fs::create_directories(root.path("public/.well-known"));
    root.write("secret.txt", "secret");
    root.write("public/hello.txt", "Hello, World!");
    root.write("public/index.html", "<p>index</p>");
    root.write("public/css/site.css", "body{}");
    root.write("public/css/index.html", "<p>css</p>");
    root.write("public/.env", "secret");
    root.write("public/.git/config", "secret");
    root.write("public/.well-known/security.txt", "Contact: us");
    fs::create_directories(root.path("public/empty"));
  }
  void serve(StaticFilesOptions options = {}) {
    app.get("/static/{path...}").handle(StaticFiles(root.path("public"), std::move(options)));
    app.get("/plain").handle([] { return "plain"; });
  }

  TemporaryFolder root;
  App app{"test"};
};

TEST_F(StaticFilesTest, FileIsAnsweredWithItsFields) {
  serve();
  TestClient client(app);
  const TestResponse response = client.get("/static/hello.txt");
  response.expect_status(200)
      .expect_body("Hello, World!")
      .expect_header("Content-Type", "text/plain; charset=utf-8")
      .expect_header("Content-Length", "13")
      .expect_header("Accept-Ranges", "bytes")
      .expect_header("X-Content-Type-Options", "nosniff")
      .expect_no_header("Cache-Control")
      .expect_no_header("Vary");
  EXPECT_TRUE(response.header("ETag"));
  EXPECT_TRUE(response.header("Last-Modified"));
}

TEST_F(StaticFilesTest, HeadHasTheFieldsAlone) {
  serve();
  TestClient client(app);
  client.head("/static/hello.txt").expect_status(200).expect_header("Content-Length", "13").expect_body("");
}

TEST_F(StaticFilesTest, CacheControlIsAsConfigured) {
  serve({.cache_control = "public, max-age=60"});
  TestClient client(app);
  client.get("/static/hello.txt").expect_header("Cache-Control", "public, max-age=60");
}

TEST_F(StaticFilesTest, FilesOnBothSidesOfTheMemoryBoundAreWhole) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{64 << 10}, (std::size_t{64} << 10) + 1, std::size_t{3 << 20}}) {
    std::string content;
    for (std::size_t i = 0; i < size; ++i) content += static_cast<char>('a' + i % 23);
    root.write("public/file.bin", content);
    App one{"test"};
    one.get("/{path...}").handle(StaticFiles(root.path("public")));
    TestClient client(one);
    client.get("/file.bin").expect_status(200).expect_body(content);
    client.get("/file.bin").expect_body(content);  // as kept
    if (size > 10) client.get("/file.bin", {{"Range", "bytes=-10"}}).expect_body(content.substr(size - 10));
  }
}

TEST_F(StaticFilesTest, MissingFileIs404) {
  serve();
  TestClient client(app);
  client.get("/static/missing.txt").expect_status(404).expect_header("Content-Type", "application/problem+json");
  client.get("/static/hello.txt/more").expect_status(404);
  client.get("/static/" + std::string(300, 'x')).expect_status(404);
  client.post("/static/hello.txt", "").expect_status(405);
}

TEST_F(StaticFilesTest, MissingDirectoryIsToldAtTheStart) {
  EXPECT_THROW(StaticFiles(root.path("nothing")), FileError);
  EXPECT_THROW(StaticFiles(root.path("secret.txt")), FileError);
}

// ---- indexes ----

TEST_F(StaticFilesTest, DirectoryIsItsIndex) {
  serve();
  TestClient client(app);
  client.get("/static/")
      .expect_status(200)
      .expect_body("<p>index</p>")
      .expect_header("Content-Type", "text/html; charset=utf-8");
  client.get("/static/css/").expect_body("<p>css</p>");
  client.get("/static/empty/").expect_status(404);
}

TEST_F(StaticFilesTest, DirectoryWithoutItsSlashIsARedirect) {
  serve();
  TestClient client(app);
  client.get("/static/css?a=b").expect_status(301).expect_header("Location", "./css/?a=b");
  client.get("/static/empty").expect_status(404);
}

TEST_F(StaticFilesTest, RedirectLeadsToNoOtherHost) {
  App one{"test"};
  one.get("/{path...}").handle(StaticFiles(root.path("public")));
  TestClient client(one);
  client.get("//css").expect_status(404);
  client.get("/css").expect_header("Location", "./css/");
}

TEST_F(StaticFilesTest, WithoutIndexADirectoryIs404) {
  serve({.index = ""});
  TestClient client(app);
  client.get("/static/").expect_status(404);
  client.get("/static/css").expect_status(404);
}

TEST_F(StaticFilesTest, PageOfABrowserIsTheFallback) {
  serve({.fallback = "index.html"});
  TestClient client(app);
  client.get("/static/orders/7", {{"Accept", "text/html,*/*;q=0.8"}}).expect_status(200).expect_body("<p>index</p>");
  client.get("/static/orders/7", {{"Accept", "text/html"}}).expect_body("<p>index</p>");  // as kept
  client.get("/static/orders/7").expect_status(404);
  client.get("/static/missing.js", {{"Accept", "*/*"}}).expect_status(404);
}

TEST_F(StaticFilesTest, DirectoryWithoutAnIndexIsTheFallbackToo) {
  serve({.fallback = "index.html"});
  TestClient client(app);
  client.get("/static/empty", {{"Accept", "text/html"}}).expect_status(200).expect_body("<p>index</p>");
  client.get("/static/empty/", {{"Accept", "text/html"}}).expect_body("<p>index</p>");
  client.get("/static/css", {{"Accept", "text/html"}}).expect_status(301);
}

TEST_F(StaticFilesTest, MissingFallbackIs404) {
  serve({.fallback = "app.html"});
  TestClient client(app);
  client.get("/static/x", {{"Accept", "text/html"}}).expect_status(404);
}

// ---- conditions and ranges ----

TEST_F(StaticFilesTest, UnchangedFileIs304) {
  serve();
  TestClient client(app);
  const TestResponse first = client.get("/static/hello.txt");
  const std::string etag = first.header("ETag").value();
  client.get("/static/hello.txt", {{"If-None-Match", etag}})
      .expect_status(304)
      .expect_body("")
      .expect_header("ETag", etag);
  client.get("/static/hello.txt", {{"If-Modified-Since", first.header("Last-Modified").value()}}).expect_status(304);
  client.get("/static/hello.txt", {{"If-None-Match", "\"other\""}}).expect_status(200);
  client.get("/static/hello.txt", {{"If-Match", "\"other\""}}).expect_status(412);
}

TEST_F(StaticFilesTest, ChangedFileHasAnotherETag) {
  serve();
  TestClient client(app);
  const std::string etag = client.get("/static/hello.txt").header("ETag").value();
  root.write("public/hello.new", "Goodbye!");
  fs::rename(root.path("public/hello.new"), root.path("public/hello.txt"));
  client.advance(999ms);
  client.get("/static/hello.txt").expect_body("Hello, World!");
  client.advance(1ms);
  const TestResponse changed = client.get("/static/hello.txt", {{"If-None-Match", etag}});
  changed.expect_status(200).expect_body("Goodbye!");
  EXPECT_NE(changed.header("ETag"), etag);
}

TEST_F(StaticFilesTest, FileThatHasGoneIs404) {
  serve();
  TestClient client(app);
  client.get("/static/hello.txt").expect_status(200);
  fs::remove(root.path("public/hello.txt"));
  client.advance(1s);
  client.get("/static/hello.txt").expect_status(404);
  client.get("/static/hello.txt").expect_status(404);
}

TEST_F(StaticFilesTest, RangeIsAPart) {
  serve();
  TestClient client(app);
  client.get("/static/hello.txt", {{"Range", "bytes=7-11"}})
      .expect_status(206)
      .expect_body("World")
      .expect_header("Content-Range", "bytes 7-11/13")
      .expect_header("Content-Length", "5");
  client.get("/static/hello.txt", {{"Range", "bytes=13-"}})
      .expect_status(416)
      .expect_header("Content-Range", "bytes */13");
}

TEST_F(StaticFilesTest, RangeOfAnotherVersionIsTheWhole) {
  serve();
  TestClient client(app);
  const std::string etag = client.get("/static/hello.txt").header("ETag").value();
  client.get("/static/hello.txt", {{"Range", "bytes=0-0"}, {"If-Range", etag}}).expect_status(206);
  client.get("/static/hello.txt", {{"Range", "bytes=0-0"}, {"If-Range", "\"old\""}}).expect_status(200);
}

TEST_F(StaticFilesTest, ManyRangesCostNoMoreThanTheWhole) {
  serve();
  TestClient client(app);
  std::string bomb = "bytes=0-";
  for (int i = 0; i < 1000; ++i) bomb += ",0-";
  client.get("/static/hello.txt", {{"Range", bomb}}).expect_status(200).expect_body("Hello, World!");
}

// ---- precompressed ----

TEST_F(StaticFilesTest, CompressedFileAnswersWhereItIsPreferred) {
  root.write("public/css/site.css.gz", "gzipped");
  root.write("public/css/site.css.br", "brotli");
  serve();
  TestClient client(app);
  client.get("/static/css/site.css", {{"Accept-Encoding", "gzip, br"}})
      .expect_body("brotli")
      .expect_header("Content-Encoding", "br")
      .expect_header("Content-Type", "text/css; charset=utf-8")
      .expect_header("Vary", "Accept-Encoding");
  client.get("/static/css/site.css", {{"Accept-Encoding", "gzip, br;q=0.5"}}).expect_body("gzipped");
  client.get("/static/css/site.css", {{"Accept-Encoding", "gzip;q=0, *;q=0"}})
      .expect_body("body{}")
      .expect_no_header("Content-Encoding")
      .expect_header("Vary", "Accept-Encoding");
  const auto identity = client.get("/static/css/site.css").expect_body("body{}").header("ETag");
  EXPECT_NE(client.get("/static/css/site.css", {{"Accept-Encoding", "gzip"}}).header("ETag"), identity);
}

TEST_F(StaticFilesTest, CompressedFileIsNotLookedForWhenToldSo) {
  root.write("public/css/site.css.gz", "gzipped");
  serve({.precompressed = false});
  TestClient client(app);
  client.get("/static/css/site.css", {{"Accept-Encoding", "gzip"}}).expect_body("body{}").expect_no_header("Vary");
}

// ---- ways out ----

TEST_F(StaticFilesTest, NoSpellingLeadsOut) {
  serve();
  TestClient client(app);
  for (const char* const path : {"../secret.txt",
                                 "..%2fsecret.txt",
                                 "..%2Fsecret.txt",
                                 "%2e%2e/secret.txt",
                                 "%2e%2e%2fsecret.txt",
                                 ".%2e/secret.txt",
                                 "%2E./secret.txt",
                                 "css/../../secret.txt",
                                 "css/%2e%2e/%2e%2e/secret.txt",
                                 "./../secret.txt",
                                 "....//secret.txt",
                                 "..;/secret.txt",
                                 "..\\secret.txt",
                                 "..%5csecret.txt",
                                 "%252e%252e/secret.txt",
                                 "%252e%252e%252fsecret.txt",
                                 "..%c0%afsecret.txt",
                                 "%c0%ae%c0%ae/secret.txt",
                                 "..%00/secret.txt",
                                 "hello.txt%00.png",
                                 "%u002e%u002e/secret.txt",
                                 "/etc/passwd",
                                 "//etc/passwd",
                                 "%2fetc%2fpasswd",
                                 "file:///etc/passwd",
                                 "css//site.css",
                                 "css/./site.css",
                                 "hello.txt/",
                                 "hello.txt/../hello.txt",
                                 "..%ef%bc%8fsecret.txt",
                                 "\xef\xbc\x8e\xef\xbc\x8e/secret.txt"}) {
    const TestResponse response = client.get(std::string("/static/") + path);
    EXPECT_TRUE(response.status == 404 || response.status == 400) << path << " " << response.status;
    EXPECT_NE(response.body, "secret") << path;
  }
}

TEST_F(StaticFilesTest, NameThatBeginsWithADotIsHidden) {
  serve({.fallback = "index.html"});
  TestClient client(app);
  for (const char* const path : {".env", ".git/config", "css/.hidden", "%2eenv", ".git/", "..."}) {
    EXPECT_EQ(client.get(std::string("/static/") + path, {{"Accept", "text/html"}}).status, 404) << path;
  }
  client.get("/static/.well-known/security.txt").expect_status(200);
}

TEST_F(StaticFilesTest, LinksAreNotFollowed) {
  fs::create_symlink(root.path("secret.txt"), root.path("public/link.txt"));
  fs::create_directory_symlink(root.path(), root.path("public/up"));
  fs::create_symlink("hello.txt", root.path("public/inside.txt"));
  serve();
  TestClient client(app);
  for (const char* const path : {"link.txt", "up/secret.txt", "inside.txt", "up/"}) {
    EXPECT_EQ(client.get(std::string("/static/") + path).status, 404) << path;
  }
}

TEST_F(StaticFilesTest, LinksInThePlaceOfAFileAreNotFollowed) {
  fs::create_symlink(root.path("secret.txt"), root.path("public/hello.txt.gz"));
  fs::create_symlink(root.path("secret.txt"), root.path("public/empty/index.html"));
  fs::create_symlink(root.path("secret.txt"), root.path("public/app.html"));
  serve({.fallback = "app.html"});
  TestClient client(app);
  client.get("/static/hello.txt", {{"Accept-Encoding", "gzip"}}).expect_status(200).expect_body("Hello, World!");
  for (const char* const path : {"empty/", "empty", "nowhere"}) {
    EXPECT_EQ(client.get(std::string("/static/") + path, {{"Accept", "text/html"}}).status, 404) << path;
  }
}

TEST_F(StaticFilesTest, CompressionAroundThemCodesWhatIsNotPrecompressed) {
  root.write("public/large.txt", std::string(100'000, 'x'));
  root.write("public/site.js", std::string(5'000, 'j'));
  root.write("public/site.js.gz", "coded before");
  app.use(Compression{});
  serve();
  TestClient client(app);
  const TestResponse coded = client.get("/static/large.txt", {{"Accept-Encoding", "gzip"}});
  coded.expect_status(200).expect_header("Content-Encoding", "gzip").expect_no_header("Accept-Ranges");
  EXPECT_EQ(decoded("gzip", coded.body), std::string(100'000, 'x'));
  EXPECT_TRUE(coded.header("ETag").value_or("").starts_with("W/"));
  const TestResponse kept = client.get("/static/site.js", {{"Accept-Encoding", "gzip"}});
  kept.expect_header("Content-Encoding", "gzip").expect_body("coded before");
  const TestResponse part = client.get("/static/large.txt", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-1999"}});
  part.expect_status(206).expect_no_header("Content-Encoding").expect_body(std::string(2'000, 'x'));
}

TEST_F(StaticFilesTest, WhatIsNoRegularFileIsNotSent) {
  root.make_fifo("public/fifo");
  serve();
  TestClient client(app);
  client.get("/static/fifo").expect_status(404);
}

TEST_F(StaticFilesTest, KeptFilesAreBounded) {
  for (int i = 0; i < 20; ++i) root.write("public/" + std::to_string(i), std::string(1000, 'x'));
  serve({.files_max = 3, .memory_bytes_max = 2500});
  TestClient client(app);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) client.get("/static/" + std::to_string(i)).expect_body(std::string(1000, 'x'));
  }
}

// ---- when the system has no descriptors left ----

/// As long as it lives, nobody in this process can open anything that needs one more.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_GE(next, 0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(StaticFilesTest, WithoutDescriptorsItGivesBackThoseThatItHolds) {
  root.write("public/large.bin", std::string(200'000, 'x'));
  serve();
  TestClient client(app);
  client.get("/static/large.bin").expect_status(200);  // stays open
  const NoDescriptors none;
  client.get("/static/hello.txt").expect_status(503).expect_header("Retry-After", "1");
  EXPECT_TRUE(client.run_until([&] { return client.get("/static/hello.txt").status == 200; }));
}

}  // namespace
}  // namespace weir::middleware
