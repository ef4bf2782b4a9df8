// SPDX-License-Identifier: MIT
// ASCII text helpers: comparing, trimming, lists, escaping for logs, and the nearest of several names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::base {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether two texts are equal but for the case of ASCII letters.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

/// The value 0 to 15 of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// `text` without spaces and tabs at both ends (OWS of RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// Takes the part of `rest` before the first `separator` and drops both from `rest`.
std::string_view take_until(std::string_view& rest, char separator);

/// `text` with control bytes, quotes and backslashes escaped and cut at `limit_bytes`: safe in a line of any log.
std::string escape_for_log(std::string_view text, std::size_t limit_bytes = 256);

/// The name among `known` that most likely was meant by `word`, if one is near enough to suggest.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace weir::base
