// SPDX-License-Identifier: MIT
// The metric cells of one pool.
#pragma once

#include <weir/base/metrics.hpp>

#include <string>

namespace weir::exec {

/// Cells that the whole pool shares.
///
/// Thread:    gauges any; the counters have many writers, who hold the pool's mutex.
/// Ownership: the cells are the registry's and outlive the pool, so the gauges go back to 0 with it.
class PoolMetrics {
 public:
  PoolMetrics(const std::string& pool, base::Metrics& metrics);
  PoolMetrics(const PoolMetrics&) = delete;
  PoolMetrics& operator=(const PoolMetrics&) = delete;
  ~PoolMetrics();

  base::Gauge& workers;
  base::Gauge& queue_depth;
  base::Gauge& queue_limit;
  base::Gauge& overdue;

  base::Counter& shed_queue_full;
  base::Counter& shed_share;
  base::Counter& shed_max_wait;
  base::Counter& shed_stopping;

  base::Counter& dropped_abandoned;
  base::Counter& dropped_deadline;
  base::Counter& dropped_removed;
  base::Counter& dropped_stopping;
};

/// Cells of one worker: it writes them without a lock.
struct WorkerMetrics {
  WorkerMetrics(const std::string& pool, base::Metrics& metrics);

  base::Histogram& wait_seconds;
  base::Histogram& run_seconds;
};

}  // namespace weir::exec
