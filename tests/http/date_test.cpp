// SPDX-License-Identifier: MIT
#include <weir/http/date.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;

std::string date_of(std::int64_t unix_seconds) {
  return format_date(base::WallTime(std::chrono::seconds(unix_seconds)));
}

TEST(FormatDateTest, KnownDatesAreRight) {
  EXPECT_EQ(date_of(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");  // the RFC's example
  EXPECT_EQ(date_of(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date_of(946'684'799), "Fri, 31 Dec 1999 23:59:59 GMT");
}

TEST(FormatDateTest, LeapDaysAreDays) {
  EXPECT_EQ(date_of(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(date_of(1'709'251'199), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(date_of(4'107'542'400), "Mon, 01 Mar 2100 00:00:00 GMT");  // 2100 has none
}

TEST(FormatDateTest, TimeGoesOnAfter2038) {
  EXPECT_EQ(date_of(2'147'483'648), "Tue, 19 Jan 2038 03:14:08 GMT");
}

TEST(FormatDateTest, PartsOfASecondAreDropped) {
  EXPECT_EQ(format_date(base::WallTime(999ms)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

class DateLineTest : public testing::Test {
 protected:
  std::string line() {
    date.update(clock.now());
    return std::string(date.alone());
  }
  base::ManualClock clock;
  DateLine date{clock};
};

TEST_F(DateLineTest, ItIsAFieldLine) {
  EXPECT_EQ(line(), "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
}

TEST_F(DateLineTest, ItCanBringTheNextFieldsName) {
  line();
  EXPECT_EQ(date.with_content_length(), "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: ");
}

TEST_F(DateLineTest, WithinASecondItStays) {
  line();
  clock.advance(999ms);
  EXPECT_EQ(line(), "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
}

TEST_F(DateLineTest, TheNextSecondIsSeenWhenItBegins) {
  clock.advance(400ms);
  line();
  clock.advance(600ms);
  EXPECT_EQ(line(), "Date: Thu, 01 Jan 2026 00:00:01 GMT\r\n");
}

TEST_F(DateLineTest, AfterALongPauseItIsRightAgain) {
  line();
  clock.advance(24h + 1min);
  EXPECT_EQ(line(), "Date: Fri, 02 Jan 2026 00:01:00 GMT\r\n");
}

}  // namespace
}  // namespace weir::http
