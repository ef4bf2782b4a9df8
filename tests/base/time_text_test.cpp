// SPDX-License-Identifier: MIT
#include <weir/base/time_text.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <random>

namespace weir::base {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::nanoseconds;
using std::chrono::weeks;
using Time = std::chrono::sys_time<nanoseconds>;

constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

Time time_of(std::string_view text) {
  Time time;
  EXPECT_TRUE(parse_time(text, time)) << text;
  return time;
}

bool is_time(std::string_view text) {
  const Time before(42ns);
  Time time = before;
  const bool is_read = parse_time(text, time);
  EXPECT_TRUE(is_read || time == before) << "a refusal changed the result: " << text;
  return is_read;
}

std::string text_of(Time time) {
  std::string text = "> ";
  append_time(text, time);
  EXPECT_EQ(text.substr(0, 2), "> ") << "what was there before must stay";
  return text.substr(2);
}

nanoseconds duration_of(std::string_view text) {
  nanoseconds duration{};
  EXPECT_TRUE(parse_duration(text, duration)) << text;
  return duration;
}

bool is_duration(std::string_view text) {
  nanoseconds duration = 42ns;
  const bool is_read = parse_duration(text, duration);
  EXPECT_TRUE(is_read || duration == 42ns) << "a refusal changed the result: " << text;
  return is_read;
}

std::string text_of(nanoseconds duration) {
  std::string text = "> ";
  append_duration(text, duration);
  EXPECT_EQ(text.substr(0, 2), "> ") << "what was there before must stay";
  return text.substr(2);
}

// Of all magnitudes, where a uniform number would nearly always be a large one; some are round.
std::int64_t draw(std::mt19937_64& random) {
  constexpr std::array<std::int64_t, 5> kRound{1, 1'000'000, 1'000'000'000, 60'000'000'000, 86'400'000'000'000};
  const auto bits = static_cast<std::int64_t>(random());
  const std::int64_t value = bits >> (random() % 64);
  const std::int64_t round = kRound[random() % kRound.size()];
  return value / round * round;
}

// ---- what nobody may take ----

constexpr std::array kBadDateTimes{"",
                                   "2026-11-24",
                                   "2026-11-24T",
                                   "2026-11-24T12:00Z",
                                   "2026-11-24T12:00:00",
                                   "2026-11-24 12:00:00Z",
                                   "2026-11-24_12:00:00Z",
                                   "2026-11-24T24:00:00Z",
                                   "2026-11-24T23:60:00Z",
                                   "2026-11-24T12:00:61Z",
                                   "2026-11-24T1:00:00Z",
                                   "2026-11-24T12:0:00Z",
                                   "2026-11-24T12:00:0Z",
                                   "2026-11-24T120000Z",
                                   "20261124T120000Z",
                                   "2026-11-24T12:00:00,5Z",
                                   "2026-11-24T12:00:00.5",
                                   "2026-11-24T12:00:00.-5Z",
                                   "2026-11-24T12:00:00ZZ",
                                   "2026-11-24T12:00:00Z ",
                                   " 2026-11-24T12:00:00Z",
                                   "2026-11-24T12:00:00 Z",
                                   "2026-11-24T12:00:00+24:00",
                                   "2026-11-24T12:00:00+01:60",
                                   "2026-11-24T12:00:00+0100",
                                   "2026-11-24T12:00:00+01",
                                   "2026-11-24T12:00:00+1:00",
                                   "2026-11-24T12:00:00+01:00Z",
                                   "2026-11-24T12:00:00*01:00",
                                   "2026-11-24T12:00:00+-1:00",
                                   "2026-11-24T-1:00:00Z",
                                   "2026-11-24T+1:00:00Z",
                                   "2026-02-29T12:00:00Z",
                                   "2026-W48-2T12:00:00Z",
                                   "2026-328T12:00:00Z"};
constexpr std::array kBadDurations{
    "",       "-",      "P",      "-P",      "PT",     "P1",       "1D",      "P1DT",      "PT1",      "P1W2D",
    "P2DT1W", "P1WT1H", "P1W1W",  "P1D2D",   "P1D1W",  "P1Y",      "P1M",     "P1Y2M3DT4", "P1H",      "P1S",
    "PT1D",   "PT1W",   "PT1M1H", "PT1S1M",  "PT1S1H", "PT1H1H",   "PT1HT1M", "PTT1H",     "T1H",      "PT1.5H",
    "PT1.5M", "P1.5D",  "P0.5W",  "PT1.0H",  "PT.5S",  "PT1.S",    "PT1,5S",  "PT-1S",     "P-1D",     "--PT1S",
    "+PT1S",  "PT+1S",  " PT1S",  "PT1S ",   "PT 1S",  "pt1s",     "PT1s",    "P1d",       "PT1.5.5S", "PT1X",
    "P1W ",   "PW",     "PTS",    "P1DT-1H", "PT0x1S", "P1DT1H1D", "PS",      "P1DPT1H",   "PT1e3S",   "P0Y"};
constexpr std::array kBadDates{"",           "2026",        "2026-11",     "2026-1-01",   "2026-01-1",  "26-01-01",
                               "20260101",   "2026-00-01",  "2026-13-01",  "2026-01-00",  "2026-01-32", "2026-04-31",
                               "2026-06-31", "2026-09-31",  "2026-11-31",  "2026-02-29",  "2024-02-30", "1900-02-29",
                               "2100-02-29", "2026-11-24T", "2026-11-24 ", " 2026-11-24", "2026/11/24", "2026-11-2a",
                               "-026-11-24", "+2026-11-24", "12026-11-24", "2026-W01-1",  "2026-001",   "2026-11-+1",
                               "2026- 1-01", "202a-11-24"};

// ---- date-time ----

TEST(ParseTimeTest, TheExamplesOfTheRfcAreRead) {
  EXPECT_EQ(time_of("1985-04-12T23:20:50.52Z"), Time(482'196'050s + 520ms));
  EXPECT_EQ(time_of("1996-12-19T16:39:57-08:00"), Time(851'042'397s));
  EXPECT_EQ(time_of("1990-12-31T23:59:60Z"), Time(662'688'000s));
  EXPECT_EQ(time_of("1990-12-31T15:59:60-08:00"), Time(662'688'000s));
  EXPECT_EQ(time_of("1937-01-01T12:00:27.87+00:20"), Time(-1'041'337'173s + 870ms));
}

TEST(ParseTimeTest, TheEpochIsZero) {
  EXPECT_EQ(time_of("1970-01-01T00:00:00Z"), Time(0s));
  EXPECT_EQ(time_of("1969-12-31T23:59:59.999999999Z"), Time(-1ns));
}

TEST(ParseTimeTest, LettersMayBeOfEitherCase) {
  EXPECT_EQ(time_of("1970-01-01t00:00:01z"), Time(1s));
}

TEST(ParseTimeTest, OneToNineDigitsOfASecondAreRead) {
  EXPECT_EQ(time_of("1970-01-01T00:00:00.1Z"), Time(100ms));
  EXPECT_EQ(time_of("1970-01-01T00:00:00.000000001Z"), Time(1ns));
  EXPECT_EQ(time_of("1970-01-01T00:00:00.120000000Z"), Time(120ms));
  EXPECT_FALSE(is_time("1970-01-01T00:00:00.Z"));
  EXPECT_FALSE(is_time("1970-01-01T00:00:00.0000000001Z"));
  EXPECT_FALSE(is_time("1970-01-01T00:00:00.1200000000Z"));
}

TEST(ParseTimeTest, OffsetsAreTakenOff) {
  EXPECT_EQ(time_of("1970-01-01T02:00:00+02:00"), Time(0s));
  EXPECT_EQ(time_of("1969-12-31T18:30:00-05:30"), Time(0s));
  EXPECT_EQ(time_of("1970-01-01T00:00:00-00:00"), Time(0s));
  EXPECT_EQ(time_of("1970-01-01T23:59:00+23:59"), Time(0s));
  EXPECT_EQ(time_of("1970-01-01T00:00:00-23:59"), Time(23h + 59min));
}

TEST(ParseTimeTest, ALeapSecondIsTheLastOfADayOfUtc) {
  EXPECT_EQ(time_of("2016-12-31T23:59:60.5Z"), time_of("2017-01-01T00:00:00.5Z"));
  EXPECT_EQ(time_of("2017-01-01T01:29:60+01:30"), time_of("2017-01-01T00:00:00Z"));
  for (const char* const text : {"2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-31T00:00:60Z",
                                 "2016-12-31T23:59:60+01:00", "2017-01-01T01:29:60+01:31", "2016-12-31T23:59:61Z"}) {
    EXPECT_FALSE(is_time(text)) << text;
  }
}

TEST(ParseTimeTest, NanosecondsEndIn1677And2262) {
  EXPECT_EQ(time_of("1677-09-21T00:12:43.145224192Z"), Time(nanoseconds(kSmallest)));
  EXPECT_EQ(time_of("2262-04-11T23:47:16.854775807Z"), Time(nanoseconds(kLargest)));
  EXPECT_EQ(time_of("1677-09-20T23:12:43.145224192-01:00"), Time(nanoseconds(kSmallest)));
  EXPECT_EQ(time_of("2262-04-12T00:47:16.854775807+01:00"), Time(nanoseconds(kLargest)));
  for (const char* const text :
       {"1677-09-21T00:12:43.145224191Z", "1677-09-21T00:12:43Z", "1677-09-21T00:12:42.999999999Z",
        "2262-04-11T23:47:16.854775808Z", "2262-04-11T23:47:17Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_FALSE(is_time(text)) << text;
    EXPECT_TRUE(is_date_time(text)) << text;
  }
}

TEST(ParseTimeTest, WhatIsNoDateTimeIsRefused) {
  for (const char* const text : kBadDateTimes) EXPECT_FALSE(is_time(text)) << "'" << text << "'";
  EXPECT_FALSE(is_time(std::string_view("2026-11-24T12:00:00Z\0", 21)));
}

TEST(ParseTimeTest, EveryBeginningOfATimeIsRefused) {
  for (const std::string_view text : {"2026-11-24T12:00:00.25+01:00", "2026-11-24T12:00:00Z"}) {
    for (std::size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(is_time(text.substr(0, length)));
    EXPECT_TRUE(is_time(text));
  }
}

TEST(AppendTimeTest, TheFractionIsWrittenWithoutZerosAtItsEnd) {
  EXPECT_EQ(text_of(time_of("2026-11-24T12:00:00Z")), "2026-11-24T12:00:00Z");
  EXPECT_EQ(text_of(time_of("2026-11-24T12:00:00.000Z")), "2026-11-24T12:00:00Z");
  EXPECT_EQ(text_of(time_of("2026-11-24T13:00:00.250+01:00")), "2026-11-24T12:00:00.25Z");
  EXPECT_EQ(text_of(Time(1ns)), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(text_of(Time(10ns)), "1970-01-01T00:00:00.00000001Z");
  EXPECT_EQ(text_of(Time(10s)), "1970-01-01T00:00:10Z");
}

TEST(AppendTimeTest, TimesBefore1970CountUpwardsToo) {
  EXPECT_EQ(text_of(Time(-1ns)), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(text_of(Time(-1s)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(text_of(Time(-1s - 1ms)), "1969-12-31T23:59:58.999Z");
  EXPECT_EQ(text_of(Time(-24h)), "1969-12-31T00:00:00Z");
}

TEST(AppendTimeTest, TheFirstAndTheLastNanosecondAreWritten) {
  EXPECT_EQ(text_of(Time(nanoseconds(kSmallest))), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(text_of(Time(nanoseconds(kLargest))), "2262-04-11T23:47:16.854775807Z");
}

TEST(AppendTimeTest, TheCalendarIsTheSystems) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 4000; ++round) {
    const std::time_t second = draw(random) / 1'000'000'000;
    std::tm parts{};
    ASSERT_NE(::gmtime_r(&second, &parts), nullptr);
    std::array<char, 32> expected{};
    ASSERT_NE(std::strftime(expected.data(), expected.size(), "%Y-%m-%dT%H:%M:%SZ", &parts), 0U);
    ASSERT_EQ(text_of(Time(std::chrono::seconds(second))), expected.data());
  }
}

TEST(AppendTimeTest, ParseReadsWhatAppendWrites) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 4000; ++round) {
    const Time time{nanoseconds(draw(random))};
    ASSERT_EQ(time_of(text_of(time)), time) << text_of(time);
  }
}

TEST(AppendTimeTest, ParseReadsTheFirstAndTheLastNanoseconds) {
  for (std::int64_t i = 0; i < 1000; ++i) {
    for (const std::int64_t count :
         {kSmallest + i, kSmallest + i * 1'000'000, kLargest - i, kLargest - i * 1'000'000}) {
      ASSERT_EQ(time_of(text_of(Time(nanoseconds(count)))), Time(nanoseconds(count)));
    }
  }
}

// ---- dates, and date-times that need not be counted ----

TEST(IsDateTest, DaysOfTheCalendarAreDates) {
  for (const char* const text : {"2026-11-24", "2024-02-29", "2000-02-29", "0000-02-29", "0000-01-01", "9999-12-31",
                                 "1582-10-10", "2026-04-30", "2026-01-31"}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
}

TEST(IsDateTest, OthersAreNot) {
  for (const char* const text : kBadDates) EXPECT_FALSE(is_date(text)) << "'" << text << "'";
  EXPECT_FALSE(is_date(std::string_view("2026-11-24\0", 11)));
  EXPECT_FALSE(is_date("2026-11-\xd9\xa2\xd9\xa4"));  // Digits, but not ASCII's.
}

TEST(IsDateTimeTest, AnyYearAndAnyNumberOfDigitsWillDo) {
  for (const char* const text :
       {"0000-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59.0000000001-23:59",
        "2026-11-24t12:00:00.12345678901234567890123456789z", "1963-06-19T08:30:06.283185Z"}) {
    EXPECT_TRUE(is_date_time(text)) << text;
  }
}

TEST(IsDateTimeTest, OthersAreNot) {
  for (const char* const text : kBadDateTimes) EXPECT_FALSE(is_date_time(text)) << "'" << text << "'";
  for (const char* const date : kBadDates) EXPECT_FALSE(is_date_time(date + std::string("T12:00:00Z"))) << date;
  EXPECT_FALSE(is_date_time("9999-12-31T23:58:60Z"));
}

// ---- durations ----

TEST(ParseDurationTest, EachUnitHasItsLength) {
  EXPECT_EQ(duration_of("P2W"), weeks(2));
  EXPECT_EQ(duration_of("P3D"), days(3));
  EXPECT_EQ(duration_of("PT4H"), 4h);
  EXPECT_EQ(duration_of("PT5M"), 5min);
  EXPECT_EQ(duration_of("PT6S"), 6s);
}

TEST(ParseDurationTest, ComponentsAddUpAndAnyMayBeMissing) {
  EXPECT_EQ(duration_of("P1DT2H3M4.5S"), days(1) + 2h + 3min + 4s + 500ms);
  EXPECT_EQ(duration_of("P1DT4S"), days(1) + 4s);
  EXPECT_EQ(duration_of("PT2H4S"), 2h + 4s);
  EXPECT_EQ(duration_of("PT3M4S"), 3min + 4s);
}

TEST(ParseDurationTest, NumbersNeedNotBeSmallOrShort) {
  EXPECT_EQ(duration_of("PT36H"), 36h);
  EXPECT_EQ(duration_of("PT90M90S"), 91min + 30s);
  EXPECT_EQ(duration_of("PT0000000000000000000000000000000000007S"), 7s);
  EXPECT_EQ(duration_of("P0D"), 0s);
  EXPECT_EQ(duration_of("P0W"), 0s);
}

TEST(ParseDurationTest, AMinusIsForAllOfIt) {
  EXPECT_EQ(duration_of("-P1DT2H"), -26h);
  EXPECT_EQ(duration_of("-P1W"), -weeks(1));
  EXPECT_EQ(duration_of("-PT1.25S"), -1250ms);
  EXPECT_EQ(duration_of("-PT0S"), 0s);
}

TEST(ParseDurationTest, OneToNineDigitsOfASecondAreRead) {
  EXPECT_EQ(duration_of("PT0.5S"), 500ms);
  EXPECT_EQ(duration_of("PT0.000000001S"), 1ns);
  EXPECT_EQ(duration_of("PT1.500000000S"), 1500ms);
  EXPECT_FALSE(is_duration("PT0.0000000001S"));
  EXPECT_FALSE(is_duration("PT1.5000000000S"));
}

TEST(ParseDurationTest, WhatIsNoDurationOfAFixedLengthIsRefused) {
  for (const char* const text : kBadDurations) EXPECT_FALSE(is_duration(text)) << "'" << text << "'";
  EXPECT_FALSE(is_duration(std::string_view("PT1S\0", 5)));
}

TEST(ParseDurationTest, TheLargestAndTheSmallestAreRead) {
  for (const char* const text :
       {"PT9223372036.854775807S", "P106751DT23H47M16.854775807S", "PT2562047H47M16.854775807S",
        "PT153722867M16.854775807S", "P106751DT85636.854775807S"}) {
    EXPECT_EQ(duration_of(text), nanoseconds(kLargest)) << text;
  }
  for (const char* const text : {"-PT9223372036.854775808S", "-P106751DT23H47M16.854775808S"}) {
    EXPECT_EQ(duration_of(text), nanoseconds(kSmallest)) << text;
  }
  EXPECT_EQ(duration_of("P15250W"), weeks(15'250));
  EXPECT_EQ(duration_of("-P15250W"), -weeks(15'250));
}

TEST(ParseDurationTest, WhatDoesNotFitIsRefused) {
  for (const char* const text :
       {"PT9223372036.854775808S", "PT9223372037S", "P106751DT23H47M16.854775808S", "P106751DT23H47M17S", "P106752D",
        "PT2562048H", "PT153722868M", "P15251W", "PT9223372036854775807S", "PT9223372036854775808S",
        "P99999999999999999999999999999D", "P106751DT2562047H", "P9223372036854775807W"}) {
    EXPECT_FALSE(is_duration(text)) << text;
    // One more fits below zero, but no more than that.
    const std::string negative = std::string("-") + text;
    const bool is_smallest = negative.find("6.854775808S") != std::string::npos;
    EXPECT_EQ(is_duration(negative), is_smallest) << negative;
  }
  EXPECT_FALSE(is_duration("-PT9223372036.854775809S"));
}

TEST(AppendDurationTest, OnlyWhatIsNotZeroIsWritten) {
  EXPECT_EQ(text_of(0s), "PT0S");
  EXPECT_EQ(text_of(1h + 30min), "PT1H30M");
  EXPECT_EQ(text_of(250ms), "PT0.25S");
  EXPECT_EQ(text_of(days(1) + 2h), "P1DT2H");
  EXPECT_EQ(text_of(days(14)), "P14D");
  EXPECT_EQ(text_of(days(1) + 1ns), "P1DT0.000000001S");
  EXPECT_EQ(text_of(2h + 4s), "PT2H4S");
  EXPECT_EQ(text_of(1min), "PT1M");
  EXPECT_EQ(text_of(1min + 1ms), "PT1M0.001S");
  EXPECT_EQ(text_of(24h - 1ns), "PT23H59M59.999999999S");
  EXPECT_EQ(text_of(10s), "PT10S");
}

TEST(AppendDurationTest, ANegativeOneHasTheMinusInFront) {
  EXPECT_EQ(text_of(-250ms), "-PT0.25S");
  EXPECT_EQ(text_of(-(days(1) + 2h)), "-P1DT2H");
}

TEST(AppendDurationTest, TheLargestAndTheSmallestAreWritten) {
  EXPECT_EQ(text_of(nanoseconds(kLargest)), "P106751DT23H47M16.854775807S");
  EXPECT_EQ(text_of(nanoseconds(kSmallest)), "-P106751DT23H47M16.854775808S");
  EXPECT_EQ(text_of(nanoseconds(-kLargest)), "-P106751DT23H47M16.854775807S");
}

TEST(AppendDurationTest, ParseReadsWhatAppendWrites) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 4000; ++round) {
    const nanoseconds duration(draw(random));
    ASSERT_EQ(duration_of(text_of(duration)), duration) << text_of(duration);
  }
}

}  // namespace
}  // namespace weir::base
