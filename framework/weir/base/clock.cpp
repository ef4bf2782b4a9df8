// SPDX-License-Identifier: MIT
#include <weir/base/clock.hpp>

namespace weir::base {

const SystemClock& SystemClock::instance() noexcept {
  static const SystemClock clock;
  return clock;
}

WallTime ManualClock::wall_now() const noexcept {
  using std::chrono::sys_days, std::chrono::year, std::chrono::January;
  const std::chrono::nanoseconds set(set_ns_.load(std::memory_order_relaxed));
  return sys_days(year(2026) / January / 1) + std::chrono::duration_cast<WallTime::duration>(elapsed() + set);
}

}  // namespace weir::base
