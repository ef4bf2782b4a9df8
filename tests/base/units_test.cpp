// SPDX-License-Identifier: MIT
#include <weir/base/units.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace weir::base {
namespace {

using namespace std::chrono_literals;

std::uint64_t bytes_of(std::string_view text) {
  const auto result = parse_bytes(text);
  EXPECT_TRUE(result) << text;
  return result ? *result : 0;
}

std::chrono::milliseconds duration_of(std::string_view text) {
  const auto result = parse_duration(text);
  EXPECT_TRUE(result) << text;
  return result ? *result : -1ms;
}

TEST(ParseBytesTest, ABareNumberIsBytes) {
  EXPECT_EQ(bytes_of("512"), 512U);
}

TEST(ParseBytesTest, BinaryUnitsArePowersOf1024) {
  EXPECT_EQ(bytes_of("64KiB"), 65'536U);
  EXPECT_EQ(bytes_of("1MiB"), 1'048'576U);
  EXPECT_EQ(bytes_of("2GiB"), 2'147'483'648U);
}

TEST(ParseBytesTest, DecimalUnitsArePowersOf1000) {
  EXPECT_EQ(bytes_of("10kB"), 10'000U);
  EXPECT_EQ(bytes_of("3MB"), 3'000'000U);
  EXPECT_EQ(bytes_of("1GB"), 1'000'000'000U);
}

TEST(ParseBytesTest, TheLargestNumberOfEachUnitStillFits) {
  EXPECT_EQ(bytes_of("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(bytes_of("17179869183GiB"), 17'179'869'183ULL << 30U);
}

TEST(ParseBytesTest, OneAboveTheLargestIsRefused) {
  EXPECT_FALSE(parse_bytes("18446744073709551616"));
  EXPECT_FALSE(parse_bytes("17179869184GiB"));
}

TEST(ParseBytesTest, WhatIsNoSizeIsRefused) {
  for (const char* const text : {"", " ", "KiB", "-1", "+1", "1 KiB", "1.5MiB", "64kib", "1KiBx", "0x10", "1TiB"}) {
    EXPECT_FALSE(parse_bytes(text)) << "'" << text << "'";
  }
}

TEST(ParseBytesTest, TheErrorQuotesTheTextAndGivesExamples) {
  const auto result = parse_bytes("much");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(result.error().message(), "'much' is not a size (examples: 512, 64KiB, 1MiB)");
}

TEST(FormatBytesTest, TheLargestBinaryUnitThatDividesIsTaken) {
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(1'023), "1023");
  EXPECT_EQ(format_bytes(1'024), "1KiB");
  EXPECT_EQ(format_bytes(1'536), "1536");
  EXPECT_EQ(format_bytes(3ULL << 20U), "3MiB");
  EXPECT_EQ(format_bytes(5ULL << 30U), "5GiB");
  EXPECT_EQ(format_bytes(1'000'000), "1000000");
}

TEST(FormatBytesTest, ParseReadsWhatFormatWrites) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1'024ULL, 65'536ULL, 1'000'001ULL, ~0ULL, 1ULL << 63U}) {
    EXPECT_EQ(bytes_of(format_bytes(bytes)), bytes);
  }
}

TEST(ByteLiteralsTest, TheyArePowersOf1024) {
  EXPECT_EQ(1_KiB, 1'024U);
  EXPECT_EQ(2_MiB, 2'097'152U);
  EXPECT_EQ(1_GiB, 1'073'741'824U);
}

TEST(ParseDurationTest, EachUnitIsRead) {
  EXPECT_EQ(duration_of("250ms"), 250ms);
  EXPECT_EQ(duration_of("10s"), 10s);
  EXPECT_EQ(duration_of("5m"), 5min);
  EXPECT_EQ(duration_of("1h"), 1h);
}

TEST(ParseDurationTest, ZeroNeedsNoUnit) {
  EXPECT_EQ(duration_of("0"), 0ms);
}

TEST(ParseDurationTest, AnotherBareNumberIsRefused) {
  EXPECT_FALSE(parse_duration("10"));
}

TEST(ParseDurationTest, AHundredYearsAreTheBound) {
  EXPECT_EQ(duration_of("876000h"), 876'000h);
  EXPECT_FALSE(parse_duration("876001h"));
}

TEST(ParseDurationTest, OverflowIsRefused) {
  EXPECT_FALSE(parse_duration("18446744073709551615h"));
  EXPECT_FALSE(parse_duration("18446744073709551616ms"));
}

TEST(ParseDurationTest, WhatIsNoDurationIsRefused) {
  for (const char* const text : {"", "s", "-1s", "1.5s", "1 s", "1S", "1sec", "1us", "1d"}) {
    EXPECT_FALSE(parse_duration(text)) << "'" << text << "'";
  }
}

TEST(ParseDurationTest, TheErrorQuotesTheTextAndGivesExamples) {
  const auto result = parse_duration("soon");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "'soon' is not a duration (examples: 250ms, 10s, 5m, 1h)");
}

TEST(FormatDurationTest, TheLargestUnitThatDividesIsTaken) {
  EXPECT_EQ(format_duration(0ms), "0ms");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(2h), "2h");
}

}  // namespace
}  // namespace weir::base
