// SPDX-License-Identifier: MIT
#include <weir/http/path.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace weir::http {
namespace {

using Segments = std::vector<std::string>;

std::optional<Segments> segments_of(std::string_view raw_path) {
  PathSegments path;
  if (path.parse(raw_path) == std::string_view::npos) return std::nullopt;
  return Segments(path.segments().begin(), path.segments().end());
}

TEST(PathSegmentsTest, APathIsSplitAtItsSlashes) {
  EXPECT_EQ(segments_of("/a/bc/d"), (Segments{"a", "bc", "d"}));
  EXPECT_EQ(segments_of("/"), (Segments{""}));
}

TEST(PathSegmentsTest, AFinalSlashIsAnEmptySegment) {
  EXPECT_EQ(segments_of("/a/"), (Segments{"a", ""}));
}

TEST(PathSegmentsTest, SlashesAreNotCollapsed) {
  EXPECT_EQ(segments_of("//"), (Segments{"", ""}));
  EXPECT_EQ(segments_of("/a//b"), (Segments{"a", "", "b"}));
}

TEST(PathSegmentsTest, AnAbsoluteTargetWithoutAPathIsTheRoot) {
  EXPECT_EQ(segments_of(""), (Segments{""}));
}

TEST(PathSegmentsTest, TheQueryIsNoPartOfThePath) {
  PathSegments path;
  EXPECT_EQ(path.parse("/a/b?c/d"), 4U);
  EXPECT_EQ(path.segments().size(), 2U);
  EXPECT_EQ(path.parse("/?"), 1U);
  EXPECT_EQ(path.parse("/a"), 2U);
}

TEST(PathSegmentsTest, EachSegmentIsDecodedOnce) {
  EXPECT_EQ(segments_of("/a%20b/%63"), (Segments{"a b", "c"}));
  EXPECT_EQ(segments_of("/%2541"), (Segments{"%41"}));
  EXPECT_EQ(segments_of("/%c3%A4"), (Segments{"\xc3\xa4"}));
}

TEST(PathSegmentsTest, AnEscapedSlashIsData) {
  EXPECT_EQ(segments_of("/a%2Fb/c"), (Segments{"a/b", "c"}));
}

TEST(PathSegmentsTest, APlusIsAPlus) {
  EXPECT_EQ(segments_of("/a+b"), (Segments{"a+b"}));
}

TEST(PathSegmentsTest, DotsWithinASegmentAreText) {
  EXPECT_EQ(segments_of("/.a/..b/a./..."), (Segments{".a", "..b", "a.", "..."}));
}

TEST(PathSegmentsTest, DotSegmentsInAnySpellingAreRefused) {
  for (const char* const path : {"/.", "/..", "/a/./b", "/a/../b", "/%2e", "/%2E.", "/.%2e", "/%2e%2e/x", "/a/.."}) {
    EXPECT_EQ(segments_of(path), std::nullopt) << path;
  }
}

TEST(PathSegmentsTest, BadEscapesAreRefused) {
  for (const char* const path : {"/%", "/%4", "/%4/x", "/%g1", "/%1g", "/a%", "/%00", "/a%00b", "/%%41"}) {
    EXPECT_EQ(segments_of(path), std::nullopt) << path;
  }
}

TEST(PathSegmentsTest, WhatNoPathHoldsIsRefused) {
  for (const char* const path : {"a", "*", "/a b", "/a\"b", "/a<b", "/a>b", "/a\\b", "/a#b", "/\x7f", "/\xc3\xa4"}) {
    EXPECT_EQ(segments_of(path), std::nullopt) << path;
  }
}

TEST(PathSegmentsTest, AllThatRfc3986AllowsIsTaken) {
  const std::string all = "abcXYZ019-._~!$&'()*+,;=:@";
  EXPECT_EQ(segments_of("/" + all), (Segments{all}));
}

TEST(PathSegmentsTest, SegmentsStayGoodWhileLaterOnesAreDecoded) {
  std::string raw;
  Segments expected;
  for (int i = 0; i < 200; ++i) {
    raw += "/%61" + std::to_string(i);
    expected.push_back("a" + std::to_string(i));
  }
  EXPECT_EQ(segments_of(raw), expected);
}

TEST(PathSegmentsTest, AnObjectIsUsedAgain) {
  PathSegments path;
  ASSERT_EQ(path.parse("/%61/b/c"), 8U);
  ASSERT_EQ(path.parse("/x%79"), 5U);
  ASSERT_EQ(path.segments().size(), 1U);
  EXPECT_EQ(path.segments().front(), "xy");
}

TEST(PathSegmentsTest, SegmentsFollowTheirPath) {
  PathSegments path;
  std::string raw = "/ab/%63/";
  ASSERT_EQ(path.parse(raw), raw.size());
  const std::string moved = raw;
  path.follow(raw, moved.data());
  raw.assign(raw.size(), '#');
  EXPECT_EQ(Segments(path.segments().begin(), path.segments().end()), (Segments{"ab", "c", ""}));
}

TEST(PathSegmentsTest, TheRootOfAnAbsoluteTargetFollowsToo) {
  PathSegments path;
  ASSERT_EQ(path.parse("?a"), 0U);
  const std::string moved = "?a";
  path.follow("", moved.data());
  EXPECT_EQ(Segments(path.segments().begin(), path.segments().end()), (Segments{""}));
}

}  // namespace
}  // namespace weir::http
