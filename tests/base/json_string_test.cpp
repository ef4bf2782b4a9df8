// SPDX-License-Identifier: MIT
#include <weir/base/json_string.hpp>
#include <weir/base/small_text.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weir::base {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

TEST(JsonStringTest, AnyByteEndsThePlainPrefixAtAnyPlace) {
  for (std::size_t size = 1; size <= 24; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        const std::size_t expected = is_plain(static_cast<unsigned char>(byte)) ? size : place;
        ASSERT_EQ(detail::plain_prefix(text), expected) << size << " " << place << " " << byte;
      }
    }
  }
}

// What a borrow between the bytes of a word could hide or invent.
TEST(JsonStringTest, NeighboursDoNotChangeAByte) {
  const std::string_view bytes("\0\x1f !\"#[\\]\x7f\x80\xff", 12);
  for (const char first : bytes) {
    for (const char second : bytes) {
      for (std::size_t place = 0; place < 15; ++place) {
        std::string text(16, 'a');
        text[place] = first;
        text[place + 1] = second;
        const std::size_t expected = !is_plain(static_cast<unsigned char>(first))    ? place
                                     : !is_plain(static_cast<unsigned char>(second)) ? place + 1
                                                                                     : text.size();
        ASSERT_EQ(detail::plain_prefix(text), expected) << place << " " << int{first} << " " << int{second};
      }
    }
  }
}

TEST(JsonStringTest, WhatHasToBeEscapedIs) {
  EXPECT_EQ(json_of(""), R"("")");
  EXPECT_EQ(json_of("a/b \x7f"), "\"a/b \x7f\"");
  EXPECT_EQ(json_of("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(json_of(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(json_of("12345678\"12345678\\"), R"("12345678\"12345678\\")");
}

TEST(JsonStringTest, ValidUtf8IsKept) {
  EXPECT_EQ(json_of("\u00e4\u20ac\U0001F600"), "\"\u00e4\u20ac\U0001F600\"");
}

TEST(JsonStringTest, EachInvalidByteBecomesTheReplacementCharacter) {
  EXPECT_EQ(json_of("a\xff\xfe"), "\"a\ufffd\ufffd\"");
  EXPECT_EQ(json_of("\xe2\x82"), "\"\ufffd\ufffd\"");
  EXPECT_EQ(json_of("\xed\xa0\x80"), "\"\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(json_of("\xe2\x82\"\xac"), "\"\ufffd\ufffd\\\"\ufffd\"");
}

TEST(JsonStringTest, RandomBytesBecomeValidUtf8WithoutControls) {
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const std::string out = json_of(text);
    ASSERT_TRUE(is_utf8(out));
    for (const char c : out) ASSERT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

TEST(JsonStringTest, ASmallTextGetsTheSame) {
  SmallText<16> out;
  append_json_string(out, "a\n\u00e4\xff and more than fits inside");
  EXPECT_EQ(out.view(), "\"a\\n\u00e4\ufffd and more than fits inside\"");
}

}  // namespace
}  // namespace weir::base
