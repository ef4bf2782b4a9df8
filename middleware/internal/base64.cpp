// SPDX-License-Identifier: MIT
#include <middleware/internal/base64.hpp>

#include <array>
#include <cstdint>

namespace weir::middleware::internal {
namespace {

using Table = std::array<std::int8_t, 256>;

constexpr Table make_table(char last_but_one, char last) {
  Table table{};
  table.fill(-1);
  std::int8_t value = 0;
  const auto add = [&table, &value](char c) { table[static_cast<unsigned char>(c)] = value++; };
  for (char c = 'A'; c <= 'Z'; ++c) add(c);
  for (char c = 'a'; c <= 'z'; ++c) add(c);
  for (char c = '0'; c <= '9'; ++c) add(c);
  add(last_but_one);
  add(last);
  return table;
}

constexpr Table kStandard = make_table('+', '/');
constexpr Table kUrl = make_table('-', '_');

// `text` without its padding.
std::optional<std::string> decode(std::string_view text, const Table& table) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;  // the last `count` of them are not written yet
  unsigned count = 0;
  for (const char c : text) {
    const std::int8_t value = table[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 0xffU));
  }
  const bool has_stray_bits = (bits & ((1U << count) - 1)) != 0;
  return has_stray_bits ? std::nullopt : std::optional(std::move(bytes));
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode(text, kStandard);
}

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode(text, kUrl);
}

}  // namespace weir::middleware::internal
