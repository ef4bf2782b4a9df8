// SPDX-License-Identifier: MIT
#include <weir/http/json_text.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace weir::http {
namespace {

std::string text_of(JsonValue value) {
  const JsonText text = array({value});
  return std::string(text.view().substr(1, text.view().size() - 2));
}

TEST(JsonTextTest, EmptyContainersAreEmpty) {
  EXPECT_EQ(object({}).view(), "{}");
  EXPECT_EQ(array({}).view(), "[]");
}

TEST(JsonTextTest, MembersComeInTheirOrder) {
  EXPECT_EQ(object({{"b", 1}, {"a", 2}, {"b", 3}}).view(), R"({"b":1,"a":2,"b":3})");
}

TEST(JsonTextTest, ValuesAreSeparatedByCommas) {
  EXPECT_EQ(array({1, "a", true, nullptr}).view(), R"([1,"a",true,null])");
}

TEST(JsonTextTest, ContainersNest) {
  EXPECT_EQ(object({{"id", 7}, {"tags", array({"a", object({{"x", array({})}})})}}).view(),
            R"({"id":7,"tags":["a",{"x":[]}]})");
}

TEST(JsonTextTest, IntegersOfEveryWidthAreExact) {
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text_of(static_cast<short>(-5)), "-5");
  EXPECT_EQ(text_of(static_cast<std::uint8_t>(200)), "200");
  EXPECT_EQ(text_of(0), "0");
}

TEST(JsonTextTest, FloatingNumbersAreShortestAndExact) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(-2.5F), "-2.5");
  EXPECT_EQ(text_of(1e300), "1e+300");
  for (const double value : {1.0 / 3.0, std::numeric_limits<double>::max(), -0.0})
    EXPECT_EQ(std::stod(text_of(value)), value);
}

TEST(JsonTextTest, WhatJsonCannotWriteIsNull) {
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(text_of(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonTextTest, BooleansAreWords) {
  EXPECT_EQ(text_of(true), "true");
  EXPECT_EQ(text_of(false), "false");
}

TEST(JsonTextTest, EachKindOfTextIsText) {
  const std::string text = "s";
  EXPECT_EQ(text_of(text), R"("s")");
  EXPECT_EQ(text_of("c"), R"("c")");
  EXPECT_EQ(text_of(std::string_view("v")), R"("v")");
  EXPECT_EQ(text_of(""), R"("")");
}

TEST(JsonEscapeTest, QuotesBackslashesAndControlsAreEscaped) {
  EXPECT_EQ(text_of("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(text_of(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(JsonEscapeTest, NamesAreEscapedToo) {
  EXPECT_EQ(object({{"a\"b\n", 1}}).view(), R"({"a\"b\n":1})");
}

TEST(JsonEscapeTest, ValidUtf8Stays) {
  for (const std::string_view text :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x91\x8b!"}) {
    EXPECT_EQ(text_of(text), '"' + std::string(text) + '"');
  }
}

// Each byte that starts no valid sequence becomes U+FFFD.
TEST(JsonEscapeTest, InvalidUtf8IsReplaced) {
  const std::string bad = "\xef\xbf\xbd";
  const std::pair<std::string_view, int> table[] = {
      {"\x80", 1},
      {"\xff", 1},
      {"\xc0\x80", 2},
      {"\xc1\xbf", 2},
      {"\xc2", 1},
      {"\xe0\x9f\xbf", 3},
      {"\xed\xa0\x80", 3},
      {"\xe2\x82", 2},
      {"\xf0\x8f\xbf\xbf", 4},
      {"\xf4\x90\x80\x80", 4},
      {"\xf5\x80\x80\x80", 4},
      {"\xf0\x9f\x91", 3},
  };
  for (const auto& [text, count] : table) {
    std::string expected = "\"";
    for (int i = 0; i < count; ++i) expected += bad;
    EXPECT_EQ(text_of(text), expected + '"');
  }
}

TEST(JsonEscapeTest, AQuoteAfterABrokenSequenceStillCounts) {
  EXPECT_EQ(text_of("\xe2\x82\"x"), "\"\xef\xbf\xbd\xef\xbf\xbd\\\"x\"");
}

TEST(JsonTextTest, LongTextsAreWhole) {
  const std::string text(10'000, 'x');
  EXPECT_EQ(object({{"k", text}}).view(), "{\"k\":\"" + text + "\"}");
}

}  // namespace
}  // namespace weir::http
