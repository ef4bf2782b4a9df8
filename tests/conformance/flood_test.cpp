// SPDX-License-Identifier: MIT
// Clients that take more than their part: pipelining without reading, endless input, more connections than there may
// be.
#include "answers.hpp"
#include "case.hpp"
#include "service.hpp"
#include "socket_client.hpp"

#include <weir/app/test_client.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

namespace weir::conformance {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kEndless = 24 << 20;
/// What the kernel holds between two ends of a loopback connection, generously.
constexpr std::size_t kSocketBuffers = 8 << 20;

/// A route that counts how often it ran.
class CountingService : public Service {
 public:
  CountingService() {
    app().get("/count").handle([this] {
      ++handled_;
      return std::string(1000, 'c');
    });
  }
  std::size_t handled() const { return handled_; }

 private:
  std::atomic<std::size_t> handled_{0};
};

// ---- a client that does not read ----

TEST(FloodTest, RequestsAreNotAnsweredAheadOfAClientThatDoesNotRead) {
  CountingService service;
  app::TestClient client(service.app());
  auto connection = client.connect();
  connection.set_receive_window(0);
  const std::string requests = repeat(get("/count"), 100);
  for (int i = 0; i < 1000; ++i) connection.send(requests);
  const auto& limits = service.app().settings().limits;
  // 64 KiB of output pause the reading; what was read ahead till then may be answered.
  EXPECT_LE(service.handled(), limits.output_pause_bytes / 1000 + limits.pipelined_requests);

  std::size_t bytes = 0;
  connection.set_receive_window(SIZE_MAX);
  for (std::string output = connection.receive(); !output.empty(); output = connection.receive())
    bytes += output.size();
  EXPECT_EQ(service.handled(), 100'000U) << "nothing may be lost either";
  EXPECT_GT(bytes, 100'000U * 1000);
  EXPECT_FALSE(connection.is_closed());
}

TEST(FloodTest, ASocketThatIsNotReadFillsAndThenEverythingArrivesInOrder) {
  CountingService service;
  service.app().start();
  SocketClient client(service.port());
  const std::string requests = repeat(get("/count"), 300'000);
  const std::size_t sent = client.send_without_reading(requests);
  EXPECT_LT(sent, requests.size()) << "the server reads without end";
  const std::size_t complete = sent / get("/count").size();
  client.end_output();
  ASSERT_TRUE(client.receive_all());
  std::string_view output = client.received();
  std::size_t answers = 0;
  while (const auto answer = take_answer(output, false)) {
    if (answer->status == 200) ++answers;
  }
  EXPECT_EQ(answers, complete);
  EXPECT_EQ(service.handled(), complete);
}

TEST(FloodTest, OthersAreServedMeanwhile) {
  CountingService service;
  service.app().settings().loops = 1;
  service.app().start();
  SocketClient client(service.port());
  client.send_without_reading(repeat(get("/count"), 100'000));
  EXPECT_TRUE(ask(service.port(), get("/plaintext")).ends_with("Hello, World!"));
}

// ---- endless input ----

struct Endless {
  std::string_view name;
  std::string start;
  std::string more;
  std::size_t limit;
  int status;
};

std::vector<Endless> endless_inputs() {
  const http::Limits limits;
  return {
      {"target", "GET /", repeat("a", 4 * kKiB), limits.target_bytes, 414},
      {"query", "GET /plaintext?", repeat("a=b&", kKiB), limits.target_bytes, 414},
      {"method", "", repeat("M", 4 * kKiB), limits.head_bytes, 400},
      {"version", "GET / HTTP/1", repeat("1", 4 * kKiB), limits.head_bytes, 400},
      {"empty_lines", "", repeat("\r\n", 2 * kKiB), limits.head_bytes, 400},
      {"field_value", "GET / HTTP/1.1\r\nHost: a\r\nX: ", repeat("v", 4 * kKiB), limits.head_bytes, 431},
      {"field_name", "GET / HTTP/1.1\r\nHost: a\r\nX", repeat("n", 4 * kKiB), limits.head_bytes, 431},
      {"field_blanks", "GET / HTTP/1.1\r\nHost: a\r\nX:", repeat(" ", 4 * kKiB), limits.head_bytes, 431},
      {"fields", "GET / HTTP/1.1\r\nHost: a\r\n", repeat("X: y\r\n", 700), limits.head_bytes, 431},
      {"extension", chunked("5;"), repeat("e", 4 * kKiB), limits.chunk_extension_bytes, 400},
      {"extension_value", chunked("5;a=\""), repeat("e", 4 * kKiB), limits.chunk_extension_bytes, 400},
      {"extensions", chunked(""), repeat("1;e\r\nd\r\n", 500), 16 * kKiB, 400},
      {"chunk_size_zeros", chunked(""), repeat("0", 4 * kKiB), limits.head_bytes, 400},
      {"trailer_value", chunked("0\r\nX: "), repeat("t", 4 * kKiB), limits.head_bytes, 431},
      {"trailers", chunked("0\r\n"), repeat("X: y\r\n", 700), limits.head_bytes, 431},
      {"chunks", chunked(""), "1000\r\n" + repeat("d", 4 * kKiB) + "\r\n", limits.body_bytes + 8 * kKiB, 413},
      {"small_chunks", request("POST /small", "Transfer-Encoding: chunked\r\n"), repeat("1\r\nd\r\n", 700), kKiB, 413},
      {"chunk", request("POST /small", "Transfer-Encoding: chunked\r\n", "ffffff\r\n"), repeat("d", 4 * kKiB), kKiB,
       413},
      {"content", request("POST /small", "Content-Length: 99999999\r\n"), repeat("d", 4 * kKiB), kKiB, 413},
      {"garbage", "\x01\x02", repeat("\xff", 4 * kKiB), limits.head_bytes, 400},
  };
}

TEST(FloodTest, EndlessInputIsRefusedWithin64KiBOfItsLimit) {
  Service service;
  app::TestClient client(service.app());
  for (const Endless& input : endless_inputs()) {
    SCOPED_TRACE(input.name);
    auto connection = client.connect();
    std::string output = connection.send(input.start);
    std::size_t sent = input.start.size();
    for (; output.empty() && sent < kEndless; sent += input.more.size()) output = connection.send(input.more);
    EXPECT_LE(sent, input.limit + 64 * kKiB);
    EXPECT_TRUE(output.starts_with("HTTP/1.1 " + std::to_string(input.status) + " ")) << output.substr(0, 80);
    EXPECT_TRUE(connection.is_closed());
  }
  EXPECT_EQ(client.get("/plaintext").status, 200);
}

TEST(FloodTest, EndlessInputIsCutOnARealSocket) {
  Service service;
  service.app().start();
  const http::Limits limits;
  for (const Endless& input : endless_inputs()) {
    SCOPED_TRACE(input.name);
    SocketClient client(service.port());
    std::size_t sent = client.send(input.start);
    for (bool goes_on = true; goes_on && sent < kEndless;) {
      const std::size_t count = client.send(input.more);
      sent += count;
      goes_on = count == input.more.size();
    }
    EXPECT_LT(sent, input.limit + 64 * kKiB + limits.linger_bytes + kSocketBuffers) << "the server reads without end";
    EXPECT_TRUE(client.received().starts_with("HTTP/1.1 " + std::to_string(input.status) + " "))
        << client.received().substr(0, 80);
    EXPECT_TRUE(ask(service.port(), get("/plaintext")).ends_with("Hello, World!"));
  }
}

TEST(FloodTest, AClientThatSendsAllBeforeItReadsStillReadsTheRefusal) {
  Service service;
  service.app().start();
  SocketClient client(service.port());
  // Within linger_bytes: read and dropped, so that no reset destroys the answer on its way.
  client.send_without_reading(request("POST /small", "Content-Length: 200000\r\n", repeat("d", 200'000)));
  client.end_output();
  EXPECT_TRUE(client.receive_all()) << "reset";
  EXPECT_TRUE(client.received().starts_with("HTTP/1.1 413 "));
}

// ---- connections ----

class ConnectionLimitTest : public testing::Test {
 protected:
  static constexpr std::size_t kConnections = 4;
  ConnectionLimitTest() {
    service_.app().settings().loops = 1;
    service_.app().settings().connections = kConnections;
    service_.app().start();
  }
  std::unique_ptr<SocketClient> connect() { return std::make_unique<SocketClient>(service_.port()); }
  static void wait_for(SocketClient& client, std::string_view end) {
    while (!client.received().ends_with(end) && client.receive()) {
    }
    ASSERT_TRUE(client.received().ends_with(end)) << client.received();
  }
  Service service_;
};

TEST_F(ConnectionLimitTest, TheOldestIdleOneMakesRoomAndABusyOneNever) {
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.push_back(connect());
    clients.back()->send(get("/plaintext"));
    wait_for(*clients.back(), "Hello, World!");
  }
  clients[0]->send(echo("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
  wait_for(*clients[0], "100 Continue\r\n\r\n");
  auto newcomer = connect();
  newcomer->send(get("/users/newcomer"));
  wait_for(*newcomer, R"({"id":"newcomer"})");
  EXPECT_FALSE(clients[1]->receive());
  EXPECT_TRUE(clients[1]->is_ended());
  clients[0]->send("hello");
  wait_for(*clients[0], "\r\n\r\nhello");
  for (const std::size_t i : {std::size_t{2}, std::size_t{3}}) {
    clients[i]->send(get("/users/last"));
    wait_for(*clients[i], R"({"id":"last"})");
  }
}

TEST_F(ConnectionLimitTest, WhereNoneIsIdleTheNewcomerIsTold503) {
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.push_back(connect());
    clients.back()->send(echo("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
    wait_for(*clients.back(), "100 Continue\r\n\r\n");
  }
  auto newcomer = connect();
  newcomer->send(get("/plaintext"));
  newcomer->end_output();
  EXPECT_TRUE(newcomer->receive_all()) << "reset";
  std::string_view output = newcomer->received();
  const auto answer = take_answer(output, false);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->field("Connection"), "close");
  EXPECT_EQ(answer->field("Content-Type"), "application/problem+json");
  for (auto& client : clients) {
    client->send("hello");
    wait_for(*client, "\r\n\r\nhello");
  }
  // They are idle now: one of them makes room.
  EXPECT_TRUE(ask(service_.port(), get("/plaintext")).ends_with("Hello, World!"));
}

TEST_F(ConnectionLimitTest, AFloodOfConnectionsLeavesTheServiceUp) {
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (std::size_t i = 0; i < 300; ++i) clients.push_back(connect());
  EXPECT_TRUE(ask(service_.port(), get("/plaintext")).ends_with("Hello, World!"));
  clients.clear();
  EXPECT_TRUE(ask(service_.port(), get("/plaintext")).ends_with("Hello, World!"));
}

}  // namespace
}  // namespace weir::conformance
