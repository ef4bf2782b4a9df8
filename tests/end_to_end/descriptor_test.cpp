// SPDX-License-Identifier: MIT
// A server that runs out of descriptors keeps serving whom it has, does not spin, and recovers.
#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace weir::test {
namespace {

constexpr std::uint64_t kDescriptors = 96;
constexpr int kClients = 160;

// Descriptors that the program holds without knowing of it: they keep its own estimate of the room from being right.
class Ballast {
 public:
  explicit Ballast(int count) {
    for (int i = 0; i < count; ++i) fds_.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  ~Ballast() {
    for (const int fd : fds_) ::close(fd);
  }
  const std::vector<int>& fds() const { return fds_; }

 private:
  std::vector<int> fds_;
};

Process serve(const Ballast& ballast) {
  return Process(WEIR_BENCHMARK_BINARY, {.arguments = {"serve", "--port", "0", "--loops", "1", "--admin.enabled=false",
                                                       "--log.format", "json", "--drain.idle", "50ms"},
                                         .inherited = ballast.fds(),
                                         .descriptors_max = kDescriptors});
}

std::vector<Client> connect_many(std::uint16_t port) {
  std::vector<Client> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(port);
  return clients;
}

void expect_recovery(std::uint16_t port) {
  const auto deadline = Clock::now() + kPatience;
  int status = 0;
  while (status != 200 && Clock::now() < deadline) status = Client(port).get("/plaintext").status;
  EXPECT_EQ(status, 200) << "the server does not serve again";
}

// More clients than the connection limit, which is clamped below the descriptors: the oldest idle ones go.
TEST(DescriptorTest, MoreClientsThanConnectionsLeaveTheNewOnesServed) {
  const Ballast none(0);
  Process server = serve(none);
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0) << server.out() << server.err();
  std::vector<Client> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(port);
    const Answer answer = clients.back().get("/plaintext");
    ASSERT_EQ(answer.status, 200) << "client " << i;
  }
  clients.clear();
  expect_recovery(port);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

TEST(DescriptorTest, ExhaustionNeitherSpinsNorEndsTheServer) {
  const Ballast ballast(60);
  Process server = serve(ballast);
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0) << server.out() << server.err();
  Client first(port);
  ASSERT_EQ(first.get("/plaintext").status, 200);
  std::vector<Client> clients = connect_many(port);
  ASSERT_TRUE(server.wait_for_output("\"event\":\"listener.exhausted\"")) << server.out();

  const auto before = server.cpu_time();
  server.watch(1s);
  EXPECT_LT(server.cpu_time() - before, 150ms) << "CPU time in a second without a descriptor";
  EXPECT_EQ(first.get("/plaintext").status, 200) << "whoever was connected is still served";

  clients.clear();
  expect_recovery(port);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 0);
  const std::string& log = server.out();
  std::size_t lines = 0;
  for (std::size_t at = log.find("listener.exhausted"); at != std::string::npos;
       at = log.find("listener.exhausted", at + 1)) {
    ++lines;
  }
  EXPECT_LE(lines, 20U) << "exhaustion is logged when it begins, not for each attempt";
}

}  // namespace
}  // namespace weir::test
