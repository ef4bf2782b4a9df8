// SPDX-License-Identifier: MIT
#include <middleware/internal/codel.hpp>

namespace weir::middleware::internal {

void Codel::observe(base::TimePoint now, std::chrono::nanoseconds delay) {
  // Who waits since before the last one came stands in the same queue, however long ago that was.
  const bool was_idle = now - delay > last_seen_ + options_.interval;
  last_seen_ = now;
  if (delay <= options_.target || was_idle) become_calm(now);
  if (delay <= options_.target) return;
  if (!above_since_) {
    above_since_ = now;
  } else if (now - *above_since_ >= options_.interval) {
    raise(now);
  }
}

void Codel::become_calm(base::TimePoint now) {
  above_since_.reset();
  if (pressure_ == 0) return;
  remembered_ = std::exchange(pressure_, 0);
  calm_since_ = now;
}

void Codel::raise(base::TimePoint now) {
  const bool is_recent = *above_since_ - calm_since_ <= kMemoryIntervals * options_.interval;
  if (pressure_ == 0 && is_recent) pressure_ = std::max(0, remembered_ / 2 / kStep * kStep - kStep);
  pressure_ = std::min(pressure_ + kStep, 2 * kShareMax);
  above_since_ = now;
}

}  // namespace weir::middleware::internal
