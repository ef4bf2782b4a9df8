// SPDX-License-Identifier: MIT
// Counts of the recent past.
#pragma once

#include <weir/base/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::http::internal {

/// How many there were over the last `length`, and how many of a kind, in steps of a tenth of it: between nine and ten
/// tenths are seen.
///
/// Thread: one.
class SlidingWindow {
 public:
  struct Counts {
    std::uint64_t all = 0;
    std::uint64_t marked = 0;
  };

  explicit SlidingWindow(std::chrono::nanoseconds length)
      : slot_length_(std::max<std::chrono::nanoseconds>(length / kSlots, std::chrono::nanoseconds(1))) {}

  void add(base::TimePoint now, Counts counts) {
    move_to(now);
    slots_[current_].all += counts.all;
    slots_[current_].marked += counts.marked;
    sum_.all += counts.all;
    sum_.marked += counts.marked;
  }
  const Counts& sum(base::TimePoint now) {
    move_to(now);
    return sum_;
  }
  void clear() {
    slots_ = {};
    sum_ = {};
  }

 private:
  static constexpr int kSlots = 10;

  void move_to(base::TimePoint now) {
    const auto steps = (now - current_begin_) / slot_length_;
    if (steps <= 0) return;
    current_begin_ += steps * slot_length_;
    if (steps >= kSlots) return clear();
    for (auto left = steps; left > 0; --left) {
      current_ = current_ + 1 < slots_.size() ? current_ + 1 : 0;
      sum_.all -= slots_[current_].all;
      sum_.marked -= slots_[current_].marked;
      slots_[current_] = {};
    }
  }

  std::chrono::nanoseconds slot_length_;
  base::TimePoint current_begin_{};
  std::size_t current_ = 0;
  std::array<Counts, kSlots> slots_{};
  Counts sum_;
};

}  // namespace weir::http::internal
