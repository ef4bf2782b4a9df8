// SPDX-License-Identifier: MIT
#include <middleware/internal/flight_table.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <bit>

namespace weir::middleware::internal {

FlightTable::FlightTable(std::size_t keys_max) {
  WEIR_CHECK(keys_max > 0);
  constexpr std::size_t kSlotsMin = 16;
  for (Shard& shard : shards_) {
    const std::size_t slots = std::bit_ceil(std::max(kSlotsMin, 2 * keys_max / shards_.size()));
    shard.slots.resize(slots);
    shard.used_max = slots - slots / 4;
  }
}

// Where the key is, or else the empty slot where it belongs. There is one: used_max is below the number of slots.
std::size_t FlightTable::Shard::find(std::uint64_t key) const {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = key & mask;
  while (slots[at].count != 0 && slots[at].key != key) at = (at + 1) & mask;
  return at;
}

bool FlightTable::try_enter(std::uint64_t key, std::uint64_t count_max) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Slot& slot = shard.slots[shard.find(key)];
  if (slot.count >= count_max) return false;
  if (slot.count == 0) {
    if (shard.used == shard.used_max) return false;
    ++shard.used;
    slot.key = key;
  }
  ++slot.count;
  return true;
}

void FlightTable::leave(std::uint64_t key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const std::size_t at = shard.find(key);
  WEIR_CHECK(shard.slots[at].count > 0);
  if (--shard.slots[at].count == 0) shard.erase(at);
}

void FlightTable::Shard::erase(std::size_t hole) {
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = (hole + 1) & mask; slots[at].count != 0; at = (at + 1) & mask) {
    const std::size_t distance_from_home = (at - slots[at].key) & mask;
    if (distance_from_home < ((at - hole) & mask)) continue;  // its home is behind the hole
    slots[hole] = slots[at];
    hole = at;
  }
  slots[hole] = Slot{};
  --used;
}

std::size_t FlightTable::keys() const {
  std::size_t all = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    all += shard.used;
  }
  return all;
}

}  // namespace weir::middleware::internal
