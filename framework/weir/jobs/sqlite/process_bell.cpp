// SPDX-License-Identifier: MIT
#include <weir/jobs/sqlite/process_bell.hpp>

#include <weir/base/error.hpp>
#include <weir/base/thread.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

namespace weir::jobs {
namespace {

constexpr std::string_view kPrefix = "bell-";
constexpr std::size_t kNumbersMax = 1'024;  // in a datagram: what is more is found by looking
constexpr std::chrono::milliseconds kBetweenRounds{5};

// Through the descriptor of its folder, as the path of a socket has little room.
sockaddr_un address_of(int folder, std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + std::string(name);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(base::Error::from_errno(errno, what).message());
}

}  // namespace

ProcessBell::ProcessBell(std::string folder, base::UniqueFunction<void(const Rung&)> heard)
    : folder_(std::move(folder)),
      name_(std::string(kPrefix) + std::to_string(std::random_device{}()) + std::to_string(std::random_device{}())),
      heard_(std::move(heard)) {
  const int place = ::open(folder_.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC);
  if (place < 0) fail(folder_);
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(place, name_);
  const bool is_bound =
      socket_ >= 0 && ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(place);
  wake_up_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!is_bound || wake_up_ < 0) {
    if (socket_ >= 0) ::close(socket_);
    if (wake_up_ >= 0) ::close(wake_up_);
    fail(folder_ + "/" + name_);
  }
  thread_ = base::start_thread("weir-jobs-bell", [this] { run(); });
}

ProcessBell::~ProcessBell() {
  is_stopping_ = true;
  wake();
  thread_.join();
  ::unlink((folder_ + "/" + name_).c_str());
  ::close(socket_);
  ::close(wake_up_);
}

void ProcessBell::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_up_, &one, sizeof one) == sizeof one);  // full: it wakes anyway
}

void ProcessBell::ring_for_new() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(rung_.has_new_jobs, true)) return;
  }
  wake();
}

void ProcessBell::ring_for(std::int64_t number) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = rung_.changed.empty();
    if (rung_.changed.size() < kNumbersMax) rung_.changed.push_back(number);
  }
  if (is_first) wake();
}

void ProcessBell::run() noexcept {
  while (!is_stopping_) {
    std::array<pollfd, 2> watched{{{socket_, POLLIN, 0}, {wake_up_, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) receive();
    if (watched[1].revents == 0 || is_stopping_) continue;
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_up_, &count, sizeof count) == sizeof count);
    send();
    std::this_thread::sleep_for(kBetweenRounds);  // what is rung meanwhile goes together
  }
}

void ProcessBell::send() {
  Rung rung;
  {
    const std::lock_guard lock(mutex_);
    rung = std::exchange(rung_, {});
  }
  std::vector<std::int64_t> message{rung.has_new_jobs ? 1 : 0};
  message.insert(message.end(), rung.changed.begin(), rung.changed.end());
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.c_str()), &::closedir);
  if (!folder) return;
  while (const dirent* const entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(kPrefix) || name == name_) continue;
    const sockaddr_un address = address_of(::dirfd(folder.get()), name);
    const auto sent =
        ::sendto(socket_, message.data(), message.size() * sizeof(std::int64_t), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), sizeof address);
    // Its process has died.
    if (sent < 0 && errno == ECONNREFUSED) ::unlinkat(::dirfd(folder.get()), entry->d_name, 0);
  }
}

void ProcessBell::receive() {
  std::array<std::int64_t, kNumbersMax + 1> message{};
  Rung rung;
  for (;;) {
    const auto bytes = ::recv(socket_, message.data(), sizeof message, MSG_DONTWAIT);
    if (bytes < static_cast<ssize_t>(sizeof(std::int64_t))) break;
    rung.has_new_jobs = rung.has_new_jobs || message[0] != 0;
    const auto numbers = static_cast<std::size_t>(bytes) / sizeof(std::int64_t);
    rung.changed.insert(rung.changed.end(), message.begin() + 1,
                        message.begin() + static_cast<std::ptrdiff_t>(numbers));
  }
  heard_(rung);
}

}  // namespace weir::jobs
