// SPDX-License-Identifier: MIT
#include <tests/end_to_end/client.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace weir::test {
namespace {

constexpr int kPatienceSeconds = 15;

int connect_to(int family, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (::connect(fd, address, size) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Client::Client(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd_ = connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int on = 1;
  if (fd_ >= 0) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Client::Client(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_path.c_str(), sizeof(address.sun_path) - 1);
  fd_ = connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

Client::Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Client::Read Client::read_more() {
  std::array<char, 16384> buffer;
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (count == 0) return Read::kEnd;
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Read::kTimeout : Read::kReset;
  unread_.append(buffer.data(), static_cast<std::size_t>(count));
  return Read::kBytes;
}

Ending Client::ending_of(Read read) const {
  if (read == Read::kTimeout) return Ending::kTimeout;
  if (!unread_.empty()) return Ending::kTruncated;
  return read == Read::kEnd ? Ending::kClosed : Ending::kReset;
}

Answer Client::receive() {
  Answer answer;
  const auto fill_until = [&](auto is_enough) {
    while (!is_enough()) {
      const Read read = read_more();
      if (read == Read::kBytes) continue;
      answer.ending = ending_of(read);
      return false;
    }
    return true;
  };
  if (!fill_until([&] { return unread_.find("\r\n\r\n") != std::string::npos; })) return answer;
  const std::size_t head_size = unread_.find("\r\n\r\n") + 4;
  answer.head = unread_.substr(0, head_size);
  answer.status = std::atoi(answer.head.c_str() + 9);
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t at = answer.head.find(kLength);
  const std::size_t length =
      at == std::string::npos ? 0 : std::strtoul(answer.head.c_str() + at + kLength.size(), nullptr, 10);
  if (!fill_until([&] { return unread_.size() >= head_size + length; })) return answer;
  answer.body = unread_.substr(head_size, length);
  unread_.erase(0, head_size + length);
  answer.ending = Ending::kAnswered;
  return answer;
}

Answer Client::get(std::string_view target) {
  const bool is_sent = send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  Answer answer = receive();
  if (!is_sent && answer.ending == Ending::kClosed) answer.ending = Ending::kReset;
  return answer;
}

Ending Client::wait_for_end() {
  Read read = Read::kBytes;
  while (read == Read::kBytes) read = read_more();
  return ending_of(read);
}

}  // namespace weir::test
