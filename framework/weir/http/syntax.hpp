// SPDX-License-Identifier: MIT
// The character classes of RFC 9110 and RFC 3986, as one table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::http::syntax {

inline constexpr std::uint8_t kToken = 1;       ///< tchar, RFC 9110 section 5.6.2
inline constexpr std::uint8_t kFieldValue = 2;  ///< field-vchar, SP, HTAB: RFC 9110 section 5.5
inline constexpr std::uint8_t kPath = 4;        ///< pchar but '%', RFC 3986 section 3.3, and what browsers send raw
inline constexpr std::uint8_t kQuery = 8;       ///< the same for a query, '/' and '?' included
inline constexpr std::uint8_t kHost = 16;       ///< reg-name but '%', RFC 3986 section 3.2.2
inline constexpr std::uint8_t kPercent = 32;    ///< '%'

inline constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view characters, std::uint8_t bits) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bits;
  };
  constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  constexpr std::string_view kSubDelims = "!$&'()*+,;=";
  add(kAlphanumeric, kToken | kPath | kQuery | kHost);
  add("!#$%&'*+-.^_`|~", kToken);
  add("-._~", kPath | kQuery | kHost);
  add(kSubDelims, kPath | kQuery | kHost);
  add(":@", kPath | kQuery);
  add("/?", kQuery);
  add("%", kPercent);
  // Not in RFC 3986, but sent unescaped by browsers, which follow the WHATWG URL standard.
  add("[]|^", kPath);
  add("[]|^{}\\`", kQuery);
  for (unsigned byte = 0x20; byte < 0x100; ++byte) {
    if (byte != 0x7f) classes[byte] |= kFieldValue;
  }
  classes['\t'] |= kFieldValue;
  return classes;
}();

constexpr bool is(char c, std::uint8_t bits) {
  return (kClasses[static_cast<unsigned char>(c)] & bits) != 0;
}

/// Whether every character of `text` is in one of the classes; true for "".
constexpr bool all(std::string_view text, std::uint8_t bits) {
  for (const char c : text) {
    if (!is(c, bits)) return false;
  }
  return true;
}

constexpr bool is_token(std::string_view text) {
  return !text.empty() && all(text, kToken);
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Whether `host` is a valid, non-empty Host field value: uri-host [":" port] (RFC 9110 section 7.2, RFC 3986
/// section 3.2). Userinfo, a bad port or an unbalanced IPv6 literal are not.
bool is_host(std::string_view host);

}  // namespace weir::http::syntax
