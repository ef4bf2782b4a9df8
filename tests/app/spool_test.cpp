// SPDX-License-Identifier: MIT
// Content that is too long to be kept in memory.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace weir {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::uint64_t kThreshold = 10'000;

std::size_t count_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Nameless files that are mapped into this process.
std::size_t count_mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t found = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("(deleted)") != std::string::npos) ++found;
  }
  return found;
}

std::string pattern_of(std::size_t size) {
  std::string content(size, ' ');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>('a' + i * 7 % 26);
  return content;
}

std::string in_chunks(std::string_view content, std::size_t chunk_bytes) {
  std::string wire;
  while (!content.empty()) {
    const std::string_view chunk = content.substr(0, chunk_bytes);
    char size[20];
    std::snprintf(size, sizeof(size), "%zx\r\n", chunk.size());
    wire.append(size).append(chunk).append("\r\n");
    content.remove_prefix(chunk.size());
  }
  return wire + "0\r\n\r\n";
}

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    app.settings().limits.spool_bytes = kThreshold;
    app.settings().limits.body_bytes = 64 << 20;
    app.post("/echo").handle([](Context& ctx) { return std::string(ctx.body()); });
    app.post("/mappings").handle([](Context& ctx) {
      return std::to_string(count_mappings()) + " " + std::to_string(ctx.body().size());
    });
    app.get("/").handle([] { return "here"; });
  }
  ~SpoolTest() override { ::unsetenv("TMPDIR"); }

  TestClient& client() {
    if (!client_) client_ = std::make_unique<TestClient>(app);
    return *client_;
  }
  static std::string head(std::string_view target, std::size_t length) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n";
  }
  static constexpr std::string_view kChunkedTo = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  /// As a socket would bring it: in reads of a bounded size.
  static void write_in_reads(TestClient::Connection& connection, std::string_view bytes, std::size_t read_bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(read_bytes, bytes.size()))) {
      connection.write(bytes.substr(0, read_bytes));
    }
  }
  TestResponse send(std::string_view target, std::string_view content, std::size_t read_bytes = 4'096) {
    auto connection = client().connect();
    write_in_reads(connection, head(target, content.size()) + std::string(content), read_bytes);
    return connection.read_answer();
  }
  std::uint64_t buffered() {
    const std::string metrics = client().metrics();
    const std::string name = "\nweir_buffered_bytes ";
    return std::strtoull(metrics.c_str() + metrics.find(name) + name.size(), nullptr, 10);
  }

  App app{"test"};

 private:
  std::unique_ptr<TestClient> client_;
};

TEST_F(SpoolTest, ContentUpToTheThresholdStaysInMemory) {
  client();
  const std::size_t mapped = count_mappings();
  EXPECT_EQ(send("/mappings", std::string(kThreshold, 'x')).body, std::to_string(mapped) + " 10000");
}

TEST_F(SpoolTest, LongerContentIsInAFile) {
  client();
  const std::size_t mapped = count_mappings();
  EXPECT_EQ(send("/mappings", std::string(kThreshold + 1, 'x')).body, std::to_string(mapped + 1) + " 10001");
  EXPECT_TRUE(client().run_until([&] { return count_mappings() == mapped; }));
}

