// SPDX-License-Identifier: MIT
// Counters, gauges and histograms that every floor counts with. observe/ owns and renders them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::base {

/// A number that only grows. Each loop has cells of its own; the registry adds up cells of one name and labels.
///
/// Thread: one writer (no locked instruction on the hot path), any reader.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down.
///
/// Thread: any.
class Gauge {
 public:
  void add(std::int64_t by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  void set(std::int64_t to) noexcept { value_.store(to, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts observations per bucket.
///
/// Thread: one writer, any reader.
class Histogram {
 public:
  /// `bounds`: the buckets' inclusive upper ends, rising; above the last comes +Inf.
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

  void observe(double value) noexcept {
    const auto index = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    buckets_[static_cast<std::size_t>(index)].add();
    sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }
  std::span<const double> bounds() const { return bounds_; }
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].value(); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::vector<Counter> buckets_;
  std::atomic<double> sum_{0};
};

/// What a metric is called and what it tells apart.
struct MetricId {
  std::string name;  ///< Prometheus form: weir_requests_total
  std::string help;  ///< One sentence.
  std::vector<std::pair<std::string, std::string>> labels = {};
};

/// Hands out cells. Each call makes a new cell, so that every loop can own one; same name and labels are added up.
///
/// Thread:    any; meant for set-up, not for the hot path.
/// Ownership: a cell lives as long as the registry.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& counter(MetricId id) = 0;
  virtual Gauge& gauge(MetricId id) = 0;
  virtual Histogram& histogram(MetricId id, std::vector<double> bounds) = 0;
};

/// The counters of one thread, made when they first count.
///
/// Thread:    one.
/// Ownership: borrows `metrics`. Knows an id by its address, so ids stay as they are.
class CounterCache {
 public:
  explicit CounterCache(Metrics& metrics) : metrics_(metrics) {}

  void add(MetricId&& id, std::uint64_t count = 1) = delete;
  void add(const MetricId& id, std::uint64_t count = 1) {
    Counter*& counter = counters_.try_emplace(&id, nullptr).first->second;
    if (counter == nullptr) counter = &metrics_.counter(id);
    counter->add(count);
  }

 private:
  Metrics& metrics_;
  std::unordered_map<const MetricId*, Counter*> counters_;
};

}  // namespace weir::base
