// SPDX-License-Identifier: MIT
// Sizes and durations as people write them: 64KiB, 250ms.
#pragma once

#include <weir/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::base {

inline namespace literals {
constexpr std::uint64_t operator""_KiB(unsigned long long count) {
  return count << 10U;
}
constexpr std::uint64_t operator""_MiB(unsigned long long count) {
  return count << 20U;
}
constexpr std::uint64_t operator""_GiB(unsigned long long count) {
  return count << 30U;
}
}  // namespace literals

/// Reads a size such as "512", "64KiB", "1MiB", "2GiB", "10kB" or "3MB" (bytes, powers of 1024 or 1000).
///
/// Errors: kInvalidArgument for anything else, with what was expected; overflow included.
Result<std::uint64_t> parse_bytes(std::string_view text);

/// Writes a size the way parse_bytes reads it, in the largest binary unit that divides it.
std::string format_bytes(std::uint64_t bytes);

/// Reads a duration such as "250ms", "10s", "5m", "1h" or "0"; a bare number other than 0 needs a unit.
///
/// Errors: kInvalidArgument for anything else, with what was expected; overflow included.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Writes a duration the way parse_duration reads it, in the largest unit that divides it.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace weir::base
