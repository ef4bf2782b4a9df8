// SPDX-License-Identifier: MIT
// Where handlers of jobs wait until a test lets them go on.
#pragma once

#include <weir/jobs/job_context.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace weir::jobs {

/// Thread: any.
class JobGate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }
  /// How many have come here so far.
  int arrivals() const { return arrivals_; }
  /// On a worker. Errors: throws when the job is asked to stop.
  void pass(const JobContext& job) {
    ++arrivals_;
    std::unique_lock lock(mutex_);
    if (!opened_.wait(lock, job.stop_token(), [this] { return is_open_; })) {
      throw std::runtime_error("stopped at the gate");
    }
  }
  /// On a worker. A job that is asked to stop waits here as well.
  void hold() {
    ++arrivals_;
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::atomic<int> arrivals_{0};
  std::mutex mutex_;  // guards is_open_
  std::condition_variable_any opened_;
  bool is_open_ = false;
};

}  // namespace weir::jobs
