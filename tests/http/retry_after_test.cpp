// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/retry_after.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace weir::http::internal {
namespace {

using namespace std::chrono_literals;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr base::WallTime kNow{784'111'777s};

TEST(RetryAfterTest, Seconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), 0s);
  EXPECT_EQ(parse_retry_after(" 120 ", kNow), 120s);
}

TEST(RetryAfterTest, ADate) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", kNow), 1s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", kNow + 1ms), 1s);
  EXPECT_EQ(parse_retry_after("Mon, 07 Nov 1994 08:49:37 GMT", kNow), 24h);
}

TEST(RetryAfterTest, ADateThatHasPassedIsNow) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), 0s);
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", kNow), 0s);
}

TEST(RetryAfterTest, AYearAtMost) {
  EXPECT_EQ(parse_retry_after("31536001", kNow), 365 * 24h);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow), 365 * 24h);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 2100 23:59:59 GMT", kNow), 365 * 24h);
}

TEST(RetryAfterTest, AnythingElseIsNone) {
  for (const char* const text :
       {"", " ", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "-1", "+1", "1.5", "1 s", "1,2",
        "soon", "0x10", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::http::internal
