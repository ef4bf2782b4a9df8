// SPDX-License-Identifier: MIT
#include <weir/base/uuid.hpp>

#include <weir/base/text.hpp>

#include <cstddef>

namespace weir::base {
namespace {

constexpr std::size_t kTextBytes = 36;

// 8-4-4-4-12 digits, two for each byte.
constexpr bool is_group_start(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

std::string Uuid::to_string() const {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(kTextBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (is_group_start(i)) text += '-';
    text += kHex[bytes[i] >> 4U];
    text += kHex[bytes[i] & 15U];
  }
  return text;
}

bool Uuid::parse(std::string_view text, Uuid& out) {
  if (text.size() != kTextBytes) return false;
  Uuid read;
  std::size_t at = 0;
  for (std::size_t i = 0; i < read.bytes.size(); ++i, at += 2) {
    if (is_group_start(i)) {
      if (text[at] != '-') return false;
      ++at;
    }
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return false;
    read.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  out = read;
  return true;
}

}  // namespace weir::base
