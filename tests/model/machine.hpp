// SPDX-License-Identifier: MIT
// A whole service on one loop whose time the model moves, with real worker threads.
#pragma once

#include <tests/model/ledger.hpp>
#include <tests/model/parking.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/exec/dispatcher.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/loop/loop.hpp>
#include <weir/routing/lanes.hpp>
#include <weir/routing/routing_service.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::model {

/// What differs from run to run in the service itself.
struct Setup {
  exec::Pattern pattern = exec::Pattern::kEventDriven;
  exec::PoolOptions pool{.workers = 1, .queue = 4};
  http::Limits limits;
  bool has_done = true;  ///< The outer middleware has a `done` hook.
};

/// Adds up what cells of one name hold.
class NamedMetrics final : public base::Metrics {
 public:
  base::Counter& counter(base::MetricId id) override;
  base::Gauge& gauge(base::MetricId id) override;
  base::Histogram& histogram(base::MetricId id, std::vector<double> bounds) override;
  std::int64_t sum(std::string_view name) const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, base::Counter>> counters_;
  std::deque<std::pair<std::string, base::Gauge>> gauges_;
  std::deque<base::Histogram> histograms_;
};

/// Thread: one, but for what handlers on workers use: `clock`, `ledger`, `parking`.
class Machine {
 public:
  explicit Machine(const Setup& setup);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  /// Everything must have ended.
  ~Machine() = default;

  /// Runs `work` as a callback of the loop.
  void on_loop(const std::function<void()>& work);
  /// Lets the loop run for a few turns.
  void turn();
  /// Runs the loop until nothing happens any more without time passing or a release; bounded.
  void settle();
  /// Called in each turn, on the loop.
  void set_every_turn(std::function<void()> work) { every_turn_ = std::move(work); }

  /// Ends the pools; what waits there is dropped.
  void stop_pools();
  /// Closes all connections, on the loop.
  void abort();
  bool is_aborted() const { return is_aborted_; }

  exec::Pool cpu() const { return cpu_; }
  http::ConnectionSet& connections() { return *connections_; }

  const Setup setup;
  base::ManualClock clock;
  loop::Loop loop{{.clock = &clock}};
  Ledger ledger;
  Parking parking{loop};
  NamedMetrics metrics;

 private:
  bool is_at_rest();
  std::shared_ptr<const routing::Routes> make_routes();

  base::NullLog log_;
  exec::PoolTable pools_;
  exec::Pool cpu_ = pools_.add("cpu", setup.pool);
  std::function<void()> every_turn_;
  // In the order of the app: what asks for work goes before what does it.
  std::unique_ptr<exec::Dispatcher> dispatcher_;
  std::unique_ptr<routing::Lanes> lanes_;
  std::unique_ptr<routing::RoutingService> service_;
  std::unique_ptr<http::ConnectionSet> connections_;
  bool is_aborted_ = false;
};

}  // namespace weir::model
