// SPDX-License-Identifier: MIT
// What the load generator records: every sample is kept, so percentiles are exact.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab {

using Nanoseconds = std::int64_t;

/// A set of durations.
class Samples {
 public:
  void add(Nanoseconds value) { values_.push_back(value); }

  /// Writes a JSON object: the count, and in milliseconds the mean, some percentiles (nearest rank) and the maximum.
  void write_json(std::ostream& out) {
    std::sort(values_.begin(), values_.end());
    double sum = 0;
    for (const auto value : values_) {
      sum += static_cast<double>(value);
    }
    out << "{\"count\":" << values_.size();
    if (!values_.empty()) {
      out << ",\"mean_ms\":" << sum / static_cast<double>(values_.size()) / 1e6;
      constexpr std::array<std::pair<std::string_view, int>, 4> kPerMille{
          {{"p50_ms", 500}, {"p90_ms", 900}, {"p99_ms", 990}, {"p999_ms", 999}}};
      for (const auto& [name, per_mille] : kPerMille) {
        out << ",\"" << name << "\":" << milliseconds(rank(static_cast<std::size_t>(per_mille)));
      }
      out << ",\"max_ms\":" << milliseconds(values_.size() - 1);
    }
    out << '}';
  }

  /// The value that 99 of 100 samples do not exceed. Only after write_json, which sorts.
  [[nodiscard]] double p99_ms() const { return values_.empty() ? 0 : milliseconds(rank(990)); }

 private:
  [[nodiscard]] std::size_t rank(std::size_t per_mille) const {
    return std::max<std::size_t>((values_.size() * per_mille + 999) / 1000, 1) - 1;
  }
  [[nodiscard]] double milliseconds(std::size_t index) const { return static_cast<double>(values_[index]) / 1e6; }

  std::vector<Nanoseconds> values_;
};

/// One kind of request and what became of those whose intended start lies in the measured time.
struct RequestClass {
  std::string name;
  std::string path;
  std::string content;  // JSON to POST; empty: GET.
  double rate = 0;      // Arrivals a second.
  bool fresh = false;   // Each on a connection of its own.

  std::size_t planned = 0, sent = 0;
  std::size_t status_2xx = 0, status_503 = 0, status_other = 0;
  std::size_t refused = 0, reset = 0, timed_out = 0, malformed = 0;
  std::size_t good_in_window = 0;  // 2xx answers that arrived in the measured time, whenever they were asked for.
  std::size_t good_ever = 0;       // 2xx answers, those to requests of the warm-up included.
  Samples good, shed, other;       // Time from the intended start to the last byte of the answer.
};

}  // namespace lab
