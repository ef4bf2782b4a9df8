// SPDX-License-Identifier: MIT
// Finds loops that do not get on, tells the log, and counts them.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/loop/activity.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::observe {

/// Looks at the activity of each loop from time to time. One that two looks find in the same activity, at least `stall`
/// apart, has stalled: `loop.stalled` says so while it lasts, `loop.resumed` says for how long once it is over.
///
/// Lines are bounded: one stall a second of each route, and ten lines a second in all. What had to be left out is told
/// by the next line (`suppressed`). Every stall counts in weir_loop_stalls_total{method,route} when it is found and in
/// weir_loop_stall_seconds when it is over.
///
/// Thread:    one, which is not that of a loop.
/// Ownership: borrows the slots, and every activity that it sees there.
class StallDetector {
 public:
  struct Parts {
    std::vector<loop::ActivitySlot*> loops;
    std::chrono::nanoseconds stall;  ///< More than zero.
    base::Log& log;
    base::Metrics& metrics;
  };
  explicit StallDetector(Parts parts);

  /// Returns when to look again. A look that comes much later than that means that this process stood still: that time
  /// is nobody's.
  base::TimePoint look(base::TimePoint now);

  static constexpr std::chrono::seconds kLinePeriod{1};
  static constexpr std::size_t kLinesPerPeriod = 10;

 private:
  struct Watched {
    loop::ActivitySlot* slot;
    const loop::Activity* activity = nullptr;  // null while nothing runs
    base::TimePoint since{};
    bool is_stalled = false;
    bool is_told = false;
  };
  struct Route {
    base::Counter* stalls = nullptr;
    base::TimePoint told_at = base::TimePoint::min();
  };
  using RouteName = std::pair<std::string_view, std::string_view>;

  void begin_stall(Watched& watched, base::TimePoint now);
  void end_stall(Watched& watched, base::TimePoint now);
  Route& route_of(const loop::Activity& activity);
  bool tell(const Watched& watched, base::TimePoint now);

  Parts parts_;
  std::chrono::nanoseconds period_;  // between looks
  base::TimePoint next_look_ = base::TimePoint::max();
  std::vector<Watched> loops_;
  std::map<RouteName, Route> routes_;  // those that have stalled
  std::array<base::TimePoint, kLinesPerPeriod> told_at_;
  std::size_t lines_ = 0;
  std::uint64_t suppressed_ = 0;
  base::Histogram& seconds_;
};

}  // namespace weir::observe
