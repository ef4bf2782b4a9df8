// SPDX-License-Identifier: MIT
#include <weir/net/socket.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace weir::net {
namespace {

using base::ErrorCode;

// A path of its own for each test, gone with it.
class UnixPathTest : public testing::Test {
 protected:
  UnixPathTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-socket-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    endpoint = {"", 0, folder_ + "/socket"};
  }
  ~UnixPathTest() override { std::filesystem::remove_all(folder_); }
  Endpoint endpoint;

 private:
  std::string folder_;
};

Descriptor listener_on(const Endpoint& endpoint, const ListenOptions& options = {}) {
  auto socket = listen_on(endpoint, options);
  EXPECT_TRUE(socket) << (socket ? "" : socket.error().message());
  return socket ? std::move(*socket) : Descriptor();
}

Endpoint endpoint_of(const Descriptor& socket) {
  const auto endpoint = local_endpoint(socket.get());
  EXPECT_TRUE(endpoint);
  return endpoint ? *endpoint : Endpoint{};
}

// Connects and waits until that is done; the accepted side comes with it.
struct Pair {
  Descriptor client;
  Descriptor server;
};
Pair connect_to(const Descriptor& listener) {
  Pair pair;
  auto client = begin_connect(endpoint_of(listener));
  EXPECT_TRUE(client);
  if (!client) return pair;
  pollfd waiting{listener.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 10'000), 1);
  pair.server = Descriptor(::accept(listener.get(), nullptr, nullptr));
  pair.client = std::move(*client);
  return pair;
}

TEST(DescriptorTest, ItClosesItsDescriptor) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  { const Descriptor reader(fds[0]), writer(fds[1]); }
  EXPECT_EQ(::fcntl(fds[0], F_GETFD), -1);
  EXPECT_EQ(::fcntl(fds[1], F_GETFD), -1);
}

TEST(DescriptorTest, AMoveHandsItOver) {
  Descriptor from(::dup(0));
  const int fd = from.get();
  const Descriptor to = std::move(from);
  EXPECT_EQ(to.get(), fd);
  EXPECT_FALSE(from);  // NOLINT: what a move leaves is what this is about
}

TEST(DescriptorTest, AReleasedOneStaysOpen) {
  int fd = -1;
  {
    Descriptor owner(::dup(0));
    fd = owner.release();
  }
  EXPECT_NE(::fcntl(fd, F_GETFD), -1);
  ::close(fd);
}

TEST(EndpointTest, ItsTextTellsItsKind) {
  EXPECT_EQ((Endpoint{"127.0.0.1", 80, ""}).to_string(), "127.0.0.1:80");
  EXPECT_EQ((Endpoint{"::1", 8080, ""}).to_string(), "[::1]:8080");
  EXPECT_EQ((Endpoint{"", 0, "/run/x"}).to_string(), "unix:/run/x");
}

TEST(ListenOnTest, PortZeroIsAPortOfTheSystemsChoice) {
  const Descriptor first = listener_on({"127.0.0.1", 0, ""});
  const Descriptor second = listener_on({"127.0.0.1", 0, ""});
  EXPECT_NE(endpoint_of(first).port, 0);
  EXPECT_NE(endpoint_of(first).port, endpoint_of(second).port);
}

TEST(ListenOnTest, LocalhostIsIpv4Loopback) {
  EXPECT_EQ(endpoint_of(listener_on({"localhost", 0, ""})).host, "127.0.0.1");
}

TEST(ListenOnTest, Ipv6Listens) {
  const Descriptor listener = listener_on({"::1", 0, ""});
  EXPECT_EQ(endpoint_of(listener).host, "::1");
  const Pair pair = connect_to(listener);
  EXPECT_EQ(peer_text(pair.server.get()), "[::1]:" + std::to_string(endpoint_of(pair.client).port));
}

