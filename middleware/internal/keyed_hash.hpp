// SPDX-License-Identifier: MIT
// A hash that nobody outside can predict.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::middleware::internal {

/// SipHash-2-4 under a random key: whoever chooses what is hashed cannot choose where it goes in a table.
///
/// Thread: immutable.
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
class KeyedHash {
 public:
  /// A key of the system's random generator.
  KeyedHash();
  constexpr KeyedHash(std::uint64_t key_low, std::uint64_t key_high) : key_low_(key_low), key_high_(key_high) {}

  /// Of the eight bytes of `domain`, lowest first, and then those of `bytes`: equal bytes of another domain are another
  /// value.
  std::uint64_t operator()(std::uint64_t domain, std::string_view bytes) const noexcept;

 private:
  std::uint64_t key_low_ = 0;
  std::uint64_t key_high_ = 0;
};

}  // namespace weir::middleware::internal
