// SPDX-License-Identifier: MIT
#include <weir/observe/log_line.hpp>

#include <weir/base/check.hpp>

#include <array>
#include <cstdint>
#include <cstring>

namespace weir::observe {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

struct CodePoint {
  char32_t value;
  std::size_t bytes;  // 0: not UTF-8.
};

constexpr std::uint64_t each_byte(std::uint64_t byte) {
  return byte * 0x0101010101010101U;
}

// The high bit of each byte that is 0; maybe of one behind such a byte, too.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - each_byte(1)) & ~word & each_byte(0x80);
}

bool has_special_byte(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t controls = (word - each_byte(' ')) & ~word;
  const std::uint64_t special = controls | word | zero_bytes(word ^ each_byte('"')) |
                                zero_bytes(word ^ each_byte('\\')) | zero_bytes(word ^ each_byte(0x7f));
  return (special & each_byte(0x80)) != 0;
}

constexpr auto kNeedsCare = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = c < ' ' || c >= 0x7f || c == '"' || c == '\\';
  return table;
}();

// How many of the first bytes stand for themselves: not a control, a quote, a backslash or a part of a longer
// character. Eight at a time: all that is logged goes through here.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::size_t at = 0;
  if (text.size() >= kWord) {
    while (at + kWord <= text.size() && !has_special_byte(text.data() + at)) at += kWord;
    // The last word overlaps the one before.
    const bool is_tail = at + kWord > text.size();
    if (is_tail && !has_special_byte(text.data() + text.size() - kWord)) return text.size();
  }
  while (at < text.size() && !kNeedsCare[byte_at(text, at)]) ++at;
  return at;
}

// The first code point of a text that begins with a byte of 0x80 or more (RFC 3629 section 4).
CodePoint read_multibyte(std::string_view text) {
  const unsigned char lead = byte_at(text, 0);
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {0, 0};
  char32_t value = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xc0U) != 0x80) return {0, 0};
    value = (value << 6U) | (byte_at(text, i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < kSmallest[bytes] || value > 0x10ffff || is_surrogate ? CodePoint{0, 0} : CodePoint{value, bytes};
}

// C1 controls, invisible characters, and those that turn the direction of writing.
bool steers_terminal(char32_t c) {
  return c < 0xa0 || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff;
}

void append_unicode_escape(LogLine& line, char32_t c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::array<char, 6> escape{
      '\\', 'u', kHex[(c >> 12U) & 15U], kHex[(c >> 8U) & 15U], kHex[(c >> 4U) & 15U], kHex[c & 15U]};
  line.append({escape.data(), escape.size()});
}

void append_ascii_escape(LogLine& line, char c) {
  constexpr std::string_view kShort = "\"\"\\\\\nn\rr\tt";
  for (std::size_t i = 0; i < kShort.size(); i += 2) {
    if (kShort[i] != c) continue;
    const std::array<char, 2> escape{'\\', kShort[i + 1]};
    return line.append({escape.data(), escape.size()});
  }
  append_unicode_escape(line, static_cast<unsigned char>(c));
}

std::size_t append_multibyte(LogLine& line, std::string_view rest) {
  const CodePoint point = read_multibyte(rest);
  if (point.bytes == 0) {
    line.append("\xef\xbf\xbd");
    return 1;
  }
  if (steers_terminal(point.value)) {
    append_unicode_escape(line, point.value);
  } else {
    line.append(rest.substr(0, point.bytes));
  }
  return point.bytes;
}

}  // namespace

void LogLine::append_some(std::string_view text) {
  const std::string_view part = text.substr(0, room());
  is_full_ = is_full_ || part.size() < text.size();
  append_closing(part);
}

void LogLine::append_closing(std::string_view text) {
  WEIR_CHECK(text.size() <= kCapacity - size_);
  put(text);
}

void LogLine::append_escaped(std::string_view rest) {
  while (!rest.empty() && !is_full_) {
    const std::size_t plain = plain_prefix(rest);
    append_some(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    if (byte_at(rest, 0) < 0x80) {
      append_ascii_escape(*this, rest.front());
      rest.remove_prefix(1);
    } else {
      rest.remove_prefix(append_multibyte(*this, rest));
    }
  }
}

void LogLine::append_quoted(std::string_view text) {
  append("\"");
  if (is_full_) return;
  append_escaped(text);
  append_closing("\"");
}

}  // namespace weir::observe
