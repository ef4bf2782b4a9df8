// SPDX-License-Identifier: MIT
// The open-loop load on epoll.
#include "load.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

#include "answer.hpp"

namespace lab {

namespace {

Nanoseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string bytes_of(const RequestClass& kind, int port) {
  std::string bytes = (kind.content.empty() ? "GET " : "POST ") + kind.path +
                      " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
  if (!kind.content.empty()) {
    bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(kind.content.size()) + "\r\n";
  }
  return bytes + (kind.fresh ? "Connection: close\r\n\r\n" : "\r\n") + kind.content;
}

}  // namespace

Load::Load(const LoadOptions& options, std::vector<RequestClass>& classes, const std::vector<Arrival>& schedule)
    : options_(options), classes_(classes), schedule_(schedule), requests_(schedule.size()) {
  for (const auto& kind : classes_) {
    request_bytes_.push_back(bytes_of(kind, options.port));
  }
  for (std::size_t slot = options.connections; slot > 0; --slot) {
    free_slots_.push_back(slot - 1);
  }
  connections_.resize(options.connections);
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // Else the kernel may wake us 50 us late to save power.
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) {
    fail("epoll_create1");
  }
}

Load::~Load() {
  for (const auto& connection : connections_) {
    if (connection.fd >= 0) {
      ::close(connection.fd);
    }
  }
  ::close(epoll_);
}

bool Load::is_in_window(Nanoseconds since_start) const {
  return since_start >= options_.warmup && since_start < options_.warmup + options_.duration;
}

Nanoseconds Load::since_start() const {
  return monotonic_now() - started_at_;
}

void Load::run() {
  for (std::size_t request = 0; request < schedule_.size(); ++request) {
    if (is_measured(request)) {
      ++class_of(request).planned;
    }
  }
  started_at_ = monotonic_now();
  for (;;) {
    start_due();
    expire_overdue();
    if (oldest_ == requests_.size()) {
      return;
    }
    wait_for_events();
  }
}

void Load::start_due() {
  while (next_ < schedule_.size() && schedule_[next_].intended <= since_start()) {
    const auto request = next_++;
    start(request);
    if (is_measured(request)) {
      lateness.add(since_start() - schedule_[request].intended);
    }
  }
}

void Load::expire_overdue() {
  const auto overdue = since_start() - options_.timeout;
  for (; oldest_ < next_; ++oldest_) {
    auto& request = requests_[oldest_];
    if (request.state == State::kDone) {
      continue;
    }
    if (schedule_[oldest_].intended > overdue) {
      return;
    }
    const auto connection = request.connection;
    failed(oldest_, &RequestClass::timed_out);
    if (connection != kNone) {
      close_connection(connection);
    }
  }
}

void Load::wait_for_events() {
  auto wake_at = schedule_[oldest_].intended + options_.timeout;
  if (next_ < schedule_.size()) {
    wake_at = std::min(wake_at, schedule_[next_].intended);
  }
  const auto wait = std::max<Nanoseconds>(wake_at - since_start(), 0);
  const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
  std::array<epoll_event, 64> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) {
    fail("epoll_pwait2");
  }
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    on_event(event.data.u64, event.events);
    start_due();  // A burst of answers must not delay what is due.
  }
}

void Load::start(std::size_t request) {
  requests_[request].state = State::kInFlight;
  if (!class_of(request).fresh && !idle_.empty()) {
    const auto connection = idle_.back();
    idle_.pop_back();
    connections_[connection].request = request;
    requests_[request].connection = connection;
    send(connection);
  } else if (!free_slots_.empty()) {
    open_connection(request);
  } else {
    requests_[request].state = State::kWaiting;
    waiting_.push_back(request);
    ++waited_for_connection_;
  }
}

void Load::open_connection(std::size_t request) {
  const auto slot = free_slots_.back();
  auto& connection = connections_[slot];
  connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connection.fd < 0) {
    fail("socket");
  }
  free_slots_.pop_back();
  connections_peak_ = std::max(connections_peak_, connections_.size() - free_slots_.size());
  connection.is_connecting = true;
  connection.request = request;
  connection.opened_at = since_start();
  connection.input.clear();
  requests_[request].connection = slot;

  const int on = 1;
  ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = ::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result != 0 && errno != EINPROGRESS) {
    failed(request, &RequestClass::refused);
    close_connection(slot);
    return;
  }
  epoll_event interest{EPOLLOUT, {.u64 = slot}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &interest);
}

