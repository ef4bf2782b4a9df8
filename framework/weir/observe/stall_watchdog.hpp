// SPDX-License-Identifier: MIT
// The thread that watches for loops that do not get on.
#pragma once

#include <weir/observe/stall_detector.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace weir::observe {

/// Runs a StallDetector on a thread of its own, four looks per `stall`.
///
/// Thread:    one; not a loop's.
/// Ownership: as StallDetector; the destructor ends the thread, at once.
/// Errors:    throws std::system_error when the system has no thread for it.
class StallWatchdog {
 public:
  explicit StallWatchdog(StallDetector::Parts parts);
  StallWatchdog(const StallWatchdog&) = delete;
  StallWatchdog& operator=(const StallWatchdog&) = delete;
  ~StallWatchdog();

 private:
  void run() noexcept;

  StallDetector detector_;  // its thread's
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::observe
