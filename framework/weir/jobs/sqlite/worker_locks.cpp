// SPDX-License-Identifier: MIT
#include <weir/jobs/sqlite/worker_locks.hpp>

#include <weir/base/error.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace weir::jobs {
namespace {

// Of the worker that appeared last; what a signal handler can find.
std::atomic<int> crash_descriptor{-1};
static_assert(std::atomic<int>::is_always_lock_free);

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(base::Error::from_errno(errno, what).message());
}

}  // namespace

WorkerLocks::WorkerLocks(std::string folder) : folder_(std::move(folder)) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) fail(folder_);
}

WorkerLocks::~WorkerLocks() {
  int own = descriptor_;
  crash_descriptor.compare_exchange_strong(own, -1);
  if (descriptor_ >= 0) ::close(descriptor_);
  for (const auto& [worker, descriptor] : dead_) ::close(descriptor);
}

std::string WorkerLocks::path_of(std::int64_t worker) const {
  return folder_ + "/" + std::to_string(worker);
}

// Locked before it has its name: nobody finds it without its lock.
void WorkerLocks::appear(std::int64_t worker) {
  if (descriptor_ >= 0) disappear();
  const std::string birth = folder_ + "/new-" + std::to_string(::getpid()) + "-" + std::to_string(worker);
  const int descriptor = ::open(birth.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail(birth);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || ::rename(birth.c_str(), path_of(worker).c_str()) != 0) {
    ::close(descriptor);
    fail(birth);
  }
  descriptor_ = descriptor;
  worker_ = worker;
  crash_descriptor = descriptor;
}

void WorkerLocks::disappear() {
  if (descriptor_ < 0) return;
  int own = descriptor_;
  crash_descriptor.compare_exchange_strong(own, -1);
  ::unlink(path_of(worker_).c_str());
  ::close(std::exchange(descriptor_, -1));
}

std::vector<Rescue::Dead> WorkerLocks::find_dead() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.c_str()), &::closedir);
  if (!folder) return {};
  std::vector<Rescue::Dead> dead;
  while (const dirent* const entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    std::int64_t worker = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), worker);
    if (error != std::errc() || end != name.data() + name.size() || worker == worker_) continue;
    const bool is_known =
        std::any_of(dead_.begin(), dead_.end(), [worker](const auto& d) { return d.first == worker; });
    int descriptor = -1;
    if (!is_known) {
      descriptor = ::open(path_of(worker).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (descriptor < 0) continue;
      if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        continue;
      }
      dead_.emplace_back(worker, descriptor);
    }
    struct stat status {};
    const bool has_mark = ::stat(path_of(worker).c_str(), &status) == 0 && status.st_size > 0;
    dead.push_back({worker, has_mark});
  }
  return dead;
}

void WorkerLocks::bury(std::int64_t worker) {
  const auto found = std::find_if(dead_.begin(), dead_.end(), [worker](const auto& d) { return d.first == worker; });
  if (found == dead_.end()) return;
  ::unlink(path_of(worker).c_str());
  ::close(found->second);
  dead_.erase(found);
}

void mark_crash() noexcept {
  const int descriptor = crash_descriptor.load();
  constexpr char kMark = '!';
  if (descriptor >= 0) static_cast<void>(::write(descriptor, &kMark, 1) == 1);
}

}  // namespace weir::jobs