void Load::on_event(std::size_t slot, unsigned events) {
  auto& connection = connections_[slot];
  if (connection.fd < 0) {
    return;  // Closed by what was done for an earlier event.
  }
  if (connection.is_connecting) {
    on_connected(slot);
  } else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    on_readable(slot);
  }
}

void Load::on_connected(std::size_t slot) {
  auto& connection = connections_[slot];
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    failed(connection.request, &RequestClass::refused);
    close_connection(slot);
    return;
  }
  connection.is_connecting = false;
  if (is_in_window(connection.opened_at)) {
    connect_time.add(since_start() - connection.opened_at);
  }
  epoll_event interest{EPOLLIN, {.u64 = slot}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &interest);
  send(slot);
}

void Load::send(std::size_t slot) {
  auto& connection = connections_[slot];
  const auto& bytes = request_bytes_[schedule_[connection.request].request_class];
  const auto sent = ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) {  // A socket without unsent bytes has room for so few.
    failed(connection.request, &RequestClass::reset);
    close_connection(slot);
    return;
  }
  if (is_measured(connection.request)) {
    ++class_of(connection.request).sent;
  }
}

void Load::on_readable(std::size_t slot) {
  auto& connection = connections_[slot];
  std::array<char, 16384> chunk;
  const auto got = ::recv(connection.fd, chunk.data(), chunk.size(), 0);
  if (got < 0 && errno == EAGAIN) {
    return;
  }
  if (got <= 0 || connection.request == kNone) {  // Closed by the server, or bytes that nobody asked for.
    if (connection.request != kNone) {
      failed(connection.request, &RequestClass::reset);
    }
    close_connection(slot);
    return;
  }
  connection.input.append(chunk.data(), static_cast<std::size_t>(got));
  const auto answer = find_answer(connection.input);
  if (!answer) {
    return;
  }
  const auto request = connection.request;
  if (answer->status == 0 || answer->size != connection.input.size()) {
    failed(request, &RequestClass::malformed);
    close_connection(slot);
    return;
  }
  answered(request, answer->status);
  if (answer->keeps_alive && !class_of(request).fresh) {
    release(slot);
  } else {
    close_connection(slot);
  }
}

void Load::release(std::size_t slot) {
  auto& connection = connections_[slot];
  connection.request = kNone;
  connection.input.clear();
  while (!waiting_.empty()) {
    const auto request = waiting_.front();
    waiting_.pop_front();
    if (requests_[request].state == State::kWaiting) {  // Else it has expired.
      requests_[request] = {State::kInFlight, slot};
      connection.request = request;
      send(slot);
      return;
    }
  }
  idle_.push_back(slot);
}

void Load::close_connection(std::size_t slot) {
  auto& connection = connections_[slot];
  ::close(connection.fd);
  connection.fd = -1;
  connection.is_connecting = false;
  if (connection.request == kNone) {
    std::erase(idle_, slot);
  }
  connection.request = kNone;
  free_slots_.push_back(slot);
  while (!waiting_.empty()) {
    const auto request = waiting_.front();
    waiting_.pop_front();
    if (requests_[request].state == State::kWaiting) {
      requests_[request].state = State::kInFlight;
      open_connection(request);
      return;
    }
  }
}

void Load::answered(std::size_t request, int status) {
  requests_[request] = {State::kDone, kNone};
  const auto now = since_start();
  auto& kind = class_of(request);
  const bool is_good = status / 100 == 2;
  if (is_good) {
    ++kind.good_ever;
  }
  if (is_good && is_in_window(now)) {
    ++kind.good_in_window;
  }
  if (!is_measured(request)) {
    return;
  }
  ++(is_good ? kind.status_2xx : status == 503 ? kind.status_503 : kind.status_other);
  (is_good ? kind.good : status == 503 ? kind.shed : kind.other).add(now - schedule_[request].intended);
}

void Load::failed(std::size_t request, std::size_t RequestClass::*reason) {
  requests_[request] = {State::kDone, kNone};
  if (is_measured(request)) {
    ++(class_of(request).*reason);
  }
}

}  // namespace lab
