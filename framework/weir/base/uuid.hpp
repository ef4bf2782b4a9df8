// SPDX-License-Identifier: MIT
// UUIDs: 128 bits and their text form.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::base {

/// A UUID of any version and variant, as the bytes that RFC 9562 puts on the wire. A new one is the Nil UUID.
///
/// Thread: as any value.
/// Source: RFC 9562 section 4. Ordered as its bytes are, which is the order of its lower-case text too.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  /// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6": always 36 characters, in lower case.
  std::string to_string() const;

  /// Reads that form, in either case, and no other (no braces, no "urn:uuid:"); false, with `out` as it was, for
  /// anything else. Versions and variants are not looked at.
  [[nodiscard]] static bool parse(std::string_view text, Uuid& out);
};

}  // namespace weir::base
