// SPDX-License-Identifier: MIT
// Checks of single values.
#include <weir/base/utf8.hpp>
#include <weir/routing/failures.hpp>
#include <weir/routing/formats.hpp>
#include <weir/routing/json/json_writer.hpp>
#include <weir/routing/pattern_cache.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace weir::routing {
namespace {

using base::described::Kind;
using base::described::Number;
using base::described::Rule;
using base::described::TypeTable;

// A number of any kind, as exactly as it can be.
struct Value {
  std::int64_t whole = 0;
  std::uint64_t beyond = 0;  // of an unsigned one above the signed range
  double real = 0;
  bool is_real = false;
  bool is_float = false;
};

template <class T>
Value value_of(const void* pointer) {
  const T number = *static_cast<const T*>(pointer);
  if constexpr (std::is_floating_point_v<T>) {
    return {0, 0, static_cast<double>(number), true, std::is_same_v<T, float>};
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    if (number > static_cast<std::uint64_t>(INT64_MAX))
      return {INT64_MAX, number, static_cast<double>(number), false, false};
  }
  return {static_cast<std::int64_t>(number), 0, static_cast<double>(number), false, false};
}

Value value_of(const TypeTable& type, const void* value) {
  switch (type.kind) {
    case Kind::kInt8:
      return value_of<std::int8_t>(value);
    case Kind::kInt16:
      return value_of<std::int16_t>(value);
    case Kind::kInt32:
      return value_of<std::int32_t>(value);
    case Kind::kInt64:
      return value_of<std::int64_t>(value);
    case Kind::kUint8:
      return value_of<std::uint8_t>(value);
    case Kind::kUint16:
      return value_of<std::uint16_t>(value);
    case Kind::kUint32:
      return value_of<std::uint32_t>(value);
    case Kind::kUint64:
      return value_of<std::uint64_t>(value);
    case Kind::kFloat:
      return value_of<float>(value);
    default:
      return value_of<double>(value);
  }
}

double real_of(const Number& number) {
  if (number.is_real) return number.real;
  return number.beyond != 0 ? static_cast<double>(number.beyond) : static_cast<double>(number.whole);
}

template <class T>
int compare(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// -1, 0, 1: value against bound. A float is held against what a float makes of the bound: 0.1 is not above 0.1.
int compare(const Value& value, const Number& bound) {
  if (value.is_float) return compare(value.real, static_cast<double>(static_cast<float>(real_of(bound))));
  if (value.is_real || bound.is_real) return compare(value.real, real_of(bound));
  return value.whole == bound.whole ? compare(value.beyond, bound.beyond) : compare(value.whole, bound.whole);
}

bool is_multiple(const Value& value, const Number& of) {
  if (!value.is_real && !of.is_real) {
    const std::uint64_t divisor = of.beyond != 0 ? of.beyond : static_cast<std::uint64_t>(of.whole);
    const auto whole = static_cast<std::uint64_t>(value.whole);
    const std::uint64_t magnitude = value.beyond != 0 ? value.beyond : value.whole < 0 ? 0 - whole : whole;
    return magnitude % divisor == 0;
  }
  if (!of.is_real) return std::fmod(value.real, real_of(of)) == 0;
  const double quotient = value.real / of.real;
  return std::floor(quotient) == quotient;
}

std::string text_of(const Number& number) {
  if (number.beyond != 0) return std::to_string(number.beyond);
  if (!number.is_real) return std::to_string(number.whole);
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number.real).ptr;
  return {digits.data(), end};
}

// "between 1 and 200", "at least 1", "at most 200"
std::string between(std::uint64_t min, std::uint64_t max, std::string_view unit) {
  std::string text;
  if (max == Rule::kNoBound) {
    text = "at least " + std::to_string(min);
  } else if (min == 0) {
    text = "at most " + std::to_string(max);
  } else if (min == max) {
    text = "exactly " + std::to_string(min);
  } else {
    text = "between " + std::to_string(min) + " and " + std::to_string(max);
  }
  return text.append(" ").append(unit).append((max == Rule::kNoBound ? min : max) == 1 ? "" : "s");
}

std::string count_bounds(const Rule& rule) {
  std::string bounds = "\"min\":" + std::to_string(rule.min_count);
  if (rule.max_count != Rule::kNoBound) bounds += ",\"max\":" + std::to_string(rule.max_count);
  return bounds;
}

bool has_equal_items(const base::described::ListTable& table, const void* list) {
  std::vector<std::string> items(table.size(list));
  for (std::size_t i = 0; i < items.size(); ++i) append_json(items[i], *table.item, table.at(list, i));
  std::sort(items.begin(), items.end());
  return std::adjacent_find(items.begin(), items.end()) != items.end();
}

class RuleCheck {
 public:
  RuleCheck(const TypeTable& type, const void* value, Failures& failures, Place place, Where where)
      : type_(type), value_(value), failures_(failures), place_(place), where_(where) {
    if (type.kind == Kind::kString) text_ = *static_cast<const std::string*>(value);
    if (type.kind != Kind::kText) return;
    type.text->write(value, written_);
    text_ = written_;
  }

