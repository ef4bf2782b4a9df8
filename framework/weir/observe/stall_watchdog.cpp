// SPDX-License-Identifier: MIT
#include <weir/observe/stall_watchdog.hpp>

#include <weir/base/thread.hpp>

#include <utility>

namespace weir::observe {

StallWatchdog::StallWatchdog(StallDetector::Parts parts)
    : detector_(std::move(parts)), thread_(base::start_thread("weir-watchdog", [this] { run(); })) {}

StallWatchdog::~StallWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StallWatchdog::run() noexcept {
  const base::Clock& clock = base::SystemClock::instance();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_until(lock, detector_.look(clock.now()), [this] { return is_stopping_; })) {
  }
}

}  // namespace weir::observe
