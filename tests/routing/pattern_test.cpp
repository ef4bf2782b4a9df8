// SPDX-License-Identifier: MIT
#include <weir/routing/pattern.hpp>

#include <gtest/gtest.h>

namespace weir::routing {
namespace {

std::string error_of(std::string_view text) {
  const auto pattern = PathPattern::parse(text);
  return pattern ? "" : pattern.error().message();
}

PathPattern pattern_of(std::string_view text) {
  auto pattern = PathPattern::parse(text);
  EXPECT_TRUE(pattern) << text;
  return pattern ? std::move(pattern).value() : PathPattern{};
}

TEST(PathPatternTest, SegmentsHaveTheirKinds) {
  const PathPattern pattern = pattern_of("/users/{id:int}/{key:uuid}/{name}/{rest...}");
  ASSERT_EQ(pattern.segments.size(), 5U);
  EXPECT_EQ(pattern.segments[0].kind, SegmentKind::kLiteral);
  EXPECT_EQ(pattern.segments[0].text, "users");
  EXPECT_EQ(pattern.segments[1].kind, SegmentKind::kInt);
  EXPECT_EQ(pattern.segments[1].text, "id");
  EXPECT_EQ(pattern.segments[2].kind, SegmentKind::kUuid);
  EXPECT_EQ(pattern.segments[3].kind, SegmentKind::kParameter);
  EXPECT_EQ(pattern.segments[4].kind, SegmentKind::kRest);
  EXPECT_EQ(pattern.segments[4].text, "rest");
}

TEST(PathPatternTest, AFinalSlashIsAnEmptyLiteral) {
  EXPECT_EQ(pattern_of("/a/").segments.size(), 2U);
  EXPECT_EQ(pattern_of("/").segments.size(), 1U);
}

TEST(PathPatternTest, AParameterIsFoundByItsName) {
  const PathPattern pattern = pattern_of("/a/{b}/c/{d}");
  EXPECT_EQ(pattern.index_of("b"), 1U);
  EXPECT_EQ(pattern.index_of("d"), 3U);
  EXPECT_EQ(pattern.index_of("a"), std::string::npos);
  EXPECT_EQ(pattern.index_of("x"), std::string::npos);
}

TEST(PathPatternTest, NamesHoldLettersDigitsDashAndUnderscore) {
  EXPECT_EQ(error_of("/{a-b_C9}"), "");
  const std::string sentence = "a parameter's name is letters, digits, '_' and '-'";
  for (const char* const text : {"/{9a}", "/{a b}", "/{a.b}", "/{:int}", "/{...}", "/{\xc3\xa4}"}) {
    EXPECT_EQ(error_of(text), "bad route pattern \"" + std::string(text) + "\": " + sentence);
  }
}

TEST(PathPatternTest, EachMistakeHasItsSentence) {
  const std::pair<const char*, const char*> table[] = {
      {"", "it must begin with a slash"},
      {"a/b", "it must begin with a slash"},
      {"/{id", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/id}", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/{}", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/a{id}", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/{a}{b}", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/{{a}}", "a parameter is a whole segment in braces, such as {id} or {id:int}"},
      {"/{id:float}", "a parameter's type is int or uuid"},
      {"/{id:}", "a parameter's type is int or uuid"},
      {"/{a}/b/{a}", "the parameter {a} occurs twice"},
      {"/{a}/{a...}", "the parameter {a} occurs twice"},
      {"/{rest...}/x", "{rest...} must come last"},
      {"/{rest...}/", "{rest...} must come last"},
      {"/a b", "a literal holds a character that no path has"},
      {"/a?b", "a literal holds a character that no path has"},
      {"/a%20b", "a literal holds a character that no path has"},
      {"/a/./b", "a dot segment never matches"},
      {"/..", "a dot segment never matches"},
  };
  for (const auto& [text, sentence] : table) {
    EXPECT_EQ(error_of(text), "bad route pattern \"" + std::string(text) + "\": " + sentence);
  }
}

TEST(FitsTest, IntTakesSigned64BitDecimals) {
  const PatternSegment segment{SegmentKind::kInt, "n"};
  for (const char* const text : {"0", "-1", "007", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_TRUE(fits(segment, text)) << text;
  }
  for (const char* const text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808", "a"}) {
    EXPECT_FALSE(fits(segment, text)) << text;
  }
}

TEST(FitsTest, UuidTakesTheCanonicalForm) {
  const PatternSegment segment{SegmentKind::kUuid, "u"};
  EXPECT_TRUE(fits(segment, "123e4567-e89b-12d3-A456-426614174000"));
  for (const char* const text : {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
                                 "123e4567-e89b-12d3-a456-4266141740000", "g23e4567-e89b-12d3-a456-426614174000",
                                 "123e4567-e89b-12d3-a456_426614174000", "-23e4567-e89b-12d3-a456-426614174000"}) {
    EXPECT_FALSE(fits(segment, text)) << text;
  }
}

TEST(FitsTest, AParameterIsNeverEmpty) {
  const PatternSegment segment{SegmentKind::kParameter, "p"};
  EXPECT_TRUE(fits(segment, "x"));
  EXPECT_FALSE(fits(segment, ""));
}

TEST(FitsTest, ALiteralTellsCaseApart) {
  const PatternSegment segment{SegmentKind::kLiteral, "users"};
  EXPECT_TRUE(fits(segment, "users"));
  EXPECT_FALSE(fits(segment, "Users"));
}

}  // namespace
}  // namespace weir::routing
