// SPDX-License-Identifier: MIT
#include <weir/app/internal/health_check.hpp>

#include <weir/net/socket.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace weir::app {
namespace {

constexpr std::chrono::seconds kPatience{2};

int fail(std::string_view why) {
  std::fprintf(stderr, "not ready: %.*s\n", static_cast<int>(why.size()), why.data());
  return 1;
}

// A server that listens on all addresses is asked on loopback.
net::Endpoint endpoint_to_ask(const Settings& settings) {
  net::Endpoint endpoint{settings.host, settings.port, settings.unix_path};
  if (endpoint.host == "0.0.0.0") endpoint.host = "127.0.0.1";
  if (endpoint.host == "::") endpoint.host = "::1";
  return endpoint;
}

}  // namespace

int check_health(const Settings& settings) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const net::Endpoint endpoint = endpoint_to_ask(settings);
  const auto wait_for = [&](int fd, short events) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{fd, events, 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) == 1;
  };
  auto socket = net::begin_connect(endpoint);
  if (!socket) return fail(socket.error().message());
  if (!wait_for(socket->get(), POLLOUT)) return fail("no connection within 2 s");
  constexpr std::string_view kRequest = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(socket->get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) {
    return fail(base::Error::from_errno(errno, endpoint.to_string()).message());
  }
  std::string answer;
  constexpr std::string_view kReady = "HTTP/1.1 200 ";
  while (answer.size() < kReady.size()) {
    if (!wait_for(socket->get(), POLLIN)) return fail("no answer within 2 s");
    char buffer[512];
    const ssize_t count = ::recv(socket->get(), buffer, sizeof(buffer), 0);
    if (count <= 0) return fail("the connection was closed without an answer");
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  return answer.starts_with(kReady) ? 0 : fail(std::string_view(answer).substr(0, answer.find('\r')));
}

}  // namespace weir::app