TEST(ListenOnTest, TheSocketIsNonBlockingAndCloseOnExec) {
  const Descriptor listener = listener_on({"127.0.0.1", 0, ""});
  EXPECT_NE(::fcntl(listener.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(ListenOnTest, AcceptedSocketsInheritNoDelay) {
  const Descriptor listener = listener_on({"127.0.0.1", 0, ""});
  const Pair pair = connect_to(listener);
  int is_set = 0;
  socklen_t length = sizeof(is_set);
  ASSERT_EQ(::getsockopt(pair.server.get(), IPPROTO_TCP, TCP_NODELAY, &is_set, &length), 0);
  EXPECT_NE(is_set, 0);
}

TEST(ListenOnTest, ATakenPortIsNamed) {
  const Descriptor first = listener_on({"127.0.0.1", 0, ""});
  const std::uint16_t port = endpoint_of(first).port;
  const auto second = listen_on({"127.0.0.1", port, ""}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kInUse);
  EXPECT_EQ(second.error().message(),
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST(ListenOnTest, ASharedPortTakesSeveralListeners) {
  const Descriptor first = listener_on({"127.0.0.1", 0, ""}, {.is_port_shared = true});
  const Descriptor second = listener_on(endpoint_of(first), {.is_port_shared = true});
  EXPECT_EQ(endpoint_of(first).port, endpoint_of(second).port);
}

TEST(ListenOnTest, ANameIsNoAddress) {
  const auto socket = listen_on({"example.org", 80, ""}, {});
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(socket.error().message(),
            "cannot listen on example.org:80: 'example.org' is not an IP address (examples: 127.0.0.1, 0.0.0.0, ::)");
}

TEST(ListenOnTest, AnAddressOfAnotherMachineIsRefused) {
  const auto socket = listen_on({"192.0.2.1", 0, ""}, {});
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().message(), "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST_F(UnixPathTest, AUnixSocketListens) {
  const Descriptor listener = listener_on(endpoint);
  EXPECT_EQ(endpoint_of(listener).path, endpoint.path);
  EXPECT_EQ(peer_text(connect_to(listener).server.get()), "unix");
}

TEST_F(UnixPathTest, APathLeftBehindIsReplaced) {
  { const Descriptor gone = listener_on(endpoint); }
  ASSERT_TRUE(std::filesystem::exists(endpoint.path));
  const Descriptor listener = listener_on(endpoint);
  EXPECT_TRUE(connect_to(listener).server);
}

TEST_F(UnixPathTest, APathThatAnswersIsInUse) {
  const Descriptor first = listener_on(endpoint);
  const auto second = listen_on(endpoint, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kInUse);
  EXPECT_TRUE(begin_connect(endpoint)) << "the first must go on listening";
}

TEST_F(UnixPathTest, AFileThatIsNoSocketStays) {
  std::ofstream(endpoint.path) << "precious";
  const auto listener = listen_on(endpoint, {});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code(), ErrorCode::kInUse);
  EXPECT_EQ(std::filesystem::file_size(endpoint.path), 8U);
}

TEST_F(UnixPathTest, AFolderThatIsNotThereIsNamed) {
  endpoint.path = endpoint.path + "/no/such";
  const auto listener = listen_on(endpoint, {});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(listener.error().message(), "cannot listen on unix:" + endpoint.path + ": No such file or directory");
}

TEST(UnixPathLengthTest, APathOf107BytesFitsAndOneMoreDoesNot) {
  const auto fits = listen_on({"", 0, "/no/" + std::string(103, 'x')}, {});
  ASSERT_FALSE(fits);
  EXPECT_EQ(fits.error().code(), ErrorCode::kNotFound);
  const auto too_long = listen_on({"", 0, "/no/" + std::string(104, 'x')}, {});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code(), ErrorCode::kInvalidArgument);
}

TEST(AdoptListenerTest, AListeningSocketIsTakenAndMadeNonBlocking) {
  Descriptor inherited = listener_on({"127.0.0.1", 0, ""});
  ::fcntl(inherited.get(), F_SETFL, 0);
  ::fcntl(inherited.get(), F_SETFD, 0);
  auto adopted = adopt_listener(inherited.release());
  ASSERT_TRUE(adopted);
  EXPECT_NE(::fcntl(adopted->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(adopted->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(AdoptListenerTest, WhatIsNoListeningSocketIsRefused) {
  const Descriptor unbound(::socket(AF_INET, SOCK_STREAM, 0));
  const auto adopted = adopt_listener(unbound.get());
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().message(),
            "descriptor " + std::to_string(unbound.get()) + " from LISTEN_FDS is not a listening socket");
  EXPECT_FALSE(adopt_listener(STDERR_FILENO));
}

TEST(BeginConnectTest, WhereNobodyListensTheConnectionFails) {
  Endpoint endpoint;
  { endpoint = endpoint_of(listener_on({"127.0.0.1", 0, ""})); }
  auto client = begin_connect(endpoint);
  if (!client) return;  // refused at once is as good
  pollfd waiting{client->get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  int error_number = 0;
  socklen_t length = sizeof(error_number);
  ::getsockopt(client->get(), SOL_SOCKET, SO_ERROR, &error_number, &length);
  EXPECT_EQ(error_number, ECONNREFUSED);
}

TEST(PeerTextTest, TheOtherSideIsNamedWithItsPort) {
  const Pair pair = connect_to(listener_on({"127.0.0.1", 0, ""}));
  EXPECT_EQ(peer_text(pair.server.get()), "127.0.0.1:" + std::to_string(endpoint_of(pair.client).port));
}

TEST(PeerTextTest, WithoutAPeerItIsUnknown) {
  EXPECT_EQ(peer_text(-1), "unknown");
}

}  // namespace
}  // namespace weir::net
