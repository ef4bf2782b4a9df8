// SPDX-License-Identifier: MIT
// Runs the jobs of a store in this process.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/jobs/job_type.hpp>
#include <weir/jobs/liveness.hpp>
#include <weir/jobs/store.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::jobs {

/// How an engine works.
struct EngineOptions {
  /// Which queues, and how many jobs of each may run here at a time. Empty: every queue of a known kind, with
  /// `workers` each.
  std::map<std::string, std::size_t> queues;
  std::size_t workers = 0;       ///< Threads for handlers that are no coroutines; 0: as many as there are cores.
  std::size_t coroutines = 256;  ///< Of handlers that are coroutines, how many may be under way.
  Milliseconds lease{30'000};
  Milliseconds beat{5'000};
  Milliseconds look_for_dead{250};
};

/// A process's worker: claims jobs, runs them, and tells the store how they ended.
///
/// Handlers run on a pool of their own ("jobs"), those that are coroutines on the engine's own loop: never on a
/// listener's. A claim is renewed by a thread that neither loop nor pool can hold up.
///
/// Thread: construction, start, stop and destruction on one; the rest on any.
class Engine {
 public:
  struct Parts {
    Store& store;
    std::vector<std::shared_ptr<const JobType>> types;
    EngineOptions options;
    Liveness* liveness = nullptr;  ///< Null: leases alone tell.
    const base::Clock& clock;
    base::Log& log;
    base::Metrics& metrics;
    /// Called, on the engine's thread, for every job that has changed here: what waits for it looks again.
    std::function<void(const JobId&)> on_change;
  };
  explicit Engine(Parts parts);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  /// Stops first, at once.
  ~Engine();

  /// Registers this process, and begins to claim; after a stop, anew. Waits for the store. Errors: StoreError.
  void start();
  /// Claims nothing more. Returns at once.
  void begin_stop();
  /// Waits until what runs has ended, for `patience`; then asks it to stop, and gives it back without the loss of an
  /// attempt. Returns how many had to be given back. A store that fails for 5 s more does not hear of their ends: they
  /// run again when the lease is over.
  std::size_t stop(std::chrono::nanoseconds patience);

  /// There may be something to claim.
  void wake();
  /// A job that may run here was asked to stop.
  void cancel(const JobId& id);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace weir::jobs
