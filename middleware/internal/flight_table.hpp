// SPDX-License-Identifier: MIT
// How many requests each key has in flight, in a fixed amount of memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace weir::middleware::internal {

/// Counts for keys, which are there only while they are above zero.
///
/// Thread: any; a call holds one of 16 locks for nanoseconds.
class FlightTable {
 public:
  /// Room for about `keys_max` keys at a time, at least 1.
  explicit FlightTable(std::size_t keys_max);

  /// Counts one more for `key`, a well mixed hash, unless it has `count_max` or there is no room for another key;
  /// whether it did.
  bool try_enter(std::uint64_t key, std::uint64_t count_max);
  /// Takes one back. Only after try_enter was true (checked).
  void leave(std::uint64_t key);

  std::size_t keys() const;

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint64_t count = 0;  // 0: empty
  };
  // Open addressing with linear probing; one that leaves is filled from behind, so that no search meets a gap.
  struct alignas(64) Shard {
    std::size_t find(std::uint64_t key) const;
    void erase(std::size_t hole);

    mutable std::mutex mutex;
    std::vector<Slot> slots;  // a power of two
    std::size_t used = 0;
    std::size_t used_max = 0;
  };
  static constexpr unsigned kShardBits = 4;

  Shard& shard_of(std::uint64_t key) { return shards_[key >> (64U - kShardBits)]; }

  std::array<Shard, std::size_t{1} << kShardBits> shards_;
};

}  // namespace weir::middleware::internal