  bool holds(const Rule& rule) {
    switch (rule.kind) {
      case Rule::Kind::kLength:
        return check_length(rule);
      case Rule::Kind::kItems:
        return check_items(rule);
      case Rule::Kind::kMinimum:
        return compare(number(), rule.number) >= 0 ||
               fail("minimum", "It has to be at least " + text_of(rule.number) + ".",
                    "\"min\":" + text_of(rule.number));
      case Rule::Kind::kMaximum:
        return compare(number(), rule.number) <= 0 ||
               fail("maximum", "It has to be at most " + text_of(rule.number) + ".", "\"max\":" + text_of(rule.number));
      case Rule::Kind::kMultipleOf:
        return is_multiple(number(), rule.number) ||
               fail("multiple_of", "It has to be a multiple of " + text_of(rule.number) + ".",
                    "\"multiple_of\":" + text_of(rule.number));
      case Rule::Kind::kPattern:
        return matches_pattern(rule.text, text_) ||
               fail("pattern", "It does not have the form that is asked for.", quoted_member("pattern", rule.text));
      case Rule::Kind::kFormat:
        return has_format(rule.text, text_) || fail("format", "It is not of the format " + std::string(rule.text) + ".",
                                                    quoted_member("format", rule.text));
      case Rule::Kind::kUnique:
        return !has_equal_items(*type_.list, value_) || fail("unique", "Two of its items are equal.", {});
      default:
        return true;
    }
  }

 private:
  Value number() const { return value_of(type_, value_); }
  static std::string quoted_member(std::string_view name, std::string_view text);
  bool fail(std::string_view rule, std::string detail, std::string bounds) {
    failures_.add({place_, where_.text(), rule, std::move(detail), std::move(bounds)});
    return false;
  }
  bool check_length(const Rule& rule) {
    // Bytes are an upper bound of characters, a quarter of them a lower one.
    if (text_.size() <= rule.max_count && text_.size() / 4 >= rule.min_count) return true;
    const std::uint64_t characters = base::count_characters(text_);
    return (characters >= rule.min_count && characters <= rule.max_count) ||
           fail("length", "It has to have " + between(rule.min_count, rule.max_count, "character") + ".",
                count_bounds(rule));
  }
  bool check_items(const Rule& rule) {
    const std::uint64_t size = type_.kind == Kind::kMap ? type_.map->size(value_) : type_.list->size(value_);
    return (size >= rule.min_count && size <= rule.max_count) ||
           fail("items", "It has to have " + between(rule.min_count, rule.max_count, "item") + ".", count_bounds(rule));
  }

  const TypeTable& type_;
  const void* value_;
  Failures& failures_;
  Place place_;
  Where where_;
  std::string written_;
  std::string_view text_;
};

std::string RuleCheck::quoted_member(std::string_view name, std::string_view text) {
  std::string member = "\"" + std::string(name) + "\":";
  const std::string copy(text);
  append_json(member, base::described::TypeTable{.kind = Kind::kString, .name = {}, .rules = {}}, &copy);
  return member;
}

template <class T>
bool is_within(const Rule& rule, const void* value, T bound) {
  const T number = *static_cast<const T*>(value);
  return rule.kind == Rule::Kind::kMinimum ? number >= bound : number <= bound;
}

// The rules that nearly every value has, without the rest that a failure needs. False: not said here.
inline bool plainly_holds(const Rule& rule, const TypeTable& type, const void* value) {
  if (rule.kind == Rule::Kind::kLength && type.kind == Kind::kString) {
    // Bytes are an upper bound of characters, a quarter of them a lower one.
    const std::size_t bytes = static_cast<const std::string*>(value)->size();
    return bytes <= rule.max_count && bytes / 4 >= rule.min_count;
  }
  if (rule.kind != Rule::Kind::kMinimum && rule.kind != Rule::Kind::kMaximum) return false;
  if (type.kind == Kind::kDouble) return is_within(rule, value, real_of(rule.number));
  if (rule.number.is_real || rule.number.beyond != 0) return false;
  if (type.kind == Kind::kInt64) return is_within(rule, value, rule.number.whole);
  return type.kind == Kind::kInt32 && rule.number.whole == static_cast<std::int32_t>(rule.number.whole) &&
         is_within(rule, value, static_cast<std::int32_t>(rule.number.whole));
}

// Apart, so that its room on the stack costs nothing where it is not needed.
[[gnu::cold, gnu::noinline]] bool check_others(std::span<const Rule> rules, const TypeTable& type, const void* value,
                                               Failures& failures, Place place, Where where) {
  RuleCheck check(type, value, failures, place, where);
  bool all_hold = true;
  for (const Rule& rule : rules) all_hold = check.holds(rule) && all_hold;
  return all_hold;
}

std::string any_of(const base::described::EnumTable& table) {
  std::string text;
  for (const auto& enumerator : table.enumerators) text.append(text.empty() ? "one of " : ", ").append(enumerator.name);
  return text;
}

}  // namespace

bool check_rules(std::span<const Rule> rules, const TypeTable& type, const void* value, Failures& failures, Place place,
                 Where where) {
  std::size_t plain = 0;
  while (plain < rules.size() && plainly_holds(rules[plain], type, value)) ++plain;
  return plain == rules.size() || check_others(rules.subspan(plain), type, value, failures, place, where);
}

std::string expected_of(const TypeTable& type) {
  switch (type.kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kFloat:
    case Kind::kDouble:
      return "a number";
    case Kind::kString:
      return "text";
    case Kind::kText:
      return type.text->expected;
    case Kind::kEnum:
      return any_of(*type.enumeration);
    case Kind::kOptional:
      return expected_of(*type.optional->inner);
    case Kind::kList:
      return "a list";
    case Kind::kMap:
    case Kind::kObject:
    case Kind::kOneOf:
      return "an object";
    case Kind::kDocument:
      return "JSON";
    default:
      return "an integer";
  }
}

}  // namespace weir::routing
