// SPDX-License-Identifier: MIT
// How a type says what it holds: one declaration for JSON both ways, validation and documentation.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/base/refused.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::base::described {

namespace detail {

/// What follows the last "::" of the template argument in the name of a function. Taken at compile time.
constexpr std::string_view last_name(std::string_view function, std::string_view key) {
  const std::size_t begin = function.find(key) + key.size();
  std::size_t end = begin;
  std::size_t name = begin;
  for (int depth = 0; end < function.size(); ++end) {
    const char c = function[end];
    if (depth == 0 && (c == ';' || c == ']' || c == ',')) break;
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0 && (c == ':' || c == '&' || c == ' ')) name = end + 1;
  }
  return function.substr(name, end - name);
}

template <auto kThing>
constexpr std::string_view name_of_value() {
  return last_name(__PRETTY_FUNCTION__, "kThing = ");
}
template <class Thing>
constexpr std::string_view name_of_type() {
  return last_name(__PRETTY_FUNCTION__, "Thing = ");
}

template <class M>
struct MemberPointer;
template <class C, class T>
struct MemberPointer<T C::*> {
  using Class = C;
  using Type = T;
};

/// Whether T is C, or a template of one that does.
template <class T, class C>
struct Holds : std::is_same<T, C> {};
template <template <class...> class Template, class... Arguments, class C>
struct Holds<Template<Arguments...>, C> : std::bool_constant<(Holds<Arguments, C>::value || ...)> {};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

}  // namespace detail

template <class T>
struct Table;

/// A type that a table can be made of: numbers, bool, text, what FromText reads and writes, described types and enums,
/// and optionals, vectors, arrays, maps and OneOf of these.
template <class T>
concept HasTable = requires {
  { Table<T>::kTable } -> std::convertible_to<const TypeTable&>;
};

namespace detail {

/// What a container holds; the type itself where it is none.
template <class T>
struct Innermost {
  using Type = T;
};
template <class T>
struct Innermost<std::optional<T>> : Innermost<T> {};
template <class T>
struct Innermost<std::vector<T>> : Innermost<T> {};
template <class T, std::size_t kSize>
struct Innermost<std::array<T, kSize>> : Innermost<T> {};
template <class T, class... More>
struct Innermost<std::map<std::string, T, More...>> : Innermost<T> {};
template <class T, class... More>
struct Innermost<std::unordered_map<std::string, T, More...>> : Innermost<T> {};

}  // namespace detail

/// HasTable, and what it holds has one too.
template <class T>
concept Describable = HasTable<typename detail::Innermost<T>::Type> && HasTable<T>;

template <class T>
constexpr Shape shape_of();

/// A member with its rules.
template <auto kMember, std::size_t kRules>
struct FieldSpec {
  static constexpr bool kIsField = true;
  using Class = typename detail::MemberPointer<decltype(kMember)>::Class;
  using Type = typename detail::MemberPointer<decltype(kMember)>::Type;

  std::array<Rule, kRules> rules{};

  static void* get(void* object) { return &(static_cast<Class*>(object)->*kMember); }
  constexpr FieldTable table() const {
    FieldTable out{detail::name_of_value<kMember>(), {}, &Table<Type>::kTable, &get, rules,
                   !detail::IsOptional<Type>::value};
    for (const Rule& rule : rules) {
      if (rule.kind == Rule::Kind::kName) out.name = rule.text;
      if (rule.kind == Rule::Kind::kDefaulted) out.is_required = false;
    }
    out.front = NameFront(out.name);
    return out;
  }
};

/// A condition on the whole object.
template <auto kHolds>
struct CheckSpec {
  static constexpr bool kIsField = false;
  std::string_view text;
};

template <class... Items>
struct Fields : Items... {};

namespace detail {

template <class T>
constexpr std::size_t kRulesIn = 1;
template <>
inline constexpr std::size_t kRulesIn<RangeRule> = 2;

enum class FieldMistake : unsigned char { kNone, kType, kRule };

template <auto kMember, class... Rules>
constexpr FieldMistake field_mistake() {
  using Type = typename MemberPointer<decltype(kMember)>::Type;
  // A type that holds itself is not known before `field` has returned.
  if constexpr (!Holds<Type, typename MemberPointer<decltype(kMember)>::Class>::value) {
    if constexpr (!Describable<Type>) {
      return FieldMistake::kType;
    } else if constexpr (sizeof...(Rules) > 0) {
      if (!(Rules::fits(shape_of<Type>()) && ...)) return FieldMistake::kRule;
    }
  }
  return FieldMistake::kNone;
}

}  // namespace detail

/// `weir::field<&Report::title>(weir::length(1, 200))`: a member, by its own name. Required, unless it is a
/// std::optional or has the rule `defaulted`.
template <auto kMember, class... Rules>
  requires(detail::field_mistake<kMember, Rules...>() == detail::FieldMistake::kNone)
