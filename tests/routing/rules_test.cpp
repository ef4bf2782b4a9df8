// SPDX-License-Identifier: MIT
// The rules beside members and types, each on both sides of its bounds.
#include <tests/routing/json_fixture.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <limits>

namespace weir::routing {
namespace {

using base::described::format;
using base::described::items;
using base::described::length;
using base::described::maximum;
using base::described::minimum;
using base::described::multiple_of;
using base::described::pattern;
using base::described::range;
using base::described::Rule;
using base::described::unique;

/// The names of the rules that `value` breaks; their bounds have to be JSON.
template <class T>
std::string broken(const T& value, std::initializer_list<Rule> rules) {
  Failures failures;
  const bool holds =
      check_rules({rules.begin(), rules.size()}, Table<T>::kTable, &value, failures, Place::kQuery, Where("name"));
  EXPECT_EQ(holds, failures.empty());
  std::string names;
  for (const Failure& failure : failures.kept()) {
    EXPECT_EQ(failure.where, "name");
    EXPECT_EQ(failure.place, Place::kQuery);
    EXPECT_FALSE(failure.detail.empty());
    EXPECT_TRUE(nlohmann::json::accept("{" + failure.bounds + "}")) << failure.bounds;
    names.append(names.empty() ? "" : " ").append(failure.rule);
  }
  return names;
}

template <class T>
std::string detail_of(const T& value, const Rule& rule) {
  Failures failures;
  EXPECT_FALSE(check_rules({&rule, 1}, Table<T>::kTable, &value, failures, Place::kQuery, Where("name")));
  return failures.kept().front().detail + " {" + failures.kept().front().bounds + "}";
}

// ---- text ----

TEST(RulesTest, LengthHasBothBounds) {
  const Rule rule = length(2, 4).rule;
  EXPECT_EQ(broken<std::string>("a", {rule}), "length");
  EXPECT_EQ(broken<std::string>("ab", {rule}), "");
  EXPECT_EQ(broken<std::string>("abcd", {rule}), "");
  EXPECT_EQ(broken<std::string>("abcde", {rule}), "length");
}

TEST(RulesTest, LengthMayHaveOneBound) {
  EXPECT_EQ(broken<std::string>("", {length(1).rule}), "length");
  EXPECT_EQ(broken<std::string>(std::string(1 << 20, 'a'), {length(1).rule}), "");
  EXPECT_EQ(broken<std::string>("", {length(0, 0).rule}), "");
}

TEST(RulesTest, LengthCountsCharacters) {
  for (const std::string_view character : {"\u00e4", "\u20ac", "\U0001F600"}) {
    EXPECT_EQ(broken<std::string>(repeated(character, 2), {length(3, 4).rule}), "length") << character;
    EXPECT_EQ(broken<std::string>(repeated(character, 3), {length(3, 4).rule}), "") << character;
    EXPECT_EQ(broken<std::string>(repeated(character, 4), {length(3, 4).rule}), "") << character;
    EXPECT_EQ(broken<std::string>(repeated(character, 5), {length(3, 4).rule}), "length") << character;
  }
}

TEST(RulesTest, APatternMatchesSomewhereUnlessAnchored) {
  EXPECT_EQ(broken<std::string>("xaby", {pattern("ab").rule}), "");
  EXPECT_EQ(broken<std::string>("xaby", {pattern("^ab$").rule}), "pattern");
  EXPECT_EQ(broken<std::string>("ab", {pattern("^ab$").rule}), "");
  EXPECT_EQ(broken<std::string>("\u00e4", {pattern("^.$").rule}), "");
  EXPECT_EQ(broken<std::string>("", {pattern("a").rule}), "pattern");
}

TEST(RulesTest, APatternTakesLinearTime) {
  const std::string text = std::string(100'000, 'a') + "b";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(broken<std::string>(text, {pattern("(a+)+$").rule}), "pattern");
  EXPECT_EQ(broken<std::string>(text, {pattern("^(a|a)*$").rule}), "pattern");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(RulesTest, AFormatIsChecked) {
  EXPECT_EQ(broken<std::string>("me@example.org", {format("email").rule}), "");
  EXPECT_EQ(broken<std::string>("me", {format("email").rule}), "format");
  EXPECT_EQ(broken<std::string>("2024-02-30", {format("date").rule}), "format");
}

TEST(RulesTest, WhatIsWrittenAsTextHasItsRules) {
  EXPECT_EQ(broken(base::Uuid(), {pattern("^0+-").rule, length(36, 36).rule}), "");
  EXPECT_EQ(broken(std::chrono::seconds(90), {pattern("H").rule, length(8).rule}), "pattern length");
}

// ---- numbers ----

template <class T>
class RulesNumberTest : public testing::Test {};
using Numbers = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                               std::uint32_t, std::uint64_t, float, double>;
TYPED_TEST_SUITE(RulesNumberTest, Numbers);

TYPED_TEST(RulesNumberTest, BoundsAreWithin) {
  const auto number = [](int value) { return static_cast<TypeParam>(value); };
  EXPECT_EQ(broken(number(4), {minimum(5).rule}), "minimum");
  EXPECT_EQ(broken(number(5), {minimum(5).rule}), "");
  EXPECT_EQ(broken(number(7), {maximum(7).rule}), "");
  EXPECT_EQ(broken(number(8), {maximum(7).rule}), "maximum");
  EXPECT_EQ(broken(number(4), {minimum(4.5).rule}), "minimum");
  EXPECT_EQ(broken(number(5), {minimum(4.5).rule, maximum(5.5).rule}), "");
  EXPECT_EQ(broken(number(6), {maximum(5.5).rule}), "maximum");
}

TYPED_TEST(RulesNumberTest, MultiplesAreTold) {
  const auto number = [](int value) { return static_cast<TypeParam>(value); };
  EXPECT_EQ(broken(number(0), {multiple_of(3).rule}), "");
  EXPECT_EQ(broken(number(9), {multiple_of(3).rule}), "");
  EXPECT_EQ(broken(number(10), {multiple_of(3).rule}), "multiple_of");
  EXPECT_EQ(broken(number(3), {multiple_of(1.5).rule}), "");
  EXPECT_EQ(broken(number(4), {multiple_of(1.5).rule}), "multiple_of");
}

TEST(RulesTest, BothEndsOfARangeAreRules) {
  const auto both = range(-1, 1);
  EXPECT_EQ(broken(-2, {both.minimum, both.maximum}), "minimum");
  EXPECT_EQ(broken(-1, {both.minimum, both.maximum}), "");
  EXPECT_EQ(broken(1, {both.minimum, both.maximum}), "");
  EXPECT_EQ(broken(2, {both.minimum, both.maximum}), "maximum");
}

TEST(RulesTest, NegativeNumbersAreMultiplesToo) {
  EXPECT_EQ(broken(-9, {multiple_of(3).rule}), "");
  EXPECT_EQ(broken(-10, {multiple_of(3).rule}), "multiple_of");
  EXPECT_EQ(broken(-7.5, {multiple_of(2.5).rule}), "");
  EXPECT_EQ(broken(-7.0, {multiple_of(2.5).rule}), "multiple_of");
  EXPECT_EQ(broken(INT64_MIN, {multiple_of(2).rule}), "");
  EXPECT_EQ(broken(INT64_MIN, {multiple_of(3).rule}), "multiple_of");
}

TEST(RulesTest, RealNumbersMayBeMultiples) {
  EXPECT_EQ(broken(7.5, {multiple_of(0.5).rule}), "");
  EXPECT_EQ(broken(7.25, {multiple_of(0.5).rule}), "multiple_of");
  EXPECT_EQ(broken(7.5, {multiple_of(3).rule}), "multiple_of");
  EXPECT_EQ(broken(1e300, {multiple_of(7).rule}), std::fmod(1e300, 7) == 0 ? "" : "multiple_of");
}

TEST(RulesTest, IntegersAreComparedExactly) {
  EXPECT_EQ(broken(INT64_MAX, {maximum(INT64_MAX - 1).rule}), "maximum");
  EXPECT_EQ(broken(INT64_MAX, {maximum(INT64_MAX).rule}), "");
  EXPECT_EQ(broken(INT64_MIN, {minimum(INT64_MIN).rule}), "");
  EXPECT_EQ(broken(INT64_MIN, {minimum(INT64_MIN + 1).rule}), "minimum");
  EXPECT_EQ(broken(std::int64_t{9007199254740993}, {maximum(9007199254740992).rule}), "maximum");
}

TEST(RulesTest, NumbersAboveTheSignedRangeHaveBounds) {
  constexpr std::uint64_t kAbove = std::uint64_t{INT64_MAX} + 1;
  EXPECT_EQ(broken(UINT64_MAX, {maximum(INT64_MAX).rule}), "maximum");
  EXPECT_EQ(broken(kAbove, {maximum(INT64_MAX).rule}), "maximum");
  EXPECT_EQ(broken(kAbove, {minimum(INT64_MAX).rule}), "");
  EXPECT_EQ(broken(kAbove, {minimum(-1).rule}), "");
  EXPECT_EQ(broken(UINT64_MAX, {multiple_of(5).rule}), "");
  EXPECT_EQ(broken(UINT64_MAX, {multiple_of(2).rule}), "multiple_of");
  EXPECT_EQ(broken(kAbove, {multiple_of(2).rule}), "");
}

TEST(RulesTest, BoundsMayBeAboveTheSignedRange) {
  constexpr std::uint64_t kAbove = std::uint64_t{INT64_MAX} + 1;
  EXPECT_EQ(broken(std::uint64_t{1}, {maximum(UINT64_MAX).rule}), "");
  EXPECT_EQ(broken(UINT64_MAX, {maximum(UINT64_MAX).rule}), "");
  EXPECT_EQ(broken(UINT64_MAX, {maximum(UINT64_MAX - 1).rule}), "maximum");
  EXPECT_EQ(broken(std::uint64_t{INT64_MAX}, {minimum(kAbove).rule}), "minimum");
  EXPECT_EQ(broken(kAbove, {minimum(kAbove).rule}), "");
  EXPECT_EQ(broken(7, {minimum(kAbove).rule}), "minimum");
  EXPECT_EQ(broken(UINT64_MAX, {multiple_of(UINT64_MAX).rule}), "");
  EXPECT_EQ(detail_of(7, minimum(kAbove).rule),
            "It has to be at least 9223372036854775808. {\"min\":9223372036854775808}");
}

// As decimals they are equal, as doubles 0.1F is a little more.
TEST(RulesTest, AFloatIsHeldAgainstAFloat) {
  EXPECT_EQ(broken(0.1F, {minimum(0.1).rule, maximum(0.1).rule}), "");
  EXPECT_EQ(broken(std::nextafter(0.1F, 1.0F), {maximum(0.1).rule}), "maximum");
}

// ---- lists and maps ----

TEST(RulesTest, ItemsAreCounted) {
  using List = std::vector<int>;
  const Rule rule = items(1, 2).rule;
  EXPECT_EQ(broken(List{}, {rule}), "items");
  EXPECT_EQ(broken(List{1}, {rule}), "");
  EXPECT_EQ(broken(List{1, 2}, {rule}), "");
  EXPECT_EQ(broken(List{1, 2, 3}, {rule}), "items");
  EXPECT_EQ(broken(List(1000), {items(1).rule}), "");
}

TEST(RulesTest, EntriesOfAMapAreCounted) {
  using Map = std::map<std::string, int>;
  EXPECT_EQ(broken(Map{}, {items(1, 1).rule}), "items");
  EXPECT_EQ(broken(Map{{"a", 1}}, {items(1, 1).rule}), "");
  EXPECT_EQ(broken(Map{{"a", 1}, {"b", 1}}, {items(1, 1).rule}), "items");
}

TEST(RulesTest, UniqueItemsDiffer) {
  EXPECT_EQ(broken(std::vector<int>{}, {unique.rule}), "");
  EXPECT_EQ(broken(std::vector{1, 2, 3}, {unique.rule}), "");
  EXPECT_EQ(broken(std::vector{1, 2, 1}, {unique.rule}), "unique");
  EXPECT_EQ(broken(std::vector<std::string>{"a", "b", "ab", ""}, {unique.rule}), "");
  EXPECT_EQ(broken(std::vector<std::string>{"a", "a"}, {unique.rule}), "unique");
  EXPECT_EQ(broken(std::vector<std::optional<int>>{{}, 1, {}}, {unique.rule}), "unique");
}

TEST(RulesTest, UniqueLooksIntoItems) {
  EXPECT_EQ(broken(std::vector{Point{1, 2}, Point{2, 1}}, {unique.rule}), "");
  EXPECT_EQ(broken(std::vector{Point{1, 2}, Point{0, 0}, Point{1, 2}}, {unique.rule}), "unique");
  const Tree a{1, {Tree{2, {}, {}}}, {{"x", Tree{}}}};
  Tree b = a;
  EXPECT_EQ(broken(std::vector{a, b}, {unique.rule}), "unique");
  b.sub[0].n = 3;
  EXPECT_EQ(broken(std::vector{a, b}, {unique.rule}), "");
}

// ---- words ----

TEST(RulesTest, EachFailureSaysItsBounds) {
  EXPECT_EQ(detail_of<std::string>("", length(1, 20).rule),
            "It has to have between 1 and 20 characters. {\"min\":1,\"max\":20}");
  EXPECT_EQ(detail_of<std::string>("", length(1).rule), "It has to have at least 1 character. {\"min\":1}");
  EXPECT_EQ(detail_of<std::string>("abc", length(0, 2).rule),
            "It has to have at most 2 characters. {\"min\":0,\"max\":2}");
  EXPECT_EQ(detail_of<std::string>("abc", length(1, 1).rule),
            "It has to have exactly 1 character. {\"min\":1,\"max\":1}");
  EXPECT_EQ(detail_of(std::vector<int>{}, items(2).rule), "It has to have at least 2 items. {\"min\":2}");
  EXPECT_EQ(detail_of(7, minimum(8).rule), "It has to be at least 8. {\"min\":8}");
  EXPECT_EQ(detail_of(7.0, maximum(0.5).rule), "It has to be at most 0.5. {\"max\":0.5}");
  EXPECT_EQ(detail_of(7, multiple_of(2).rule), "It has to be a multiple of 2. {\"multiple_of\":2}");
  EXPECT_EQ(detail_of<std::string>("b", pattern("^\"a\\d").rule),
            R"(It does not have the form that is asked for. {"pattern":"^\"a\\d"})");
}

TEST(RulesTest, AllBrokenRulesAreSaid) {
  EXPECT_EQ(broken<std::string>("abc", {length(9).rule, pattern("x").rule, format("date").rule}),
            "length pattern format");
}

}  // namespace
}  // namespace weir::routing
