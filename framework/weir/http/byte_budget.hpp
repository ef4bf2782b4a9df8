// SPDX-License-Identifier: MIT
// How much the connections of a process may hold in memory for their peers.
#pragma once

#include <weir/base/metrics.hpp>

#include <algorithm>
#include <cstdint>

namespace weir::http {

/// One count of buffered bytes for all loops of a run: content that is kept, input that was read ahead, output that
/// peers have not taken. Each is bounded by itself; this bounds their sum. Above it no more is taken in (BodyGate, and
/// no reading ahead), but what is under way goes on: the bound is not exact.
///
/// Thread:    any.
/// Ownership: borrows `used`, which shows the count.
class ByteBudget {
 public:
  ByteBudget(std::uint64_t limit_bytes, base::Gauge& used)
      : limit_(static_cast<std::int64_t>(std::min<std::uint64_t>(limit_bytes, INT64_MAX))), used_(used) {}

  void add(std::int64_t bytes) noexcept { used_.add(bytes); }
  bool is_exceeded() const noexcept { return used_.value() >= limit_; }
  /// What may still be taken in.
  std::uint64_t left() const noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(limit_ - used_.value(), 0));
  }

 private:
  std::int64_t limit_;
  base::Gauge& used_;
};

}  // namespace weir::http
