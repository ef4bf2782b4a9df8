// SPDX-License-Identifier: MIT
// Decides which worker gets a piece of work: the pools of a run, and what a pattern makes of them.
#pragma once

#include <weir/exec/pattern.hpp>
#include <weir/exec/worker_pool.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::exec {

/// Stands for a pool that an app declared: what routes and `offload` take. A value; means something to its app alone.
class Pool {
 public:
  std::uint16_t index() const { return index_; }

 private:
  friend class PoolTable;
  explicit Pool(std::uint16_t index) : index_(index) {}
  std::uint16_t index_;
};

struct PoolDeclaration {
  std::string name;
  PoolOptions options;
};

/// The pools of an app while they are being declared.
///
/// Thread: one, before serving.
class PoolTable {
 public:
  /// Errors: throws std::invalid_argument for a name that is empty or taken, or options out of range.
  Pool add(std::string name, PoolOptions options);
  std::span<const PoolDeclaration> all() const { return pools_; }

 private:
  std::vector<PoolDeclaration> pools_;
};

/// The worker pools of one run.
///
/// Thread:    any, after construction.
/// Ownership: owns the pools; outlives every item that was submitted to them.
class Dispatcher {
 public:
  struct Parts {
    Pattern pattern = Pattern::kEventDriven;
    PoolOptions handlers;  ///< The one queue of kSingleWorker (which has one worker) and kWorkerPool.
    std::span<const PoolDeclaration> pools;
    const base::Clock& clock;
    base::Log& log;
    base::Metrics& metrics;
  };
  explicit Dispatcher(Parts parts);

  Pattern pattern() const { return pattern_; }
  /// Where the handlers of all routes run under this pattern; null: where their routes say.
  WorkerPool* handlers() const { return handlers_.get(); }
  /// The pool's workers; null under a pattern that has none for it: such work runs in place.
  WorkerPool* find(Pool pool) const;
  std::size_t pool_count() const { return pools_.size(); }
  /// What the workers run at the moment.
  std::vector<WorkerPool::Running> running() const;
  /// Ends the pools: waits for what runs.
  void stop();

 private:
  Pattern pattern_;
  std::unique_ptr<WorkerPool> handlers_;
  std::vector<std::unique_ptr<WorkerPool>> pools_;
};

}  // namespace weir::exec
