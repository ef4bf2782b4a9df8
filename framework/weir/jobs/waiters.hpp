// SPDX-License-Identifier: MIT
// Who waits for a job to change.
#pragma once

#include <weir/jobs/job_id.hpp>
#include <weir/loop/completion_source.hpp>
#include <weir/loop/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace weir::jobs {

/// Wakes coroutines of any loop when a job has changed in this process. A wake-up is a reason to look, no more.
///
/// Thread: any; `wait` on a loop's.
class Waiters {
 public:
  explicit Waiters(std::size_t max) : max_(max) {}
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  using Key = std::pair<std::int64_t, std::uint64_t>;  ///< The number of the job, and one of the waiter's own.

  /// Says that it waits, from its making on: what changes before `wait` is not missed.
  class Place {
   public:
    Place(Waiters& waiters, const JobId& id);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();
    /// False when there were too many.
    bool is_there() const { return is_there_; }
    /// Until the job changes, or `at_most` is over. Once. Errors: throws Cancelled.
    loop::Task<void> wait(std::chrono::nanoseconds at_most);

   private:
    Waiters& waiters_;
    Key key_;
    loop::CompletionEnds<void> ends_;
    bool is_there_ = false;
  };

  void wake(const JobId& id);
  /// Everybody: the service ends.
  void wake_all();

 private:
  const std::size_t max_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t next_ = 0;
  std::map<Key, loop::CompletionDone<void>> waiting_;
};

}  // namespace weir::jobs
