// SPDX-License-Identifier: MIT
// A bounded queue and the threads that work it off.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/exec/work_item.hpp>
#include <weir/exec/worker.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace weir::exec {

/// How large a pool is. `{.workers = 4, .queue = 256}`
struct PoolOptions {
  unsigned workers = 0;                        ///< 0: as many as base::available_cores().
  std::size_t queue = 256;                     ///< Items that may wait, running ones not counted. At least 1.
  std::chrono::milliseconds max_wait{10'000};  ///< New work is refused while the oldest item has waited longer.
};

/// Whether a pool takes one more item, and if not, why.
enum class Admission : unsigned char {
  kAdmitted,
  kQueueFull,    ///< PoolOptions::queue items wait.
  kShareFull,    ///< This source has as many waiting as it may have.
  kWaitTooLong,  ///< The oldest item has waited longer than PoolOptions::max_wait.
  kStopping,     ///< The pool ends.
};

/// Runs work items on threads of its own, oldest first, and sends them home through `Loop::complete`.
///
/// Every item passes through the queue, also when a worker is idle, so the queue's bound counts what no worker has
/// taken yet. When more than one source is registered, each may hold at most half of the queue (but at least one
/// place): a flooding route leaves room for the others. A submission wakes at most one sleeping worker, and none while
/// one is on its way; a worker that finds more to do does not sleep.
///
/// Metrics, each with the label `pool`: weir_pool_workers, weir_pool_queue_depth, weir_pool_queue_limit,
/// weir_pool_wait_seconds (until a worker began), weir_pool_run_seconds, weir_pool_shed_total{reason: queue-full,
/// share, max-wait, stopping}, weir_pool_dropped_total{reason: abandoned, deadline, removed, stopping}, and
/// weir_pool_overdue: how many workers run an item whose deadline has passed, as of the last item that was taken or
/// submitted (at most a second old while such things happen), the last overdue item that ended, or the last
/// retry_after() or running().
///
/// Thread:    members marked "any thread" anywhere; the rest where the pool is made and destroyed.
/// Ownership: the pool outlives every call to it; the loops outlive the items that go home to them.
class WorkerPool {
 public:
  struct Parts {
    std::string name;  ///< For logs, metrics and thread names: `cpu` gives "weir-cpu-0".
    PoolOptions options;
    const base::Clock& clock;
    base::Log& log;
    base::Metrics& metrics;
    /// How often a pool that waits for its last items says so; real time.
    std::chrono::milliseconds stop_warning_every{5'000};
  };

  /// Starts the threads.
  ///
  /// Errors: throws std::system_error when the system has no threads for it.
  explicit WorkerPool(Parts parts);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// As stop(). Not on a worker's thread (checked).
  ~WorkerPool();

  /// Refuses new work, drops what waits (each item still comes home), and returns when every worker has returned from
  /// its item and ended. While it waits it logs a warning, "pool.waiting", for each item that still runs. The second
  /// call does nothing.
  void stop();

  /// Registers a sender that shares the pool with others; `label` names it in logs. Any thread.
  SourceId add_source(std::string label);

  /// What try_submit would say now; a refusal is counted as shed. Any thread.
  Admission ask(SourceId source);

  /// Takes `item`, or refuses it, counts it as shed and leaves it alone. Any thread.
  ///
  /// Ownership: once admitted, the item is the pool's until it came home or was removed.
  [[nodiscard]] Admission try_submit(WorkItem& item, SourceId source);

  /// Takes back an item that no worker has begun: true, and it does not come home any more (counted as dropped, reason
  /// "removed"). False when it is not waiting here: a worker has it, it is on its way home, or was never admitted. Any
  /// thread, while the item lives.
  [[nodiscard]] bool try_remove(WorkItem& item);

  /// When somebody who was refused may try again, for Retry-After: from 1 to 30 s, from the length of the queue, the
  /// recent run times and the workers that are not overdue, spread by a quarter to either side so that the refused do
  /// not return all at once. Any thread.
  std::chrono::seconds retry_after();

  /// How long the oldest item that no worker has begun has waited; zero when none waits. Any thread.
  std::chrono::nanoseconds oldest_wait();

  /// Whether the calling thread is one of this pool's workers. Waiting there for the same pool could be for ever. Any
  /// thread.
  bool is_worker_thread() const;

  struct Running {
    std::string label;  ///< Of the source.
    std::chrono::nanoseconds for_how_long;
  };
  /// What the workers run at the moment. Any thread.
  std::vector<Running> running() const;

  const std::string& name() const;
  /// As given, with `workers` resolved.
  const PoolOptions& options() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::exec