TEST_F(SpoolTest, ChunkedContentGoesToAFileOnceItIsTooLong) {
  client();
  const std::size_t mapped = count_mappings();
  for (const std::size_t size : {std::size_t{kThreshold}, std::size_t{kThreshold + 1}}) {
    auto connection = client().connect();
    const std::string content(size, 'x');
    const std::string wire = in_chunks(content, 1'000);
    // The end apart, so that all of it is kept before it is complete.
    write_in_reads(connection, "POST /mappings" + std::string(kChunkedTo) + wire.substr(0, wire.size() - 5), 500);
    connection.write("0\r\n\r\n");
    EXPECT_EQ(connection.read_answer().body,
              std::to_string(mapped + (size > kThreshold ? 1 : 0)) + " " + std::to_string(size));
  }
}

TEST_F(SpoolTest, ContentThatCameInOneReadStaysWhereItIs) {
  const std::string content = pattern_of(100'000);
  auto connection = client().connect();
  EXPECT_THAT(connection.send(head("/echo", content.size()) + content), HasSubstr(content));
}

TEST_F(SpoolTest, WhatIsReadIsWhatWasSent) {
  for (const std::size_t size : {kThreshold + 1, std::uint64_t{65'536}, std::uint64_t{1'000'003}}) {
    for (const std::size_t read_bytes : {std::size_t{777}, std::size_t{65'536}}) {
      const std::string content = pattern_of(size);
      EXPECT_TRUE(send("/echo", content, read_bytes).body == content) << size << " " << read_bytes;
      auto connection = client().connect();
      write_in_reads(connection, "POST /echo" + std::string(kChunkedTo) + in_chunks(content, 3'333), read_bytes);
      EXPECT_TRUE(connection.read_answer().body == content) << size << " " << read_bytes;
    }
  }
  EXPECT_EQ(buffered(), 0U);
}

TEST_F(SpoolTest, EveryLaneReadsIt) {
  const auto cpu = app.pool("cpu", {.workers = 1});
  app.post("/pool").on(cpu).handle([](Context& ctx) { return std::string(ctx.body()); });
  app.post("/pool-async").on(cpu).handle([](Context& ctx) -> Task<std::string> { co_return std::string(ctx.body()); });
  app.post("/async").handle([](Context& ctx) -> Task<std::string> { co_return std::string(ctx.body()); });
  app.post("/late").handle([cpu](Context& ctx) -> Task<std::string> {
    co_await ctx.offload(cpu, [] {});
    co_return std::string(ctx.body());
  });
  const std::string content = pattern_of(200'000);
  for (const char* const target : {"/pool", "/pool-async", "/async", "/late"}) {
    EXPECT_TRUE(send(target, content).body == content) << target;
  }
}

TEST_F(SpoolTest, RequestsBehindItAreAnsweredInOrder) {
  const std::string content = pattern_of(50'000);
  auto connection = client().connect();
  write_in_reads(connection, head("/echo", content.size()) + content + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 10'000);
  EXPECT_TRUE(connection.read_answer().body == content);
  EXPECT_EQ(connection.read_answer().body, "here");
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(SpoolTest, ContentOfAnAsynchronousHookIsSpooledToo) {
  struct Hook {
    Task<void> before(Context& ctx) const { co_await ctx.sleep(seconds(1)); }
  };
  app.group("/hook").use(Hook{}).post("/x").handle([](Context& ctx) { return std::string(ctx.body()); });
  const std::string content = pattern_of(50'000);
  auto connection = client().connect();
  write_in_reads(connection, head("/hook/x", content.size()) + content, 10'000);
  client().advance(seconds(2));
  EXPECT_TRUE(connection.read_answer().body == content);
}

TEST_F(SpoolTest, AClientThatLeavesHalfWayLeavesNothingOpen) {
  client();
  const std::size_t open_before = count_descriptors();
  const std::size_t mapped_before = count_mappings();
  const std::string content = pattern_of(100'000);
  for (const std::size_t sent : {0, 1, 5'000, 50'000, 99'999}) {
    for (const bool waits : {false, true}) {
      auto connection = client().connect();
      write_in_reads(connection, head("/echo", content.size()) + content.substr(0, sent), 10'000);
      if (waits) static_cast<void>(connection.receive());
      connection.reset();
    }
  }
  // All of it was sent, and it is still being written.
  auto connection = client().connect();
  connection.write(head("/echo", content.size()));
  connection.write(content);
  connection.reset();
  EXPECT_TRUE(client().run_until(
      [&] { return count_descriptors() <= open_before && count_mappings() == mapped_before && buffered() == 0; }));
}

TEST_F(SpoolTest, AClientWhoseHandlerRunsMayLeave) {
  app.post("/slow").handle([](Context& ctx) -> Task<std::string> {
    co_await ctx.sleep(seconds(10));
    co_return std::string(ctx.body());
  });
  client();
  const std::size_t mapped = count_mappings();
  {
    auto connection = client().connect();
    const std::string content = pattern_of(50'000);
    write_in_reads(connection, head("/slow", content.size()) + content, 10'000);
    EXPECT_TRUE(client().run_until([&] { return count_mappings() == mapped + 1; }));
  }
  EXPECT_TRUE(client().run_until([&] { return count_mappings() == mapped; }));
}

TEST_F(SpoolTest, TooMuchContentIs413) {
  app.settings().limits.body_bytes = 20'000;
  auto connection = client().connect();
  write_in_reads(connection, "POST /echo" + std::string(kChunkedTo) + in_chunks(pattern_of(30'000), 1'000), 1'000);
  EXPECT_EQ(connection.read_answer().status, 413);
}

TEST_F(SpoolTest, SpooledContentDoesNotCountAsBuffered) {
  auto connection = client().connect();
  write_in_reads(connection, head("/echo", 1'000'000) + std::string(500'000, 'x'), 10'000);
  EXPECT_TRUE(client().run_until([&] { return buffered() == 0; }));
}

TEST_F(SpoolTest, WithoutAFolderForItTheAnswerIs503) {
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  const TestResponse response = send("/echo", pattern_of(50'000));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_EQ(buffered(), 0U);
  EXPECT_EQ(send("/echo", "short").body, "short");
}

TEST_F(SpoolTest, ADiskThatIsFullHalfWayIs503) {
  client();
  const std::size_t open_before = count_descriptors();
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{20'000, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const TestResponse response = send("/echo", pattern_of(200'000));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(client().run_until([&] { return count_descriptors() <= open_before && buffered() == 0; }));
}

TEST_F(SpoolTest, TheFileLiesWhereTMPDIRSays) {
  const std::string folder = (std::filesystem::temp_directory_path() / "weir-spool-test").string();
  std::filesystem::create_directories(folder);
  ::setenv("TMPDIR", folder.c_str(), 1);
  app.post("/where").handle([](Context&) {
    std::ifstream maps("/proc/self/maps");
    return std::string(std::istreambuf_iterator<char>(maps), {});
  });
  EXPECT_THAT(send("/where", pattern_of(50'000)).body, HasSubstr(folder));
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

// The peak of the process's memory stays far below what was sent.
TEST_F(SpoolTest, ALongUploadDoesNotGrowTheProcess) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps what was freed";
#endif
  app.post("/count").handle([](Context& ctx) { return std::to_string(ctx.body().size()); });
  const auto anonymous_kib = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("RssAnon:")) return std::strtol(line.c_str() + 8, nullptr, 10);
    }
    return 0L;
  };
  constexpr std::size_t kBytes = 20 << 20;
  const std::string piece(64 << 10, 'x');
  auto connection = client().connect();
  static_cast<void>(connection.send(head("/count", kBytes)));
  const long before = anonymous_kib();
  for (std::size_t sent = 0; sent < kBytes; sent += piece.size()) {
    connection.write(piece);
    EXPECT_TRUE(client().run_until([&] { return buffered() == 0; }));
  }
  EXPECT_LT(anonymous_kib() - before, 4 << 10);
  EXPECT_EQ(connection.read_answer().body, std::to_string(kBytes));
}

}  // namespace
}  // namespace weir
