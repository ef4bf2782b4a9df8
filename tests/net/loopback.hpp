// SPDX-License-Identifier: MIT
// A listening socket and its clients on loopback, and turns of a loop until something holds.
#pragma once

#include <weir/loop/loop.hpp>
#include <weir/net/socket.hpp>

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <utility>

namespace weir::net {

/// Turns the loop until `condition` holds; the bound only ends a failing test.
inline bool run_until(loop::Loop& loop, const std::function<bool()>& condition) {
  for (int turn = 0; turn < 500; ++turn) {
    if (condition()) return true;
    loop.run_for_event(std::chrono::milliseconds(20));
  }
  return false;
}

struct Loopback {
  Descriptor socket;
  Endpoint endpoint;

  Loopback() {
    auto listening = listen_on({"127.0.0.1", 0, ""}, {});
    EXPECT_TRUE(listening);
    socket = std::move(*listening);
    endpoint = *local_endpoint(socket.get());
  }

  /// A client whose handshake is complete.
  Descriptor connect() const {
    auto client = begin_connect(endpoint);
    EXPECT_TRUE(client);
    if (!client) return {};
    pollfd writable{client->get(), POLLOUT, 0};
    EXPECT_EQ(::poll(&writable, 1, 10'000), 1);
    return std::move(*client);
  }
};

/// Two connected stream sockets.
struct SocketPair {
  Descriptor near_end;
  Descriptor far_end;
  SocketPair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    near_end = Descriptor(fds[0]);
    far_end = Descriptor(fds[1]);
  }
};

/// What there is to read now; "<end>" when the other side has closed.
inline std::string read_available(int fd) {
  std::string out;
  char buffer[65'536];
  for (;;) {
    const ssize_t count = ::recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0) {
      out.append(buffer, static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0) out += "<end>";
    return out;
  }
}

}  // namespace weir::net
