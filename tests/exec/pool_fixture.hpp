// SPDX-License-Identifier: MIT
// A pool with its surroundings, and items that tell what happened to them.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/exec/worker_pool.hpp>
#include <weir/loop/loop.hpp>
#include <weir/observe/metrics_registry.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::exec {

/// Remembers its run and its way home.
class TestItem : public WorkItem {
 public:
  explicit TestItem(loop::Loop& home, std::function<void(Worker&)> body = {})
      : WorkItem(home), body_(std::move(body)) {}

  int runs() const { return runs_.load(); }
  int homecomings() const { return homecomings_; }
  Ending ending_at_home() const { return ending_at_home_; }
  std::function<void()> then;  ///< Last step of on_loop.

 protected:
  void run(Worker& worker) noexcept override {
    runs_.fetch_add(1);
    if (body_) body_(worker);
  }

 private:
  void on_loop() noexcept override {
    ++homecomings_;
    ending_at_home_ = ending();
    if (then) then();
  }
  std::function<void(Worker&)> body_;
  std::atomic<int> runs_{0};
  int homecomings_ = 0;  // home loop
  Ending ending_at_home_ = Ending::kPending;
};

/// Holds its worker until it is released.
class Blocker final : public TestItem {
 public:
  explicit Blocker(loop::Loop& home)
      : TestItem(home, [this](Worker&) {
          started_.set_value();
          released_.get_future().wait();
        }) {}

  void await_start() { started_.get_future().wait(); }
  void release() { released_.set_value(); }

 private:
  std::promise<void> started_;
  std::promise<void> released_;
};

/// One home loop on the test's thread; the pool's clock is moved by hand.
class PoolTest : public testing::Test {
 protected:
  std::unique_ptr<WorkerPool> make_pool(PoolOptions options) {
    return std::make_unique<WorkerPool>(WorkerPool::Parts{"test", options, clock, log, metrics});
  }

  /// Runs the home loop until `is_done`; fails the test when that takes unreasonably long.
  void run_until(const std::function<bool()>& is_done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!is_done() && std::chrono::steady_clock::now() < limit) home.run_for_event(std::chrono::milliseconds(100));
    ASSERT_TRUE(is_done());
  }
  void run_until_home(const TestItem& item, int times = 1) {
    run_until([&item, times] { return item.homecomings() >= times; });
  }

  /// What /metrics says of the pool; `label` like `reason="share"`. -1: nothing.
  double metric(std::string_view name, std::string_view label = "") const {
    std::string key = "\n" + std::string(name) + "{pool=\"test\"";
    if (!label.empty()) key += "," + std::string(label);
    key += "} ";
    const std::string text = metrics.render_prometheus();
    const std::size_t at = text.find(key);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + key.size()));
  }
  double dropped(std::string_view reason) const {
    return metric("weir_pool_dropped_total", "reason=\"" + std::string(reason) + "\"");
  }
  double shed(std::string_view reason) const {
    return metric("weir_pool_shed_total", "reason=\"" + std::string(reason) + "\"");
  }

  base::ManualClock clock;
  base::NullLog log;
  observe::MetricsRegistry metrics;
  loop::Loop home;
};

}  // namespace weir::exec
