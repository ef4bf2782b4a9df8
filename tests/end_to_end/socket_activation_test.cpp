// SPDX-License-Identifier: MIT
// A listening socket that a service manager opened: every loop gets its share of the connections.
#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

namespace weir::test {
namespace {

class ListeningSocket {
 public:
  ListeningSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(::listen(fd_, 64), 0);
  }
  explicit ListeningSocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(fd_, 64), 0);
  }
  ~ListeningSocket() { ::close(fd_); }
  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

class SocketPath {
 public:
  SocketPath() : path_(std::filesystem::temp_directory_path() / ("weir-" + std::to_string(::getpid()) + ".socket")) {
    std::filesystem::remove(path_);
  }
  ~SocketPath() { std::filesystem::remove(path_); }
  std::string text() const { return path_; }

 private:
  std::filesystem::path path_;
};

// How often each loop's thread went to sleep, by thread name: a loop that serves does so once a request.
std::map<std::string, long> sleeps_by_loop(pid_t pid) {
  std::map<std::string, long> sleeps;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream status(task.path() / "status");
    std::string name;
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Name:\t")) name = line.substr(6);
      constexpr std::string_view kKey = "voluntary_ctxt_switches:";
      if (line.starts_with(kKey) && name.starts_with("weir-loop-")) {
        sleeps[name] = std::stol(line.substr(kKey.size()));
      }
    }
  }
  return sleeps;
}

// Eight connections at once, each used in turn: with two loops four are on each.
template <class Address>
void expect_spread(const Process& server, const Address& address) {
  constexpr int kConnections = 8;
  constexpr int kRounds = 25;
  std::vector<Client> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.emplace_back(address);
    ASSERT_EQ(clients.back().get("/plaintext").body, "Hello, World!");
  }
  const auto before = sleeps_by_loop(server.pid());
  for (int round = 0; round < kRounds; ++round) {
    for (Client& client : clients) ASSERT_EQ(client.get("/plaintext").status, 200);
  }
  const auto after = sleeps_by_loop(server.pid());
  if (after.empty()) GTEST_SKIP() << "this kernel does not count context switches";
  ASSERT_EQ(after.size(), 2U);
  // Half of the requests are on each loop; a sleep may cover several, but a loop without connections has none.
  for (const auto& [name, count] : after) EXPECT_GT(count - before.at(name), kConnections * kRounds / 20) << name;
}

Process::Options activated(const ListeningSocket& socket) {
  return {
      .arguments = {"serve", "--loops", "2", "--admin.enabled=false", "--log.format", "json", "--drain.idle", "50ms"},
      .environment = {"LISTEN_FDS=1", "LISTEN_FDNAMES=http"},
      .inherited = {socket.fd()}};
}

TEST(SocketActivationTest, AnInheritedTcpSocketServesBothLoops) {
  const ListeningSocket socket;
  Process server(WEIR_BENCHMARK_BINARY, activated(socket));
  ASSERT_EQ(server.wait_for_port(), socket.port()) << server.out() << server.err();
  expect_spread(server, socket.port());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

TEST(SocketActivationTest, AnInheritedUnixSocketServesBothLoops) {
  const SocketPath path;
  const ListeningSocket socket(path.text());
  Process server(WEIR_BENCHMARK_BINARY, activated(socket));
  ASSERT_TRUE(server.wait_for_output("\"event\":\"serving\"")) << server.out() << server.err();
  expect_spread(server, path.text());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

TEST(SocketActivationTest, AUnixSocketOfItsOwnServesBothLoopsAndTheHealthcheck) {
  const SocketPath path;
  Process server(WEIR_BENCHMARK_BINARY, {.arguments = {"serve", "--unix", path.text(), "--loops", "2",
                                                       "--admin.enabled=false", "--log.format", "json"}});
  ASSERT_TRUE(server.wait_for_output("\"event\":\"serving\"")) << server.out() << server.err();
  expect_spread(server, path.text());
  EXPECT_EQ(run(WEIR_BENCHMARK_BINARY, {"healthcheck", "--unix", path.text()}).exit_code, 0);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

TEST(SocketActivationTest, SocketsForAnotherProcessAreNotTaken) {
  Process server(WEIR_BENCHMARK_BINARY,
                 {.arguments = {"serve", "--port", "0", "--admin.enabled=false", "--log.format", "json"},
                  .environment = {"LISTEN_PID=1"}});
  EXPECT_NE(server.wait_for_port(), 0) << server.out() << server.err();
}

TEST(SocketActivationTest, ADescriptorThatDoesNotListenIsRefused) {
  Process server(WEIR_BENCHMARK_BINARY, {.arguments = {"serve", "--port", "0"}, .environment = {"LISTEN_FDS=1"}});
  EXPECT_EQ(server.wait_for_exit(), 1);
  EXPECT_NE(server.err(), "");
}

}  // namespace
}  // namespace weir::test
