// SPDX-License-Identifier: MIT
// What is said of a described value beside its type: constraints, and words for its documentation.
#pragma once

#include <weir/base/fixed_string.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::base::described {

/// A bound of a number: a whole one is compared exactly with every integer, a real one as double.
struct Number {
  constexpr Number() = default;
  constexpr Number(std::integral auto value) : whole(static_cast<std::int64_t>(value)) {  // NOLINT: converts
    if (!std::in_range<std::int64_t>(value)) {
      whole = std::numeric_limits<std::int64_t>::max();
      beyond = static_cast<std::uint64_t>(value);
    }
  }
  constexpr Number(std::floating_point auto value) : real(value), is_real(true) {}  // NOLINT: converts

  constexpr bool is_positive() const { return is_real ? real > 0 : whole > 0; }

  std::int64_t whole = 0;
  std::uint64_t beyond = 0;  ///< Of a whole one above the signed range; else 0.
  double real = 0;
  bool is_real = false;
};

/// One of them, in the form that the engines read. Which members count depends on `kind`.
struct Rule {
  enum class Kind : unsigned char {
    kLength,      ///< Of text, in characters (code points): min_count to max_count.
    kItems,       ///< Of a list or map: min_count to max_count.
    kMinimum,     ///< number
    kMaximum,     ///< number
    kMultipleOf,  ///< number, above 0
    kPattern,     ///< text: a regular expression that the text must contain a match of.
    kFormat,      ///< text: the name of a format of JSON Schema.
    kUnique,      ///< No two equal items.
    kDefaulted,   ///< May be missing: the member keeps its initial value.
    kName,        ///< text: its name outside.
    kSummary,     ///< text, for people
    kExample,     ///< text: JSON
    kDeprecated,
  };
  static constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

  Kind kind = Kind::kSummary;
  std::uint64_t min_count = 0;
  std::uint64_t max_count = kNoBound;
  Number number;
  std::string_view text;
};

enum class Shape : unsigned char { kBool, kNumber, kText, kList, kMap, kOther };

/// A rule that fits any type of one of these shapes.
template <Shape... kShapes>
struct ShapedRule {
  Rule rule;
  static constexpr bool fits(Shape shape) { return ((shape == kShapes) || ...); }
};
/// A rule that fits any type.
struct AnyRule {
  Rule rule;
  static constexpr bool fits(Shape) { return true; }
};

namespace detail {

// Not constexpr: what calls one of these at compile time does not compile, and the error names it.
inline void a_minimum_is_above_its_maximum() {}
inline void multiple_of_needs_a_number_above_zero() {}
inline void a_name_has_neither_quotes_nor_backslashes_nor_controls() {}

}  // namespace detail

// ---- what users write ----

/// Between `min` and `max` characters.
consteval ShapedRule<Shape::kText> length(std::uint64_t min, std::uint64_t max = Rule::kNoBound) {
  if (min > max) detail::a_minimum_is_above_its_maximum();
  return {{.kind = Rule::Kind::kLength, .min_count = min, .max_count = max, .number = {}, .text = {}}};
}
/// Between `min` and `max` items of a list, or entries of a map.
consteval ShapedRule<Shape::kList, Shape::kMap> items(std::uint64_t min, std::uint64_t max = Rule::kNoBound) {
  if (min > max) detail::a_minimum_is_above_its_maximum();
  return {{.kind = Rule::Kind::kItems, .min_count = min, .max_count = max, .number = {}, .text = {}}};
}
constexpr ShapedRule<Shape::kNumber> minimum(Number number) {
  return {{.kind = Rule::Kind::kMinimum, .min_count = 0, .max_count = 0, .number = number, .text = {}}};
}
constexpr ShapedRule<Shape::kNumber> maximum(Number number) {
  return {{.kind = Rule::Kind::kMaximum, .min_count = 0, .max_count = 0, .number = number, .text = {}}};
}
/// Reals are divided as doubles: 19.99 is no multiple of 0.01. Of a whole number, the rest is exact.
consteval ShapedRule<Shape::kNumber> multiple_of(Number number) {
  if (!number.is_positive()) detail::multiple_of_needs_a_number_above_zero();
  return {{.kind = Rule::Kind::kMultipleOf, .min_count = 0, .max_count = 0, .number = number, .text = {}}};
}
/// Matches `expression` (RE2 syntax, linear time) somewhere; anchor it with ^ and $ to match all of it.
constexpr ShapedRule<Shape::kText> pattern(std::string_view expression) {
  return {{.kind = Rule::Kind::kPattern, .min_count = 0, .max_count = 0, .number = {}, .text = expression}};
}
/// No two items are equal.
inline constexpr ShapedRule<Shape::kList> unique{
    {.kind = Rule::Kind::kUnique, .min_count = 0, .max_count = 0, .number = {}, .text = {}}};
/// "email", "uri", "hostname", "ipv4", "ipv6", "uuid", "date", "date-time".
constexpr ShapedRule<Shape::kText> format(std::string_view name) {
  return {{.kind = Rule::Kind::kFormat, .min_count = 0, .max_count = 0, .number = {}, .text = name}};
}
/// May be missing; then the member keeps the value that a new object gives it.
inline constexpr AnyRule defaulted{
    {.kind = Rule::Kind::kDefaulted, .min_count = 0, .max_count = 0, .number = {}, .text = {}}};
/// What the member is called outside, where that is not its name in C++.
consteval AnyRule named(std::string_view name) {
  for (const char c : name) {
    const bool is_plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    if (!is_plain) detail::a_name_has_neither_quotes_nor_backslashes_nor_controls();
  }
  return {{.kind = Rule::Kind::kName, .min_count = 0, .max_count = 0, .number = {}, .text = name}};
}
/// A sentence for the documentation.
constexpr AnyRule summary(std::string_view text) {
  return {{.kind = Rule::Kind::kSummary, .min_count = 0, .max_count = 0, .number = {}, .text = text}};
}
/// An example for the documentation, as JSON: "\"blue\"".
constexpr AnyRule example(std::string_view json) {
  return {{.kind = Rule::Kind::kExample, .min_count = 0, .max_count = 0, .number = {}, .text = json}};
}
inline constexpr AnyRule deprecated{
    {.kind = Rule::Kind::kDeprecated, .min_count = 0, .max_count = 0, .number = {}, .text = {}}};

/// Both bounds of a number.
struct RangeRule {
  Rule minimum;
  Rule maximum;
  static constexpr bool fits(Shape shape) { return shape == Shape::kNumber; }
};
constexpr RangeRule range(Number min, Number max) {
  return {minimum(min).rule, maximum(max).rule};
}

}  // namespace weir::base::described
