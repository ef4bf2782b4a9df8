// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/response_collector.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http::internal {
namespace {

TEST(ResponseCollectorTest, AFoldedLineGoesOnWithItsValue) {
  ResponseCollector collector(10);
  for (const char* line : {"HTTP/1.1 200 OK\r\n", " odd\r\n", "A:  one\r\n", "\t two \r\n", "No colon\r\n", "\r\n"}) {
    EXPECT_TRUE(collector.take_line(line));
  }
  const ClientResponse response = collector.take(200);
  ASSERT_EQ(response.headers.size(), 3U);
  EXPECT_EQ(response.header("odd"), "");
  EXPECT_EQ(response.header("a"), "one two");
  EXPECT_EQ(response.header("no colon"), "");
}

TEST(ResponseCollectorTest, HeadsAreBoundedTogether) {
  ResponseCollector collector(10);
  const std::string line(ResponseCollector::kHeadBytesMax / 2, 'x');
  EXPECT_TRUE(collector.take_line(line));
  EXPECT_TRUE(collector.take_line("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(collector.take_line(line.substr(17)));
  EXPECT_FALSE(collector.is_too_large());
  EXPECT_FALSE(collector.take_line("x"));
  EXPECT_TRUE(collector.is_too_large());
}

TEST(ResponseCollectorTest, ContentIsBoundedInSum) {
  ResponseCollector collector(10);
  EXPECT_TRUE(collector.take_body("123456"));
  EXPECT_TRUE(collector.take_body("7890"));
  EXPECT_TRUE(collector.take_body(""));
  EXPECT_FALSE(collector.take_body("x"));
  EXPECT_TRUE(collector.is_too_large());
  EXPECT_EQ(collector.take(200).body, "1234567890");
}

}  // namespace
}  // namespace weir::http::internal
