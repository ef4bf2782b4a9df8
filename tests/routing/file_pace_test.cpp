// SPDX-License-Identifier: MIT
// Files, peers and time: who waits for whom, and what changes meanwhile.
#include <tests/routing/file_response_fixture.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace weir {
namespace {

using testing::HasSubstr;

using FilePaceTest = FileResponseTest;

TEST_F(FilePaceTest, ASlowPeerHoldsBackTheReading) {
  const std::string path = folder.write("big.bin", std::string(4 << 20, 'x'));
  app.get("/").handle([path] { return Response::file(path); });
  auto connection = client().connect();
  connection.set_receive_window(1'000);
  std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  // Until it has read what it may; the file is then a few pieces ahead of the peer and no more.
  for (int i = 0; i < 200; ++i) {
    answer += connection.receive();
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  EXPECT_EQ(answer.size(), 1'000U);
  const std::string metrics = client().metrics();
  const std::string name = "\nweir_buffered_bytes ";
  const long waiting = std::strtol(metrics.c_str() + metrics.find(name) + name.size(), nullptr, 10);
  EXPECT_GT(waiting, 64 << 10);
  EXPECT_LE(waiting, 130 << 10);
  EXPECT_TRUE(eventually([&] {
    connection.set_receive_window(SIZE_MAX);
    answer += connection.receive();
    return seen.notes->outcomes.size() == 1;
  }));
  EXPECT_EQ(content_of(answer).size(), std::size_t{4} << 20);
}

TEST_F(FilePaceTest, AHandlersTimeDoesNotCountAgainstASlowPeer) {
  const std::string path = folder.write("big.bin", std::string(1 << 20, 'x'));
  app.get("/").timeout(std::chrono::seconds(5)).handle([path]() -> Task<Response> { co_return Response::file(path); });
  auto connection = client().connect();
  connection.set_receive_window(1'000);
  std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return !(answer += connection.receive()).empty(); }));
  for (int i = 0; i < 60; ++i) {
    client().advance(std::chrono::seconds(1));
    connection.set_receive_window(1'000);
    answer += connection.receive();
  }
  EXPECT_FALSE(connection.is_closed());
  EXPECT_TRUE(eventually([&] {
    connection.set_receive_window(SIZE_MAX);
    answer += connection.receive();
    return seen.notes->outcomes.size() == 1;
  }));
  EXPECT_TRUE(seen.notes->outcomes[0].is_complete());
}

TEST_F(FilePaceTest, APeerThatLeavesEndsItAndNothingStaysOpen) {
  const std::string path = folder.write("big.bin", std::string(4 << 20, 'x'));
  app.get("/").handle([path] { return Response::file(path); });
  client();
  const std::size_t open_before = count_descriptors();
  for (int turns = 0; turns < 6; ++turns) {
    auto connection = client().connect();
    connection.set_receive_window(1'000);
    static_cast<void>(connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < turns; ++i) static_cast<void>(connection.receive());
  }
  EXPECT_TRUE(eventually([&] {
    client().advance({});
    return count_descriptors() <= open_before && seen.notes->outcomes.size() == 6;
  }));
  for (const Outcome& outcome : seen.notes->outcomes) EXPECT_FALSE(outcome.is_complete());
}

TEST_F(FilePaceTest, AFileThatShrinksCutsTheConnection) {
  const std::string path = folder.write("big.bin", std::string(1 << 20, 'x'));
  app.get("/").handle([path] { return Response::file(path); });
  auto connection = client().connect();
  connection.set_receive_window(1'000);
  std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return !(answer += connection.receive()).empty(); }));
  folder.write("big.bin", "short");
  EXPECT_TRUE(eventually([&] {
    connection.set_receive_window(SIZE_MAX);
    answer += connection.receive();
    return connection.is_closed();
  }));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 1048576\r\n"));
  EXPECT_LT(content_of(answer).size(), std::size_t{1} << 20);
}

TEST_F(FilePaceTest, OfAFileThatGrowsTheAnnouncedLengthIsSent) {
  const std::string path = folder.write("big.bin", std::string(1 << 20, 'x'));
  app.get("/").handle([path] { return Response::file(path); });
  auto connection = client().connect();
  connection.set_receive_window(1'000);
  std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return !(answer += connection.receive()).empty(); }));
  std::ofstream(path, std::ios::app) << std::string(1 << 20, 'x');  // never shorter meanwhile
  EXPECT_TRUE(eventually([&] {
    connection.set_receive_window(SIZE_MAX);
    answer += connection.receive();
    return seen.notes->outcomes.size() == 1;
  }));
  EXPECT_EQ(content_of(answer).size(), std::size_t{1} << 20);
  EXPECT_FALSE(connection.is_closed());
}

}  // namespace
}  // namespace weir
