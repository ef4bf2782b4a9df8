// SPDX-License-Identifier: MIT
#include <weir/observe/metrics_registry.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace weir::observe {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

bool is_name(std::string_view text, bool may_have_colon) {
  const auto is_allowed = [may_have_colon](char c) {
    const char lower = base::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || base::is_digit(c) || (may_have_colon && c == ':');
  };
  return !text.empty() && !base::is_digit(text.front()) && std::all_of(text.begin(), text.end(), is_allowed);
}

// Prometheus keeps names that begin with two underscores for itself, and `le` names a histogram's buckets.
bool is_label_name(std::string_view name, bool is_of_histogram) {
  return is_name(name, false) && !name.starts_with("__") && !(is_of_histogram && name == "le");
}

bool are_buckets(const std::vector<double>& bounds) {
  const auto is_finite = [](double bound) { return std::isfinite(bound); };
  return std::all_of(bounds.begin(), bounds.end(), is_finite) &&
         std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
}

void append_escaped(std::string& out, std::string_view text, bool is_label_value) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && is_label_value)) {
      out += {'\\', c};
    } else {
      out += c;
    }
  }
}

template <class Number>
std::string number_text(Number number) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), written.ptr};
}

// `le` is the bucket's upper end; empty outside buckets.
void append_sample(std::string& out, std::string_view name, const Labels& labels, std::string_view le,
                   std::string_view value) {
  out += name;
  char separator = '{';
  const auto append_label = [&out, &separator](std::string_view key, std::string_view text) {
    (out += std::exchange(separator, ',')) += key;
    append_escaped(out += "=\"", text, true);
    out += '"';
  };
  for (const auto& [key, text] : labels) append_label(key, text);
  if (!le.empty()) append_label("le", le);
  if (separator == ',') out += '}';
  ((out += ' ') += value) += '\n';
}

template <class Number, class Cells>
std::string sum_text(const Cells& cells) {
  Number sum{};
  for (const auto* cell : cells) sum += cell->value();
  return number_text(sum);
}

}  // namespace

base::Counter& MetricsRegistry::counter(base::MetricId id) {
  const std::lock_guard lock(mutex_);
  Series& series = find_or_add_series(std::move(id), Kind::kCounter, {});
  base::Counter& cell = counters_.emplace_back().metric;
  series.counters.push_back(&cell);
  return cell;
}

base::Gauge& MetricsRegistry::gauge(base::MetricId id) {
  const std::lock_guard lock(mutex_);
  Series& series = find_or_add_series(std::move(id), Kind::kGauge, {});
  base::Gauge& cell = gauges_.emplace_back().metric;
  series.gauges.push_back(&cell);
  return cell;
}

base::Histogram& MetricsRegistry::histogram(base::MetricId id, std::vector<double> bounds) {
  WEIR_CHECK(are_buckets(bounds));
  const std::lock_guard lock(mutex_);
  Series& series = find_or_add_series(std::move(id), Kind::kHistogram, bounds);
  base::Histogram& cell = histograms_.emplace_back(std::move(bounds)).metric;
  series.histograms.push_back(&cell);
  return cell;
}

MetricsRegistry::Series& MetricsRegistry::find_or_add_series(base::MetricId id, Kind kind,
                                                             const std::vector<double>& bounds) {
  WEIR_CHECK(is_name(id.name, true));
  std::sort(id.labels.begin(), id.labels.end());
  for (std::size_t i = 0; i < id.labels.size(); ++i) {
    WEIR_CHECK(is_label_name(id.labels[i].first, kind == Kind::kHistogram));
    WEIR_CHECK(i == 0 || id.labels[i].first != id.labels[i - 1].first);
  }
  Family& family =
      families_.try_emplace(std::move(id.name), Family{kind, std::move(id.help), bounds, {}}).first->second;
  const bool is_same_kind = family.kind == kind;
  WEIR_CHECK(is_same_kind);
  const bool has_same_buckets = family.bounds == bounds;
  WEIR_CHECK(has_same_buckets);
  return family.series[std::move(id.labels)];
}

std::string MetricsRegistry::render_prometheus() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) render_family(out, name, family);
  return out;
}

void MetricsRegistry::render_family(std::string& out, const std::string& name, const Family& family) {
  constexpr std::array<std::string_view, 3> kKindNames{"counter", "gauge", "histogram"};
  append_escaped(((out += "# HELP ") += name) += ' ', family.help, false);
  (((out += "\n# TYPE ") += name) += ' ') += kKindNames[static_cast<std::size_t>(family.kind)];
  out += '\n';
  for (const auto& [labels, series] : family.series) {
    switch (family.kind) {
      case Kind::kCounter:
        append_sample(out, name, labels, {}, sum_text<std::uint64_t>(series.counters));
        break;
      case Kind::kGauge:
        append_sample(out, name, labels, {}, sum_text<std::int64_t>(series.gauges));
        break;
      case Kind::kHistogram:
        render_histogram(out, name, labels, series);
        break;
    }
  }
}

void MetricsRegistry::render_histogram(std::string& out, const std::string& name, const Labels& labels,
                                       const Series& series) {
  const std::span<const double> bounds = series.histograms.front()->bounds();
  std::uint64_t count = 0;
  double sum = 0;
  for (const base::Histogram* cell : series.histograms) sum += cell->sum();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    for (const base::Histogram* cell : series.histograms) count += cell->bucket(i);
    append_sample(out, name + "_bucket", labels, i < bounds.size() ? number_text(bounds[i]) : "+Inf",
                  number_text(count));
  }
  append_sample(out, name + "_sum", labels, {}, number_text(sum));
  append_sample(out, name + "_count", labels, {}, number_text(count));
}

}  // namespace weir::observe
