// SPDX-License-Identifier: MIT
// The single tokens of JSON, where the parser does not say what is wrong with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::routing::internal {

/// A number taken apart: the digits, of which the last `fraction_digits` stand behind the point, times ten to the
/// `exponent`.
struct NumberText {
  bool is_negative = false;
  std::string digits;
  std::int64_t fraction_digits = 0;
  std::int64_t exponent = 0;  // far out of reach, but not exact, above a million
};

/// Takes a number as RFC 8259 writes it from the front of a token that may have white space and more behind it.
[[nodiscard]] bool take_number(std::string_view token, NumberText& number);
bool is_number_token(std::string_view token);

/// The exact magnitude of an integer, however it is written: 1.0, 1e2, 0.5e1. Where it has no room in 64 bits, it
/// becomes the largest, and `is_beyond`. False for what is no integer.
[[nodiscard]] bool whole_of(NumberText number, std::uint64_t& magnitude, bool& is_beyond);

/// The literal alone, up to white space or structure.
bool is_literal_token(std::string_view token, std::string_view literal);

}  // namespace weir::routing::internal
