// SPDX-License-Identifier: MIT
#include <weir/http/parameters.hpp>

#include <gtest/gtest.h>

namespace weir::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(const Parameters& parameters) {
  return {parameters.begin(), parameters.end()};
}

Pairs form(std::string_view text) {
  const auto parameters = parse_form(text);
  EXPECT_TRUE(parameters) << text;
  return parameters ? pairs_of(*parameters) : Pairs{};
}

TEST(ParseFormTest, PairsComeInTheirOrder) {
  EXPECT_EQ(form("a=1&b=2&a=3"), (Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
}

TEST(ParseFormTest, PlusIsASpaceAndEscapesAreDecoded) {
  EXPECT_EQ(form("a+b=c+d&%65=%2B%26%3d"), (Pairs{{"a b", "c d"}, {"e", "+&="}}));
}

TEST(ParseFormTest, ANameAloneHasAnEmptyValue) {
  EXPECT_EQ(form("a&b="), (Pairs{{"a", ""}, {"b", ""}}));
}

TEST(ParseFormTest, OnlyTheFirstEqualsSignSeparates) {
  EXPECT_EQ(form("a=b=c"), (Pairs{{"a", "b=c"}}));
}

TEST(ParseFormTest, EmptyPartsAreSkipped) {
  EXPECT_EQ(form("&&a=1&&"), (Pairs{{"a", "1"}}));
}

TEST(ParseFormTest, AnEmptyNameIsAName) {
  EXPECT_EQ(form("=x"), (Pairs{{"", "x"}}));
}

TEST(ParseFormTest, AMalformedEscapeAnywhereIsRefused) {
  for (const char* const text : {"%", "a=%", "a=1&b=%zz", "%4=1", "a=%00"}) {
    EXPECT_FALSE(parse_form(text)) << text;
  }
}

TEST(ParametersTest, TheFirstValueIsFoundAndAllAreListed) {
  const auto parameters = parse_form("a=1&b=2&a=3");
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->find("a"), "1");
  EXPECT_EQ(parameters->find("c"), std::nullopt);
  EXPECT_EQ(parameters->find_all("a"), (std::vector<std::string_view>{"1", "3"}));
  EXPECT_EQ(parameters->size(), 3U);
}

TEST(ParametersTest, NamesTellCaseApart) {
  EXPECT_EQ(parse_form("A=1")->find("a"), std::nullopt);
}

std::optional<std::string> in_query(std::string_view query, std::string_view name) {
  const auto found = find_in_query(query, name);
  EXPECT_TRUE(found) << query;
  return found ? *found : std::nullopt;
}

TEST(FindInQueryTest, TheFirstValueIsDecoded) {
  EXPECT_EQ(in_query("q=a+b%21&q=other", "q"), "a b!");
  EXPECT_EQ(in_query("x=1&q=2", "q"), "2");
  EXPECT_EQ(in_query("q", "q"), "");
}

TEST(FindInQueryTest, ANameThatIsNotThereIsNotFound) {
  EXPECT_EQ(in_query("x=1", "q"), std::nullopt);
  EXPECT_EQ(in_query("", "q"), std::nullopt);
  EXPECT_EQ(in_query("qq=1&xq=2", "q"), std::nullopt);
}

TEST(FindInQueryTest, AnEscapedNameIsFound) {
  EXPECT_EQ(in_query("%71=1", "q"), "1");
  EXPECT_EQ(in_query("a+b=1", "a b"), "1");
}

TEST(FindInQueryTest, AnEscapedNameThatDoesNotMatchIsPassedOver) {
  EXPECT_EQ(in_query("%72=1&q=2", "q"), "2");
}

TEST(FindInQueryTest, AMalformedEscapeInTheValueIsRefused) {
  EXPECT_FALSE(find_in_query("q=%", "q"));
}

TEST(FindInQueryTest, AMalformedEscapeInANameIsRefused) {
  EXPECT_FALSE(find_in_query("%=1&q=2", "q"));
}

TEST(FindInQueryTest, ItAgreesWithParseForm) {
  for (const char* const text : {"a=1&b=2", "a", "=a", "a=&a=2", "&a=1", "b&&a=x=y", "%61=1", "a+=1&a=2"}) {
    const auto all = parse_form(text);
    ASSERT_TRUE(all);
    const auto expected = all->find("a");
    EXPECT_EQ(in_query(text, "a"), expected ? std::optional<std::string>(*expected) : std::nullopt) << text;
  }
}

TEST(ParseCookiesTest, PairsAreSeparatedBySemicolons) {
  EXPECT_EQ(pairs_of(parse_cookies("a=1; b=2;c=3")), (Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
}

TEST(ParseCookiesTest, SurroundingQuotesAreDropped) {
  EXPECT_EQ(pairs_of(parse_cookies("a=\"x y\"; b=\"\"; c=\"")), (Pairs{{"a", "x y"}, {"b", ""}, {"c", "\""}}));
}

TEST(ParseCookiesTest, ValuesKeepTheirBytes) {
  EXPECT_EQ(pairs_of(parse_cookies("a=%41+b=c")), (Pairs{{"a", "%41+b=c"}}));
}

TEST(ParseCookiesTest, MalformedPairsAreSkipped) {
  EXPECT_EQ(pairs_of(parse_cookies("alone; =x; a b=1; ok=1; ;")), (Pairs{{"ok", "1"}}));
  EXPECT_TRUE(parse_cookies("").empty());
}

}  // namespace
}  // namespace weir::http
