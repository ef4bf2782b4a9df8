// SPDX-License-Identifier: MIT
// When to turn requests away, from how long they wait.
#pragma once

#include <weir/base/clock.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace weir::middleware::internal {

/// Decides, from the delay that each arriving request finds, what share of them to turn away.
///
/// A burst makes a queue for a moment, and is what queues are for; a queue that stands makes everybody wait and serves
/// nobody. What tells them apart is the least delay within an interval:
///
///   calm -> watching      a delay above the target                                                     observe
///   watching -> shedding  an interval went by without one at or below it: sheds a tenth                observe
///   shedding -> shedding  one more such interval: sheds a tenth more                                   observe
///   any -> calm           a delay at or below the target, or nobody came for longer than an interval   observe
///
/// If a queue stands again within eight intervals, shedding begins at half of what it had come to, as the load is most
/// likely the same. Ordinary requests are shed up to nine in ten, and only then important ones, likewise: somebody
/// always comes through, so that a target that a slow machine cannot meet is no outage.
///
/// Thread: one at a time.
/// Source: RFC 8289 sections 4 and 5 (the minimum over an interval, the return to an earlier rate). Its packets are
///         dropped at ever shorter intervals, as a sender slows down for each; clients of ours do not, so the share
///         rises.
class Codel {
 public:
  struct Options {
    std::chrono::nanoseconds target = std::chrono::milliseconds(5);
    std::chrono::nanoseconds interval = std::chrono::milliseconds(100);
  };
  /// Shares are parts of this many.
  static constexpr int kWhole = 1000;
  static constexpr int kStep = 100;
  static constexpr int kShareMax = 900;
  static constexpr int kMemoryIntervals = 8;

  explicit Codel(Options options) : options_(options) {}

  /// A request arrives at `now` and finds that `delay`.
  void observe(base::TimePoint now, std::chrono::nanoseconds delay);

  bool is_shedding() const { return pressure_ > 0; }
  /// The parts of ordinary requests to be turned away now.
  int ordinary_share() const { return std::min(pressure_, kShareMax); }
  /// The same for important ones.
  int important_share() const { return std::max(pressure_ - kShareMax, 0); }

 private:
  void become_calm(base::TimePoint now);
  void raise(base::TimePoint now);

  Options options_;
  std::optional<base::TimePoint> above_since_;  // of the interval at hand
  base::TimePoint last_seen_{};
  base::TimePoint calm_since_{};
  int pressure_ = 0;    // 0 to twice kShareMax
  int remembered_ = 0;  // the pressure when it became calm
};

}  // namespace weir::middleware::internal
