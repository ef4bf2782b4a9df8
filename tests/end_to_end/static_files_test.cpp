// SPDX-License-Identifier: MIT
// Files over real sockets: what the system sends past the program, to clients that read, pause and leave.
#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include <filesystem>
#include <fstream>
#include <thread>

namespace weir::test {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    std::string name = (fs::temp_directory_path() / "weir-static-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    content.reserve(kSize);
    for (std::size_t i = 0; i < kSize; ++i) content += static_cast<char>('a' + i * 7 % 26);
    std::ofstream(folder / "large.bin") << content;
    std::ofstream(folder / "hello.txt") << "Hello, World!";
    process.emplace(WEIR_BENCHMARK_BINARY,
                    Process::Options{.arguments = {"serve", "--static", folder.string(), "--port", "0", "--loops", "1",
                                                   "--admin.enabled=false"}});
    port = process->wait_for_port();
    EXPECT_NE(port, 0);
  }
  ~StaticFilesTest() override { fs::remove_all(folder); }

  static constexpr std::size_t kSize = 20'000'000;
  fs::path folder;
  std::string content;
  std::optional<Process> process;
  std::uint16_t port = 0;
};

TEST_F(StaticFilesTest, SmallFileIsWhole) {
  const Answer answer = Client(port).get("/static/hello.txt");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "Hello, World!");
}

TEST_F(StaticFilesTest, LargeFileIsWhole) {
  Client client(port);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.get("/static/large.bin");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.size(), content.size());
    EXPECT_TRUE(answer.body == content);
  }
}

TEST_F(StaticFilesTest, PartOfALargeFileIsThatPart) {
  Client client(port);
  client.send("GET /static/large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=1000000-10999999\r\n\r\n");
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 206);
  EXPECT_TRUE(answer.body == content.substr(1'000'000, 10'000'000));
}

TEST_F(StaticFilesTest, PipelinedAnswersComeInOrder) {
  Client client(port);
  client.send("GET /static/large.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.receive().body == content);
  EXPECT_EQ(client.receive().body, "Hello, World!");
}

TEST_F(StaticFilesTest, ClientThatReadsLaterGetsAllOfIt) {
  Client slow(port);
  slow.send("GET /static/large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  Client other(port);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(other.get("/plaintext").status, 200);  // the loop goes on meanwhile
  EXPECT_TRUE(slow.receive().body == content);
}

TEST_F(StaticFilesTest, ClientsThatLeaveHarmNobody) {
  for (int i = 0; i < 50; ++i) {
    Client client(port);
    client.send("GET /static/large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  Client client(port);
  EXPECT_TRUE(client.get("/static/large.bin").body == content);
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait_for_exit(), 0);
}

}  // namespace
}  // namespace weir::test
