// SPDX-License-Identifier: MIT
#include <weir/base/text.hpp>

#include <gtest/gtest.h>

#include <array>

namespace weir::base {
namespace {

TEST(EqualsIgnoringCaseTest, OnlyAsciiLettersAreAlike) {
  EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xc4", "\xe4"));
}

TEST(HexValueTest, EveryByteIsADigitOrRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    int expected = -1;
    if (c >= '0' && c <= '9') expected = c - '0';
    if (c >= 'a' && c <= 'f') expected = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') expected = c - 'A' + 10;
    EXPECT_EQ(hex_value(c), expected) << byte;
  }
}

TEST(TrimTest, SpacesAndTabsGoFromBothEndsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\r\n"), "\r\n");
}

TEST(TakeUntilTest, TheSeparatorIsDropped) {
  std::string_view rest = "a,b,,c";
  EXPECT_EQ(take_until(rest, ','), "a");
  EXPECT_EQ(take_until(rest, ','), "b");
  EXPECT_EQ(take_until(rest, ','), "");
  EXPECT_EQ(take_until(rest, ','), "c");
  EXPECT_TRUE(rest.empty());
}

TEST(TakeUntilTest, WithoutASeparatorAllIsTaken) {
  std::string_view rest = "abc";
  EXPECT_EQ(take_until(rest, ';'), "abc");
  EXPECT_EQ(rest, "");
}

TEST(EscapeForLogTest, PlainTextStays) {
  EXPECT_EQ(escape_for_log("GET /a?b=c d~"), "GET /a?b=c d~");
}

TEST(EscapeForLogTest, QuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(escape_for_log(R"(a"b\c)"), R"(a\"b\\c)");
}

TEST(EscapeForLogTest, ALineCannotBeForged) {
  EXPECT_EQ(escape_for_log("a\r\nerror: b"), R"(a\x0d\x0aerror: b)");
  EXPECT_EQ(escape_for_log(std::string_view("\0\x1b[31m\x7f", 7)), R"(\x00\x1b[31m\x7f)");
}

TEST(EscapeForLogTest, BytesAboveAsciiAreEscaped) {
  EXPECT_EQ(escape_for_log("\xc3\xa4"), R"(\xc3\xa4)");
}

TEST(EscapeForLogTest, TextAtTheLimitIsWhole) {
  EXPECT_EQ(escape_for_log("abcd", 4), "abcd");
}

TEST(EscapeForLogTest, TextAboveTheLimitIsCutAndSaysSo) {
  EXPECT_EQ(escape_for_log("abcde", 4), "abcd...");
}

constexpr std::array<std::string_view, 4> kNames{"limits.body_bytes", "limits.head_bytes", "port", "host"};

TEST(NearestTest, ATypingErrorFindsItsName) {
  EXPECT_EQ(nearest("limits.body_byte", kNames), "limits.body_bytes");
  EXPECT_EQ(nearest("prot", kNames), "port");
  EXPECT_EQ(nearest("limits.haed_bytes", kNames), "limits.head_bytes");
}

TEST(NearestTest, CaseDoesNotCount) {
  EXPECT_EQ(nearest("HOST", kNames), "host");
}

TEST(NearestTest, WhatIsFarFromAllFindsNothing) {
  EXPECT_EQ(nearest("verbosity", kNames), std::nullopt);
  EXPECT_EQ(nearest("abcdef", std::span<const std::string_view>()), std::nullopt);
}

TEST(NearestTest, OfTwoEquallyNearTheFirstIsTaken) {
  constexpr std::array<std::string_view, 2> names{"cat", "cut"};
  EXPECT_EQ(nearest("cot", names), "cat");
}

}  // namespace
}  // namespace weir::base
