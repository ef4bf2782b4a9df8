// SPDX-License-Identifier: MIT
#include <weir/base/described/table.hpp>
#include <weir/base/from_text.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace weir::base {
namespace {

using namespace std::chrono_literals;

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  if (!FromText<T>::parse(text, value)) return std::nullopt;
  return value;
}

template <class T>
std::string rewritten(std::string_view text) {
  const std::optional<T> value = parsed<T>(text);
  if (!value) return "refused";
  std::string out;
  FromText<T>::write(*value, out);
  return out;
}

template <class T>
class FromTextIntegerTest : public testing::Test {};
using Integers = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                                std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(FromTextIntegerTest, Integers);

TYPED_TEST(FromTextIntegerTest, TheBoundsAreReadAndNothingBeyond) {
  using Limits = std::numeric_limits<TypeParam>;
  const std::string max = std::to_string(Limits::max());
  const std::string min = std::to_string(Limits::min());
  EXPECT_EQ(parsed<TypeParam>(max), Limits::max());
  EXPECT_EQ(parsed<TypeParam>(min), Limits::min());
  std::string above = max;
  ++above.back();  // no bound ends with a nine
  std::string below = min == "0" ? "-1" : min;
  if (min != "0") ++below.back();
  EXPECT_EQ(parsed<TypeParam>(above), std::nullopt) << above;
  EXPECT_EQ(parsed<TypeParam>(below), std::nullopt) << below;
  EXPECT_EQ(parsed<TypeParam>(max + "0"), std::nullopt);
  EXPECT_EQ(parsed<TypeParam>(std::string(1000, '9')), std::nullopt);
}

TYPED_TEST(FromTextIntegerTest, OnlyDigitsAreRead) {
  for (const std::string_view text :
       {"", " 1", "1 ", "+1", "--1", "-", "1.0", "1e2", "0x1", "one", "1,0", "1_0", "\u0661"}) {
    EXPECT_EQ(parsed<TypeParam>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parsed<TypeParam>(std::string_view("1\0", 2)), std::nullopt);
}

TEST(FromTextTest, LeadingZerosAreRead) {
  EXPECT_EQ(parsed<int>("007"), 7);
  EXPECT_EQ(parsed<int>("-0"), 0);
}

TEST(FromTextTest, RealNumbersAreFinite) {
  EXPECT_EQ(parsed<double>("1.5"), 1.5);
  EXPECT_EQ(parsed<double>("-1e-3"), -0.001);
  EXPECT_EQ(parsed<float>("0.1"), 0.1F);
  for (const std::string_view text :
       {"", "nan", "NaN", "inf", "-inf", "infinity", "1e400", "-1e400", " 1", "1 ", "+1", "1,5", "1.5x", "0x1p3"}) {
    EXPECT_EQ(parsed<double>(text), std::nullopt) << text;
    EXPECT_EQ(parsed<float>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parsed<float>("1e39"), std::nullopt);
}

TEST(FromTextTest, ABooleanIsTrueOrFalse) {
  EXPECT_EQ(parsed<bool>("true"), true);
  EXPECT_EQ(parsed<bool>("false"), false);
  for (const std::string_view text : {"", "1", "0", "True", "yes", "true ", "tru"}) {
    EXPECT_EQ(parsed<bool>(text), std::nullopt) << text;
  }
}

TEST(FromTextTest, TextIsTakenAsItIs) {
  const std::string_view text(" a\0b", 4);
  EXPECT_EQ(parsed<std::string>(text), text);
  EXPECT_EQ(parsed<std::string_view>(text)->data(), text.data());
  EXPECT_EQ(parsed<std::string>(""), "");
}

TEST(FromTextTest, AUuidIsWrittenInLowerCase) {
  EXPECT_EQ(rewritten<Uuid>("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6"), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(rewritten<Uuid>("f81d4fae"), "refused");
}

TEST(FromTextTest, ATimeIsCutToItsType) {
  using Seconds = std::chrono::sys_seconds;
  using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;
  EXPECT_EQ(rewritten<Seconds>("2026-11-24T12:00:00.9Z"), "2026-11-24T12:00:00Z");
  EXPECT_EQ(rewritten<Milliseconds>("2026-11-24T13:00:00.1239+01:00"), "2026-11-24T12:00:00.123Z");
  EXPECT_EQ(rewritten<Milliseconds>("1969-12-31T23:59:59.9999Z"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(rewritten<std::chrono::sys_days>("2026-11-24T12:00:00Z"), "2026-11-24T00:00:00Z");
  EXPECT_EQ(rewritten<Seconds>("2026-11-24"), "refused");
}

TEST(FromTextTest, WhatATimeIsCutToCanBeWrittenAgain) {
  EXPECT_EQ(rewritten<std::chrono::sys_days>("1677-09-21T12:00:00Z"), "refused");
  EXPECT_EQ(rewritten<std::chrono::sys_days>("1677-09-22T12:00:00Z"), "1677-09-22T00:00:00Z");
}

TEST(FromTextTest, ATimeOutsideOfNanosecondsIsWrittenAsTheNearest) {
  std::string out;
  FromText<std::chrono::sys_seconds>::write(std::chrono::sys_seconds::max(), out);
  EXPECT_EQ(out, "2262-04-11T23:47:16.854775807Z");
  out.clear();
  FromText<std::chrono::sys_days>::write(std::chrono::sys_days::min(), out);
  EXPECT_EQ(out.substr(0, 10), "1677-09-21");
}

TEST(FromTextTest, ADurationHasToFitItsType) {
  EXPECT_EQ(parsed<std::chrono::seconds>("PT1M30S"), 90s);
  EXPECT_EQ(parsed<std::chrono::seconds>("PT0.5S"), std::nullopt);
  EXPECT_EQ(parsed<std::chrono::milliseconds>("PT0.5S"), 500ms);
  EXPECT_EQ(parsed<std::chrono::minutes>("PT30S"), std::nullopt);
  EXPECT_EQ(rewritten<std::chrono::hours>("P2D"), "P2D");
  EXPECT_EQ(rewritten<std::chrono::seconds>("-PT90S"), "-PT1M30S");
}

TEST(FromTextTest, ADurationBeyondNanosecondsIsWrittenAsTheLongest) {
  std::string out;
  FromText<std::chrono::hours>::write(std::chrono::hours::max(), out);
  EXPECT_EQ(parsed<std::chrono::nanoseconds>(out), std::chrono::nanoseconds::max());
}

enum class Color { kRed, kGreen };
constexpr auto describe(const Color*) {
  return described::enumerators(described::enumerator<Color::kRed>("red"),
                                described::enumerator<Color::kGreen>("dark green"));
}

TEST(FromTextTest, AnEnumIsReadByItsNames) {
  EXPECT_EQ(parsed<Color>("red"), Color::kRed);
  EXPECT_EQ(parsed<Color>("dark green"), Color::kGreen);
  for (const std::string_view text : {"", "Red", "re", "kRed", "0"})
    EXPECT_EQ(parsed<Color>(text), std::nullopt) << text;
}

TEST(FromTextTest, ABoundedNumberIsReadAsItsNumber) {
  EXPECT_EQ((parsed<Bounded<std::int8_t, 1, 5>>("5")->value), 5);
  EXPECT_EQ((parsed<Bounded<std::int8_t, 1, 5>>("200")), std::nullopt);
}

static_assert(Parsable<int> && Parsable<std::string_view> && Parsable<Uuid> && Parsable<Color>);
static_assert(!Parsable<char> && !Parsable<std::optional<int>> && !Parsable<int*>);

}  // namespace
}  // namespace weir::base
