// SPDX-License-Identifier: MIT
#include <weir/http/percent.hpp>

#include <gtest/gtest.h>

namespace weir::http {
namespace {

TEST(PercentTest, EveryByteButNulIsDecoded) {
  constexpr char kHex[] = "0123456789aBcDeF";
  for (int byte = 1; byte < 256; ++byte) {
    const std::string text{'%', kHex[byte / 16], kHex[byte % 16]};
    std::string out;
    ASSERT_TRUE(append_percent_decoded(text, out)) << text;
    EXPECT_EQ(out, std::string(1, static_cast<char>(byte)));
  }
}

TEST(PercentTest, TextIsAppended) {
  std::string out = "before ";
  ASSERT_TRUE(append_percent_decoded("a%62c", out));
  EXPECT_EQ(out, "before abc");
}

TEST(PercentTest, AnEscapeAtTheEndIsWhole) {
  std::string out;
  EXPECT_TRUE(append_percent_decoded("%41", out));
  EXPECT_EQ(out, "A");
}

TEST(PercentTest, AMalformedEscapeLeavesTheOutputAsItWas) {
  for (const char* const text : {"a%", "a%4", "%4g", "%g4", "%00", "abc%00", "%-1", "%+1", "% 1"}) {
    std::string out = "kept";
    EXPECT_FALSE(append_percent_decoded(text, out)) << text;
    EXPECT_EQ(out, "kept") << text;
  }
}

}  // namespace
}  // namespace weir::http
