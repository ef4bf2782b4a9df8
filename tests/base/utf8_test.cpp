// SPDX-License-Identifier: MIT
#include <weir/base/utf8.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::base {
namespace {

std::string encoded(char32_t c) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | (c >> shift & 0x3fU)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0U | c >> 6U), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0U | c >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | c >> 18U), tail(12), tail(6), tail(0)};
}

bool is_surrogate(char32_t c) {
  return c >= 0xd800 && c < 0xe000;
}

TEST(Utf8Test, EveryCharacterIsASequence) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const std::string text = encoded(c);
    ASSERT_EQ(utf8_sequence_length(text), is_surrogate(c) ? 0 : text.size()) << static_cast<unsigned>(c);
    ASSERT_EQ(utf8_sequence_length(text + "\x80"), is_surrogate(c) ? 0 : text.size()) << static_cast<unsigned>(c);
  }
}

TEST(Utf8Test, ACutSequenceIsNone) {
  for (const char32_t c : {0x80U, 0x7ffU, 0x800U, 0xffffU, 0x10000U, 0x10ffffU}) {
    for (std::string text = encoded(c); text.size() > 1;) {
      text.pop_back();
      EXPECT_EQ(utf8_sequence_length(text), 0U);
      EXPECT_EQ(utf8_sequence_length(text + "a"), 0U);
    }
  }
}

// RFC 3629 section 4 lists what may stand where: so many sequences of each length begin in any way.
TEST(Utf8Test, NoOtherSequenceOfThreeBytesIsValid) {
  std::size_t valid[4] = {};
  for (unsigned bytes = 0; bytes < 1U << 24U; ++bytes) {
    const char text[3] = {static_cast<char>(bytes >> 16U), static_cast<char>(bytes >> 8U), static_cast<char>(bytes)};
    ++valid[utf8_sequence_length({text, 3})];
  }
  EXPECT_EQ(valid[1], 128U << 16U);
  EXPECT_EQ(valid[2], (0x800U - 0x80U) << 8U);
  EXPECT_EQ(valid[3], 0x10000U - 0x800U - 0x800U);
}

TEST(Utf8Test, NothingIsBeyondUnicode) {
  EXPECT_EQ(utf8_sequence_length("\xf4\x8f\xbf\xbf"), 4U);
  EXPECT_EQ(utf8_sequence_length("\xf4\x90\x80\x80"), 0U);
  EXPECT_EQ(utf8_sequence_length("\xf5\x80\x80\x80"), 0U);
  EXPECT_EQ(utf8_sequence_length("\xf0\x8f\xbf\xbf"), 0U);
}

TEST(Utf8Test, AnInvalidByteIsSeenAtEveryPlace) {
  for (const std::string_view filling : {"a", "\u00e4", "\u20ac", "\U0001F600"}) {
    for (std::size_t before = 0; before < 20; ++before) {
      std::string text;
      for (std::size_t i = 0; i < before; ++i) text += filling;
      EXPECT_TRUE(is_utf8(text));
      EXPECT_FALSE(is_utf8(text + "\xff"));
      EXPECT_FALSE(is_utf8(text + "\xc3"));
      EXPECT_FALSE(is_utf8(text + "\x80" + text));
    }
  }
}

TEST(Utf8Test, CharactersAreCounted) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("abc"), 3U);
  EXPECT_EQ(count_characters("\u00e4\u20ac\U0001F600"), 3U);
}

}  // namespace
}  // namespace weir::base
