// SPDX-License-Identifier: MIT
#include <tests/model/machine.hpp>

#include <tests/model/kinds.hpp>

#include <atomic>
#include <chrono>
#include <thread>

namespace weir::model {

base::Counter& NamedMetrics::counter(base::MetricId id) {
  const std::lock_guard lock(mutex_);
  return counters_.emplace_back(std::piecewise_construct, std::forward_as_tuple(std::move(id.name)), std::tuple<>())
      .second;
}

base::Gauge& NamedMetrics::gauge(base::MetricId id) {
  const std::lock_guard lock(mutex_);
  return gauges_.emplace_back(std::piecewise_construct, std::forward_as_tuple(std::move(id.name)), std::tuple<>())
      .second;
}

base::Histogram& NamedMetrics::histogram(base::MetricId, std::vector<double> bounds) {
  const std::lock_guard lock(mutex_);
  return histograms_.emplace_back(std::move(bounds));
}

std::int64_t NamedMetrics::sum(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::int64_t total = 0;
  for (const auto& [known, counter] : counters_) {
    if (known == name) total += static_cast<std::int64_t>(counter.value());
  }
  for (const auto& [known, gauge] : gauges_) {
    if (known == name) total += gauge.value();
  }
  return total;
}

Machine::Machine(const Setup& setup_in) : setup(setup_in) {
  dispatcher_ = std::make_unique<exec::Dispatcher>(exec::Dispatcher::Parts{.pattern = setup.pattern,
                                                                           .handlers = setup.pool,
                                                                           .pools = pools_.all(),
                                                                           .clock = clock,
                                                                           .log = log_,
                                                                           .metrics = metrics});
  lanes_ = std::make_unique<routing::Lanes>(routing::Lanes::Parts{make_routes(), *dispatcher_, setup.limits, metrics});
  service_ = std::make_unique<routing::RoutingService>(
      routing::RoutingService::Parts{loop, *lanes_, setup.limits, log_, metrics});
  connections_ =
      std::make_unique<http::ConnectionSet>(http::ConnectionSet::Parts{loop, setup.limits, *service_, log_, metrics});
}

std::shared_ptr<const routing::Routes> Machine::make_routes() {
  routing::RouteTable table;
  declare_routes(routing::Group(table, table.root()), *this);
  return table.build();
}

void Machine::on_loop(const std::function<void()>& work) {
  if (!loop.try_post([&work] { work(); })) ledger.blame("the loop takes no posts");
  loop.run_once();
}

void Machine::turn() {
  on_loop([this] {
    if (every_turn_) every_turn_();
  });
}

bool Machine::is_at_rest() {
  const std::size_t resting = parking.resting(clock.now());
  const std::size_t running = dispatcher_->running().size();
  return running == resting && (metrics.sum("weir_pool_queue_depth") == 0 || running == setup.pool.workers);
}

void Machine::settle() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (int turns_at_rest = 0; turns_at_rest < 4;) {
    turn();
    if (is_at_rest()) {
      ++turns_at_rest;
      continue;
    }
    turns_at_rest = 0;
    if (std::chrono::steady_clock::now() > give_up) return;  // what really hangs is found at the end
    loop.run_for_event(std::chrono::milliseconds(20));
  }
}

void Machine::abort() {
  is_aborted_ = true;
  connections_->abort_all();
}

// Whoever sleeps on a worker would sleep for ever while this thread waits for it.
void Machine::stop_pools() {
  std::atomic<bool> is_stopped{false};
  std::thread time([this, &is_stopped] {
    while (!is_stopped) {
      clock.advance(std::chrono::milliseconds(50));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  dispatcher_->stop();
  is_stopped = true;
  time.join();
}

}  // namespace weir::model
