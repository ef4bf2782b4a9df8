// SPDX-License-Identifier: MIT
// A piece of work on its way to a worker and back to its loop.
#pragma once

#include <weir/base/check.hpp>
#include <weir/base/clock.hpp>
#include <weir/loop/loop.hpp>

#include <atomic>
#include <cstdint>

namespace weir::exec {

class Worker;
class WorkerPool;

/// Who sends work to a pool, such as a route: what sources are kept from is taking the whole queue. Of one pool.
using SourceId = std::uint32_t;

/// A piece of work for a worker. It is a part of something that its submitter owns, and carries its own links: neither
/// submitting nor finishing it allocates.
///
/// Its way: `submit` (admitted) -> waits -> run() on a worker, or dropped -> on_loop() on the home loop, where it is
/// the owner's again and may be destroyed or submitted anew. A successful `try_remove` ends the way without on_loop().
///
/// Thread:    constructed, configured and submitted by one thread; what other threads may call says so.
/// Ownership: the owner keeps it until on_loop() or a successful removal (checked). `home` outlives that.
class WorkItem : public loop::Completion {
 public:
  /// How its way ended.
  enum class Ending : unsigned char {
    kPending,  ///< Not yet.
    kRan,      ///< run() returned.
    kDropped,  ///< run() was not called and will not be: abandoned, too late, removed, or the pool stopped.
  };

  explicit WorkItem(loop::Loop& home) : home_(home) {}
  ~WorkItem() override { WEIR_CHECK(place_.load(std::memory_order_relaxed) == Place::kWithOwner); }

  /// Valid in on_loop() and after a removal.
  Ending ending() const { return ending_; }

  /// On the pool's clock. When it has passed before a worker gets to the item, the item is dropped unstarted; when it
  /// passes later, the worker counts as overdue. Set before submitting.
  base::TimePoint deadline = base::TimePoint::max();

  /// Nobody wants the result any more: a worker that has not begun yet drops the item, one that runs it may look.
  /// Holds for the rest of the item's life. Any thread.
  void abandon() noexcept { is_abandoned_.store(true, std::memory_order_relaxed); }
  bool is_abandoned() const noexcept { return is_abandoned_.load(std::memory_order_relaxed); }

  loop::Loop& home() const { return home_; }

 protected:
  /// The work. Once per submission, on a worker's thread. What it throws it catches itself.
  virtual void run(Worker& worker) noexcept = 0;

 private:
  friend class WorkerPool;
  friend class WorkQueue;
  enum class Place : unsigned char { kWithOwner, kWaiting, kWithWorker };

  loop::Loop& home_;
  // Under the pool's mutex while the item waits, the worker's alone while it has it.
  WorkItem* previous_ = nullptr;
  WorkItem* next_ = nullptr;
  base::TimePoint submitted_at_{};
  SourceId source_ = 0;
  Ending ending_ = Ending::kPending;
  // Becomes and ceases to be kWaiting under the mutex only. Atomic, because try_remove may look at any time.
  std::atomic<Place> place_{Place::kWithOwner};
  std::atomic<bool> is_abandoned_{false};
};

}  // namespace weir::exec
