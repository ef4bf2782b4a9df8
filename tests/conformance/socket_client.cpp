// SPDX-License-Identifier: MIT
#include "socket_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace weir::conformance {
namespace {

constexpr int kPatienceMs = 15'000;  // bounds a failure; nothing that passes waits for it
constexpr int kBlockedMs = 100;      // a socket that takes nothing for that long is full
constexpr int kSocketBytes = 64 << 10;

}  // namespace

SocketClient::SocketClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Small and fixed, so that what a test sends is soon the server's to take.
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kSocketBytes, sizeof kSocketBytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(fd_);
    throw std::system_error(error, std::generic_category(), "cannot connect to the service");
  }
}

SocketClient::~SocketClient() {
  ::close(fd_);
}

short SocketClient::wait_for(short events, int timeout_ms) {
  pollfd entry{fd_, events, 0};
  const int ready = ::poll(&entry, 1, timeout_ms);
  return ready > 0 ? entry.revents : short{0};
}

void SocketClient::read_some() {
  std::array<char, 64 << 10> buffer;
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0) {
    is_ended_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    is_reset_ = true;
  }
}

std::size_t SocketClient::send(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && !is_reset_) {
    const short ready = wait_for(static_cast<short>(is_ended_ ? POLLOUT : POLLIN | POLLOUT), kPatienceMs);
    if (ready == 0) break;
    if ((ready & POLLIN) != 0) read_some();
    if ((ready & (POLLOUT | POLLERR | POLLHUP)) == 0) continue;
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EAGAIN && errno != EINTR) {
      is_reset_ = true;
    }
  }
  return sent;
}

std::size_t SocketClient::send_without_reading(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && (wait_for(POLLOUT, kBlockedMs) & POLLOUT) != 0) {
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN) break;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  return sent;
}

bool SocketClient::receive() {
  if (is_ended_ || is_reset_) return false;
  if (wait_for(POLLIN, kPatienceMs) == 0) return false;
  read_some();
  return !is_ended_ && !is_reset_;
}

bool SocketClient::receive_all() {
  while (receive()) {
  }
  return is_ended_;
}

void SocketClient::end_output() {
  ::shutdown(fd_, SHUT_WR);
}

std::string ask(std::uint16_t port, std::string_view request) {
  SocketClient client(port);
  client.send(request);
  client.end_output();
  client.receive_all();
  return client.received();
}

}  // namespace weir::conformance
