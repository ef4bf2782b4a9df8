// SPDX-License-Identifier: MIT
// Owns every metric cell of a process and renders them for Prometheus.
#pragma once

#include <weir/base/metrics.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::observe {

/// Hands out cells and adds those of one name and labels up when it renders.
///
/// Thread:    any; the mutex is for handing out and rendering, never for counting.
/// Ownership: a cell lives as long as the registry, on cache lines that it shares with no other cell.
/// Errors:    aborts on what only a programming error can cause: a name outside Prometheus' alphabet, one name for two
///            kinds, buckets that do not rise or that differ within one name, a label given twice or reserved.
/// Source:    Prometheus data model (names) and text exposition format 0.0.4.
class MetricsRegistry final : public base::Metrics {
 public:
  MetricsRegistry() = default;
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  base::Counter& counter(base::MetricId id) override;
  base::Gauge& gauge(base::MetricId id) override;
  base::Histogram& histogram(base::MetricId id, std::vector<double> bounds) override;

  /// All metrics in text exposition format 0.0.4, ordered by name and then by labels.
  std::string render_prometheus() const;

 private:
  // A loop writes its cells all the time: on a line of their own they disturb no other loop.
  template <class T>
  struct alignas(64) Cell {
    template <class... Args>
    explicit Cell(Args&&... args) : metric(std::forward<Args>(args)...) {}
    T metric;
  };

  enum class Kind : unsigned char { kCounter, kGauge, kHistogram };
  using Labels = std::vector<std::pair<std::string, std::string>>;
  struct Series {
    std::vector<const base::Counter*> counters;
    std::vector<const base::Gauge*> gauges;
    std::vector<const base::Histogram*> histograms;
  };
  struct Family {
    Kind kind;
    std::string help;
    std::vector<double> bounds;
    std::map<Labels, Series> series;
  };

  Series& find_or_add_series(base::MetricId id, Kind kind, const std::vector<double>& bounds);
  static void render_family(std::string& out, const std::string& name, const Family& family);
  static void render_histogram(std::string& out, const std::string& name, const Labels& labels, const Series& series);

  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
  std::deque<Cell<base::Counter>> counters_;
  std::deque<Cell<base::Gauge>> gauges_;
  std::deque<Cell<base::Histogram>> histograms_;
};

}  // namespace weir::observe