constexpr auto field(Rules... rules) {
  FieldSpec<kMember, (std::size_t{0} + ... + detail::kRulesIn<Rules>)> spec;
  std::size_t at = 0;
  const auto add = [&](const auto& rule) {
    if constexpr (std::same_as<std::remove_cvref_t<decltype(rule)>, RangeRule>) {
      spec.rules[at++] = rule.minimum;
      spec.rules[at++] = rule.maximum;
    } else {
      spec.rules[at++] = rule.rule;
    }
  };
  (add(rules), ...);
  static_cast<void>(add);
  static_cast<void>(at);
  return spec;
}

template <auto kMember, class... Rules>
  requires(detail::field_mistake<kMember, Rules...>() == detail::FieldMistake::kType)
WEIR_REFUSED(
    "weir: this member's type cannot be described: it is none of numbers, bool, std::string, types with a "
    "weir::FromText that also writes, described types and enums, nor a std::optional, std::vector, "
    "std::array, std::map<std::string, T> or weir::OneOf of these") constexpr FieldSpec<kMember, 0> field(Rules...) {
  return {};
}
template <auto kMember, class... Rules>
  requires(detail::field_mistake<kMember, Rules...>() == detail::FieldMistake::kRule)
WEIR_REFUSED(
    "weir: this rule does not fit the member's type: length, pattern and format are for text, range, minimum, maximum "
    "and multiple_of for numbers, items for lists and maps, unique for lists") constexpr FieldSpec<kMember,
                                                                                                   0> field(Rules...) {
  return {};
}

/// `weir::check<[](const Stay& stay) { return stay.from < stay.to; }>("from is before to")`: holds for the whole
/// object.
template <auto kHolds>
constexpr CheckSpec<kHolds> check(std::string_view text) {
  return {text};
}

/// What `describe` returns for a type with members.
template <class... Items>
constexpr Fields<Items...> fields(Items... items) {
  return {items...};
}

template <std::size_t kCount>
struct Enumerators {
  std::array<Enumerator, kCount> values;
};

/// `weir::enumerator<Color::kRed>("red")`
template <auto kValue>
  requires std::is_enum_v<decltype(kValue)>
constexpr Enumerator enumerator(std::string_view name) {
  return {name, static_cast<std::int64_t>(kValue)};
}
/// What `describe` returns for an enum.
template <class... E>
constexpr Enumerators<sizeof...(E)> enumerators(E... all) {
  return {{all...}};
}

namespace detail {

template <class T>
concept DescribedOutside = requires { describe(static_cast<const T*>(nullptr)); };
template <class T>
concept DescribedInside = requires { T::describe(); };

template <class T>
constexpr auto description_of() {
  if constexpr (DescribedInside<T>) {
    return T::describe();
  } else {
    return describe(static_cast<const T*>(nullptr));
  }
}

}  // namespace detail

template <class T>
concept DescribedObject = std::is_class_v<T> && (detail::DescribedInside<T> || detail::DescribedOutside<T>);
template <class T>
concept DescribedEnum = std::is_enum_v<T> && detail::DescribedOutside<T>;

}  // namespace weir::base::described

// clang-format off
#define WEIR_DETAIL_PARENS ()
#define WEIR_DETAIL_EXPAND(...) WEIR_DETAIL_EXPAND3(WEIR_DETAIL_EXPAND3(WEIR_DETAIL_EXPAND3(WEIR_DETAIL_EXPAND3(__VA_ARGS__))))
#define WEIR_DETAIL_EXPAND3(...) WEIR_DETAIL_EXPAND2(WEIR_DETAIL_EXPAND2(WEIR_DETAIL_EXPAND2(WEIR_DETAIL_EXPAND2(__VA_ARGS__))))
#define WEIR_DETAIL_EXPAND2(...) WEIR_DETAIL_EXPAND1(WEIR_DETAIL_EXPAND1(WEIR_DETAIL_EXPAND1(WEIR_DETAIL_EXPAND1(__VA_ARGS__))))
#define WEIR_DETAIL_EXPAND1(...) __VA_ARGS__
#define WEIR_DETAIL_FIELDS(type, member, ...) \
  ::weir::base::described::field<&type::member>() __VA_OPT__(, WEIR_DETAIL_AGAIN WEIR_DETAIL_PARENS (type, __VA_ARGS__))
#define WEIR_DETAIL_AGAIN() WEIR_DETAIL_FIELDS
// clang-format on

/// `WEIR_DESCRIBE(Report, title, pages)` beside the type, in its namespace: its members, without rules.
#define WEIR_DESCRIBE(type, ...)                                                                       \
  [[maybe_unused]] constexpr auto describe(const type*) {                                              \
    return ::weir::base::described::fields(WEIR_DETAIL_EXPAND(WEIR_DETAIL_FIELDS(type, __VA_ARGS__))); \
  }                                                                                                    \
  static_assert(true)
