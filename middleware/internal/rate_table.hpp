// SPDX-License-Identifier: MIT
// Token buckets for many keys in a fixed amount of memory.
#pragma once

#include <weir/base/clock.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace weir::middleware::internal {

/// What a bucket said.
struct RateDecision {
  bool is_admitted = false;
  std::uint64_t remaining = 0;       ///< Whole tokens that are left.
  std::chrono::nanoseconds next{0};  ///< Until there is one more: until a refused request would be admitted.
};

/// One token bucket for each key, as the time at which it is full again (GCRA): nothing has to be refilled.
///
/// A key lives in one of the eight places of its set, and the hash says which set that is. A newcomer to a set that has
/// no place left takes that of the fullest bucket, and begins with what is in it:
///
///   1. A place of a bucket that is full, or was never used, is as good as an empty one: nothing is lost or gained.
///   2. All buckets of a set are at most as full as the one that was given up, and none becomes fuller but by time.
///      So a key that lost its place and returns finds at most what it had left: no number of other keys gives it a
///      fresh burst.
///   3. The price is paid by newcomers, and only while a set has more than eight keys that have spent within the time
///      that a bucket takes to fill: they share what is left in the fullest. One that is refused takes no place, so
///      whoever keeps coming cannot be driven out by those that are turned away.
///
/// There are two places for each of `keys_max`, so that with that many active keys one set in fifty is so crowded.
///
/// Thread: any; a call holds one of 64 locks for nanoseconds.
/// Source: ATM Forum TM 4.1 section 4.4.2 (GCRA); Metwally et al., "Efficient Computation of Frequent and Top-k
///         Elements in Data Streams" (2005) for inheriting from what is replaced.
class RateTable {
 public:
  struct Bucket {
    std::chrono::nanoseconds interval{0};  ///< Between two tokens; positive.
    std::uint64_t burst = 0;               ///< Tokens of a full bucket; at least 1. Filled within kFillTimeMax.
  };
  static constexpr std::chrono::hours kFillTimeMax{24 * 3653};  ///< Ten years.

  RateTable(Bucket bucket, std::size_t keys_max);

  /// Takes a token of the bucket of `key`, a well mixed hash, if there is one. When `now` goes back, a bucket is as
  /// empty as it was, and waits for the time to catch up.
  RateDecision take(std::uint64_t key, base::TimePoint now);

  std::size_t memory_bytes() const { return sets_.size() * sizeof(Set) + sizeof(*this); }

 private:
  static constexpr std::size_t kPlaces = 8;
  static constexpr std::size_t kLocks = 64;
  static constexpr std::size_t kCacheLineBytes = 64;

  // Two cache lines: the second is needed for one place of it, but for a newcomer.
  struct alignas(kCacheLineBytes) Set {
    Set() { full_at_ns.fill(INT64_MIN); }
    std::array<std::uint64_t, kPlaces> keys{};
    std::array<std::int64_t, kPlaces> full_at_ns{};
  };
  struct alignas(kCacheLineBytes) Lock {
    std::mutex mutex;
  };
  static std::size_t place_of(const Set& set, std::uint64_t key);

  std::int64_t interval_ns_;
  std::int64_t fill_time_ns_;
  std::vector<Set> sets_;  // a power of two
  std::array<Lock, kLocks> locks_;
};

}  // namespace weir::middleware::internal
