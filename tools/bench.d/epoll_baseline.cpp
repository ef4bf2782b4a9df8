// SPDX-License-Identifier: MIT
// The limit that tools/bench compares with: a raw epoll loop with canned answers to the benchmark's requests. It looks
// at as little of a request as its answer needs and is no HTTP server: no limits, no deadlines, no errors but 404.
//
//   epoll_baseline PORT [LOOPS]
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kInputBytes = 64 << 10;

struct Connection {
  int fd = -1;
  std::string pending;  // The beginning of a request whose rest has not arrived.
  std::string output;
  bool closes = false;
};

// The Date field, made once a second as a server would.
class DateField {
 public:
  std::string_view line() {
    const std::time_t now = ::time(nullptr);
    if (now != made_at_) {
      std::tm utc{};
      ::gmtime_r(&now, &utc);
      size_ = std::strftime(line_.data(), line_.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
      made_at_ = now;
    }
    return {line_.data(), size_};
  }

 private:
  std::array<char, 64> line_{};
  std::size_t size_ = 0;
  std::time_t made_at_ = 0;
};

void append_answer(Connection& connection, std::string_view date, std::string_view status, std::string_view type,
                   std::initializer_list<std::string_view> body) {
  std::size_t body_bytes = 0;
  for (const auto part : body) {
    body_bytes += part.size();
  }
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), body_bytes).ptr;
  auto& out = connection.output;
  out.append("HTTP/1.1 "sv).append(status).append("\r\n"sv).append(date);
  if (connection.closes) {
    out.append("Connection: close\r\n"sv);
  }
  out.append("Content-Type: "sv).append(type).append("\r\nContent-Length: "sv).append(digits.begin(), end);
  out.append("\r\n\r\n"sv);
  for (const auto part : body) {
    out.append(part);
  }
}

// Value of a field, by the spelling that the benchmark's clients use; empty when it is not there.
std::string_view field(std::string_view head, std::string_view name) {
  const auto* at = static_cast<const char*>(::memmem(head.data(), head.size(), name.data(), name.size()));
  if (at == nullptr) {
    return {};
  }
  const auto value = head.substr(static_cast<std::size_t>(at - head.data()) + name.size());
  return value.substr(0, value.find('\r'));
}

void answer(Connection& connection, std::string_view date, std::string_view head, std::string_view body) {
  connection.closes = connection.closes || field(head, "\r\nConnection: "sv) == "close"sv;
  constexpr auto kText = "text/plain; charset=utf-8"sv;
  constexpr auto kJson = "application/json"sv;
  if (head.starts_with("GET /plaintext "sv)) {
    append_answer(connection, date, "200 OK"sv, kText, {"Hello, World!"sv});
  } else if (head.starts_with("GET /json "sv) || head.starts_with("GET /task "sv)) {
    append_answer(connection, date, "200 OK"sv, kJson, {R"({"message":"Hello, World!"})"sv});
  } else if (head.starts_with("GET /users/"sv)) {
    const auto id = head.substr(11, head.find(' ', 11) - 11);
    append_answer(connection, date, "200 OK"sv, kJson, {R"({"id":")"sv, id, R"("})"sv});
  } else if (head.starts_with("POST /echo "sv)) {
    append_answer(connection, date, "200 OK"sv, field(head, "\r\nContent-Type: "sv), {body});
  } else if (head.starts_with("POST /json "sv) || head.starts_with("POST /order "sv)) {
    append_answer(connection, date, "200 OK"sv, kJson, {body});
  } else {
    append_answer(connection, date, "404 Not Found"sv, kText, {"no such path"sv});
  }
}

// Answers every complete request in `input` and returns how many bytes they took.
std::size_t consume(Connection& connection, std::string_view date, std::string_view input) {
  std::size_t taken = 0;
  while (!connection.closes) {
    const auto rest = input.substr(taken);
    const auto* end = static_cast<const char*>(::memmem(rest.data(), rest.size(), "\r\n\r\n", 4));
    if (end == nullptr) {
      break;
    }
    const auto head = rest.substr(0, static_cast<std::size_t>(end - rest.data()) + 4);
    std::size_t body_bytes = 0;
    if (rest.front() == 'P') {
      const auto length = field(head, "\r\nContent-Length: "sv);
      std::from_chars(length.data(), length.data() + length.size(), body_bytes);
    }
    if (rest.size() - head.size() < body_bytes) {
      break;
    }
    answer(connection, date, head, rest.substr(head.size(), body_bytes));
    taken += head.size() + body_bytes;
  }
  return taken;
}

class Loop {
 public:
  explicit Loop(int port) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listen_on(port)) {
    watch(listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        auto* const connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        connection == nullptr ? accept_all() : read_from(connection);
      }
    }
  }

 private:
  static int listen_on(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 1024) != 0) {
      std::perror("epoll_baseline");
      std::exit(1);
    }
    return fd;
  }

  void watch(int fd, std::uint32_t what, Connection* connection) {
    epoll_event event{};
    event.events = what;
    event.data.ptr = connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        return;
      }
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd, EPOLLIN, new Connection{fd, {}, {}, false});
    }
  }

  void read_from(Connection* connection) {
    const auto got = ::recv(connection->fd, input_.data(), input_.size(), 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) {
        drop(connection);
      }
      return;
    }
    std::string_view input{input_.data(), static_cast<std::size_t>(got)};
    if (connection->pending.empty()) {
      connection->pending.assign(input.substr(consume(*connection, date_.line(), input)));
    } else {
      connection->pending.append(input);
      connection->pending.erase(0, consume(*connection, date_.line(), connection->pending));
    }
    write_to(connection);
  }

  // One write for all answers of a read. A client that does not read is not served any further.
  void write_to(Connection* connection) {
    auto& output = connection->output;
    const bool sent = output.empty() || ::send(connection->fd, output.data(), output.size(), MSG_NOSIGNAL) ==
                                            static_cast<ssize_t>(output.size());
    output.clear();
    if (!sent || connection->closes) {
      drop(connection);
    }
  }

  static void drop(Connection* connection) {
    ::close(connection->fd);
    delete connection;
  }

  int epoll_;
  int listener_;
  DateField date_;
  std::vector<char> input_ = std::vector<char>(kInputBytes);
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: epoll_baseline PORT [LOOPS]\n");
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const int loops = argc > 2 ? std::max(1, std::atoi(argv[2])) : 1;
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  for (int i = 1; i < loops; ++i) {
    std::thread([port] { Loop(port).run(); }).detach();
  }
  Loop(port).run();
}
