// SPDX-License-Identifier: MIT
#include <middleware/internal/rate_table.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <bit>

namespace weir::middleware::internal {

RateTable::RateTable(Bucket bucket, std::size_t keys_max)
    : interval_ns_(bucket.interval.count()),
      fill_time_ns_(0),
      sets_(std::bit_ceil((2 * keys_max + kPlaces - 1) / kPlaces)) {
  constexpr std::chrono::nanoseconds kFillTimeMaxNs = kFillTimeMax;
  WEIR_CHECK(keys_max > 0);
  WEIR_CHECK(interval_ns_ > 0);
  WEIR_CHECK(bucket.burst > 0);
  WEIR_CHECK(bucket.burst <= static_cast<std::uint64_t>(kFillTimeMaxNs / bucket.interval));
  fill_time_ns_ = interval_ns_ * static_cast<std::int64_t>(bucket.burst);
}

// Where the key is, or else the fullest bucket.
std::size_t RateTable::place_of(const Set& set, std::uint64_t key) {
  const auto found = std::find(set.keys.begin(), set.keys.end(), key);
  if (found != set.keys.end()) return static_cast<std::size_t>(found - set.keys.begin());
  const auto fullest = std::min_element(set.full_at_ns.begin(), set.full_at_ns.end());
  return static_cast<std::size_t>(fullest - set.full_at_ns.begin());
}

RateDecision RateTable::take(std::uint64_t key, base::TimePoint now) {
  const std::int64_t now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  const std::size_t index = key & (sets_.size() - 1);
  Set& set = sets_[index];
  const std::lock_guard lock(locks_[index % kLocks].mutex);
  const std::size_t place = place_of(set, key);
  const std::int64_t full_at_ns = std::max(set.full_at_ns[place], now_ns) + interval_ns_;
  const std::int64_t left_ns = fill_time_ns_ - (full_at_ns - now_ns);
  if (left_ns < 0) return {false, 0, std::chrono::nanoseconds(-left_ns)};
  set.keys[place] = key;
  set.full_at_ns[place] = full_at_ns;
  return {true, static_cast<std::uint64_t>(left_ns / interval_ns_),
          std::chrono::nanoseconds(interval_ns_ - left_ns % interval_ns_)};
}

}  // namespace weir::middleware::internal
