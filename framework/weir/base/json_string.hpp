// SPDX-License-Identifier: MIT
// Text as a JSON string.
#pragma once

#include <weir/base/utf8.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::base {

namespace detail {

inline constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// How much of the front of `text` a JSON string takes as it is: ASCII without controls, quotes and backslashes.
inline std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  std::size_t at = 0;
  // Eight bytes at once; a borrow can only raise false alarms behind a true one.
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t marks = word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes);
    if ((marks & kHighs) != 0) break;
  }
  while (at < text.size() && kIsPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

inline std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      return {};
  }
}

/// Writes what is at the front of `text` and not plain; returns how many bytes that was.
template <class Out>
std::size_t append_escaped(Out& out, std::string_view text) {
  const char c = text.front();
  if (const std::string_view escape = short_escape(c); !escape.empty()) {
    out.append(escape);
    return 1;
  }
  if (static_cast<unsigned char>(c) < 0x20) {
    constexpr char kHex[] = "0123456789abcdef";
    out.append(std::string_view("\\u00"));
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
    return 1;
  }
  const std::size_t length = utf8_sequence_length(text);
  out.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
  return length == 0 ? 1 : length;
}

}  // namespace detail

/// Appends `text` with its quotes to a std::string or SmallText; invalid UTF-8 becomes U+FFFD. Source: RFC 8259.
template <class Out>
void append_json_string(Out& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t plain = detail::plain_prefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(detail::append_escaped(out, text));
  }
  out.push_back('"');
}

}  // namespace weir::base
