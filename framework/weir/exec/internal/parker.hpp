// SPDX-License-Identifier: MIT
// Where one thread sleeps until another one wakes it.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace weir::exec {

/// One system call to sleep and one to wake. (A condition variable takes its mutex back as contended, which costs a
/// third; std::atomic's wait yields several times first.)
///
/// Thread:    park: one; unpark: any, once per park.
/// Ownership: outlives both calls.
class Parker {
 public:
  /// Returns when unpark was called, before or after this.
  void park() noexcept {
    while (is_called_.exchange(0, std::memory_order_acquire) == 0) call(FUTEX_WAIT_PRIVATE, 0);
  }

  void unpark() noexcept {
    is_called_.store(1, std::memory_order_release);
    call(FUTEX_WAKE_PRIVATE, 1);
  }

 private:
  static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);

  // What it returns does not matter: park looks again.
  void call(int operation, std::uint32_t value) noexcept {
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&is_called_), operation, value, nullptr, nullptr, 0);
  }
  std::atomic<std::uint32_t> is_called_{0};
};

}  // namespace weir::exec
