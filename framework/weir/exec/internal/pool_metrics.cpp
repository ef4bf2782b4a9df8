// SPDX-License-Identifier: MIT
#include <weir/exec/internal/pool_metrics.hpp>

#include <vector>

namespace weir::exec {
namespace {

base::Gauge& gauge(const std::string& pool, base::Metrics& metrics, const char* name, const char* help) {
  return metrics.gauge({name, help, {{"pool", pool}}});
}

base::Counter& shed(const std::string& pool, base::Metrics& metrics, const char* reason) {
  return metrics.counter({"weir_pool_shed_total", "Work that a pool refused.", {{"pool", pool}, {"reason", reason}}});
}

base::Counter& dropped(const std::string& pool, base::Metrics& metrics, const char* reason) {
  return metrics.counter({"weir_pool_dropped_total",
                          "Work that a pool had taken and that no worker began.",
                          {{"pool", pool}, {"reason", reason}}});
}

base::Histogram& seconds(const std::string& pool, base::Metrics& metrics, const char* name, const char* help) {
  return metrics.histogram({name, help, {{"pool", pool}}}, {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                            0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0});
}

}  // namespace

PoolMetrics::PoolMetrics(const std::string& pool, base::Metrics& metrics)
    : workers(gauge(pool, metrics, "weir_pool_workers", "Threads of a pool.")),
      queue_depth(gauge(pool, metrics, "weir_pool_queue_depth", "Work that waits for a worker.")),
      queue_limit(gauge(pool, metrics, "weir_pool_queue_limit", "How much work may wait for a worker.")),
      overdue(gauge(pool, metrics, "weir_pool_overdue", "Workers whose work is past its deadline.")),
      shed_queue_full(shed(pool, metrics, "queue-full")),
      shed_share(shed(pool, metrics, "share")),
      shed_max_wait(shed(pool, metrics, "max-wait")),
      shed_stopping(shed(pool, metrics, "stopping")),
      dropped_abandoned(dropped(pool, metrics, "abandoned")),
      dropped_deadline(dropped(pool, metrics, "deadline")),
      dropped_removed(dropped(pool, metrics, "removed")),
      dropped_stopping(dropped(pool, metrics, "stopping")) {}

PoolMetrics::~PoolMetrics() {
  for (base::Gauge* const gauge_of_pool : {&workers, &queue_depth, &queue_limit, &overdue}) gauge_of_pool->set(0);
}

WorkerMetrics::WorkerMetrics(const std::string& pool, base::Metrics& metrics)
    : wait_seconds(seconds(pool, metrics, "weir_pool_wait_seconds", "How long work waited for a worker.")),
      run_seconds(seconds(pool, metrics, "weir_pool_run_seconds", "How long work ran on a worker.")) {}

}  // namespace weir::exec
