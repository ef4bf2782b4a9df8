// SPDX-License-Identifier: MIT
// A blocking HTTP client on a real socket, for tests of a whole app.
#pragma once

#include <weir/net/socket.hpp>

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace weir {

/// One connection; reads have a bound that only ends a failing test.
class HttpCall {
 public:
  explicit HttpCall(const net::Endpoint& endpoint) {
    auto socket = net::begin_connect(endpoint);
    if (socket) socket_ = std::move(*socket);
    is_connected_ = static_cast<bool>(socket) && wait_for(POLLOUT) && error_number() == 0;
  }
  explicit HttpCall(std::uint16_t port) : HttpCall(net::Endpoint{"127.0.0.1", port, ""}) {}

  bool is_connected() const { return is_connected_; }
  int error_number() const {
    int number = 0;
    socklen_t length = sizeof(number);
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &number, &length);
    return number;
  }

  /// Sends a GET and reads its answer, head and content.
  std::string get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return read_answer();
  }
  void send(std::string_view bytes) {
    while (!bytes.empty() && wait_for(POLLOUT)) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  /// The next answer; what has come of it when the connection ends before.
  std::string read_answer() {
    for (;;) {
      const std::size_t end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t at = received_.find("Content-Length: ");
        const std::size_t length = at < end ? std::strtoul(received_.c_str() + at + 16, nullptr, 10) : 0;
        if (received_.size() >= end + 4 + length) {
          std::string answer = received_.substr(0, end + 4 + length);
          received_.erase(0, answer.size());
          return answer;
        }
      }
      if (!read_some()) return received_;
    }
  }
  /// All that comes until the server closes the connection.
  std::string read_to_end() {
    EXPECT_TRUE(is_closed_by_server());
    return received_;
  }
  /// Whether the server closes the connection, after whatever it still sends.
  bool is_closed_by_server() {
    while (read_some()) {
    }
    return is_ended_;
  }

 private:
  bool wait_for(short events) const {
    pollfd waiting{socket_.get(), events, 0};
    return ::poll(&waiting, 1, 10'000) == 1;
  }
  bool read_some() {
    char buffer[16'384];
    if (!wait_for(POLLIN)) return false;
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    is_ended_ = count == 0;
    if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  net::Descriptor socket_;
  std::string received_;
  bool is_connected_ = false;
  bool is_ended_ = false;
};

}  // namespace weir
