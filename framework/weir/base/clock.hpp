// SPDX-License-Identifier: MIT
// Time behind a seam: the real clocks, or one that tests move by hand.
#pragma once

#include <atomic>
#include <chrono>

namespace weir::base {

/// Monotonic time, for deadlines and durations.
using TimePoint = std::chrono::steady_clock::time_point;
/// Calendar time (UTC), for what people and peers read.
using WallTime = std::chrono::system_clock::time_point;

/// Where time comes from.
///
/// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const noexcept = 0;
  virtual WallTime wall_now() const noexcept = 0;

  /// Whether time passes only when somebody moves it, so that waiting for it would be for ever.
  virtual bool is_manual() const noexcept { return false; }
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  /// One shared instance; it has no state.
  static const SystemClock& instance() noexcept;
  TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const noexcept override { return std::chrono::system_clock::now(); }
};

/// A clock that stands still until it is told to move: both times move together, but for `set_calendar`.
///
/// Thread: any; reads see the last `advance`.
class ManualClock final : public Clock {
 public:
  /// Starts one hour after the monotonic epoch, on 2026-01-01T00:00:00Z.
  ManualClock() = default;
  void advance(std::chrono::nanoseconds by) noexcept { elapsed_ns_.fetch_add(by.count(), std::memory_order_relaxed); }
  /// The calendar alone moves, forth or back, as when somebody sets the machine's clock.
  void set_calendar(std::chrono::nanoseconds by) noexcept { set_ns_.fetch_add(by.count(), std::memory_order_relaxed); }
  TimePoint now() const noexcept override { return TimePoint(std::chrono::hours(1) + elapsed()); }
  WallTime wall_now() const noexcept override;
  bool is_manual() const noexcept override { return true; }

 private:
  std::chrono::nanoseconds elapsed() const noexcept {
    return std::chrono::nanoseconds(elapsed_ns_.load(std::memory_order_relaxed));
  }
  std::atomic<std::int64_t> elapsed_ns_{0};
  std::atomic<std::int64_t> set_ns_{0};  // how far the calendar is ahead of what has elapsed
};

}  // namespace weir::base
