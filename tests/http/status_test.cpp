// SPDX-License-Identifier: MIT
#include <weir/http/status.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

TEST(StatusTest, RegisteredCodesHaveTheirPhrase) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
}

TEST(StatusTest, OtherCodesHaveNone) {
  for (const int status : {-1, 0, 99, 299, 418, 499, 599, 600, 100'000}) {
    EXPECT_EQ(reason_phrase(status), "") << status;
    EXPECT_EQ(status_line(status), "") << status;
  }
}

TEST(StatusTest, EveryLineIsMadeOfItsCodeAndPhrase) {
  int registered = 0;
  for (int status = 100; status < 600; ++status) {
    if (status_line(status).empty()) continue;
    ++registered;
    const std::string expected =
        "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_phrase(status)) + "\r\n";
    EXPECT_EQ(status_line(status), expected);
  }
  EXPECT_GT(registered, 50);
}

TEST(StatusTest, ContentIsForbiddenWhereTheRfcSaysSo) {
  for (const int status : {100, 101, 199, 204, 304}) EXPECT_TRUE(forbids_content(status)) << status;
  for (const int status : {200, 203, 205, 303, 400, 500}) EXPECT_FALSE(forbids_content(status)) << status;
}

}  // namespace
}  // namespace weir::http
