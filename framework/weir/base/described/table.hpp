// SPDX-License-Identifier: MIT
// The tables of C++ types, made at compile time.
#pragma once

#include <weir/base/described/describe.hpp>
#include <weir/base/from_text.hpp>

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

namespace weir::base {

/// `Bounded<int, 1, 100>`: a number that is only taken within these bounds, where a described member would have a rule.
template <class T, auto kMin, auto kMax>
  requires std::is_arithmetic_v<T>
struct Bounded {
  T value{};
  constexpr operator T() const { return value; }  // NOLINT: is a number
};

template <class T, auto kMin, auto kMax>
struct FromText<Bounded<T, kMin, kMax>> {
  static bool parse(std::string_view text, Bounded<T, kMin, kMax>& out) { return FromText<T>::parse(text, out.value); }
};

template <FixedString kTag, class T>
struct Tagged {
  using Type = T;
  static constexpr std::string_view kName = kTag.view();
};

/// One of several described types, told apart by a member of the JSON object:
/// `OneOf<"kind", Tagged<"cat", Cat>, Tagged<"dog", Dog>>` reads {"kind":"cat",...} as a Cat. The alternatives do not
/// describe that member.
template <FixedString kDiscriminator, class... Tags>
struct OneOf {
  std::variant<typename Tags::Type...> value;
};

}  // namespace weir::base

namespace weir::base::described {

namespace detail {

template <class T>
constexpr Kind number_kind() {
  if constexpr (std::same_as<T, bool>) return Kind::kBool;
  if constexpr (std::same_as<T, float>) return Kind::kFloat;
  if constexpr (std::floating_point<T>) return Kind::kDouble;
  constexpr std::array<Kind, 8> kKinds{Kind::kInt8,  Kind::kInt16,  Kind::kInt32,  Kind::kInt64,
                                       Kind::kUint8, Kind::kUint16, Kind::kUint32, Kind::kUint64};
  const std::size_t width = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return kKinds[(std::is_unsigned_v<T> ? 4 : 0) + width];
}

template <class T>
concept JsonNumber = WholeNumber<T> || std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, bool>;

template <class T>
concept WritesText = Parsable<T> && requires(const T& value, std::string& out) { FromText<T>::write(value, out); };

template <class T>
constexpr const char* expected_of() {
  if constexpr (requires { FromText<T>::kExpected; }) {
    return FromText<T>::kExpected;
  } else {
    return "a valid value";
  }
}
template <class T>
constexpr std::string_view format_of() {
  if constexpr (requires { FromText<T>::kFormat; }) {
    return FromText<T>::kFormat;
  } else {
    return "";
  }
}

template <class T, class Description>
struct ObjectTables;

template <class T, class... Items>
struct ObjectTables<T, Fields<Items...>> {
  static constexpr Fields<Items...> kDescription = description_of<T>();
  static constexpr std::size_t kFieldCount = (std::size_t{0} + ... + (Items::kIsField ? 1 : 0));
  static_assert(kFieldCount <= 256, "weir: a described type has at most 256 members");

  template <auto kHolds>
  static constexpr CheckTable check_table(const CheckSpec<kHolds>& spec) {
    return {spec.text, [](const void* object) -> bool { return kHolds(*static_cast<const T*>(object)); }};
  }
  static constexpr auto kFields = [] {
    std::array<FieldTable, kFieldCount> out{};
    std::size_t at = 0;
    const auto add = [&]<class Item>(const Item& item) {
      if constexpr (Item::kIsField) out[at++] = item.table();
    };
    (add(static_cast<const Items&>(kDescription)), ...);
    static_cast<void>(at);
    static_cast<void>(add);
    return out;
  }();
  static constexpr auto kChecks = [] {
    std::array<CheckTable, sizeof...(Items) - kFieldCount> out{};
    std::size_t at = 0;
    const auto add = [&]<class Item>(const Item& item) {
      if constexpr (!Item::kIsField) out[at++] = check_table(item);
    };
    (add(static_cast<const Items&>(kDescription)), ...);
    static_cast<void>(at);
    static_cast<void>(add);
    return out;
  }();

  static void with_new(void* context, void (*then)(void*, const void*)) {
    const T object{};
    then(context, &object);
  }
  static constexpr ObjectTable kObject{kFields, kChecks, &with_new};
};

template <class Map>
struct MapTables {
  using Value = typename Map::mapped_type;
  static void clear(void* map) { static_cast<Map*>(map)->clear(); }
  static void* insert(void* map, std::string_view key) {
    const auto [at, is_new] = static_cast<Map*>(map)->try_emplace(std::string(key));
    return is_new ? &at->second : nullptr;
  }
  static std::size_t size(const void* map) { return static_cast<const Map*>(map)->size(); }
  static void each(const void* map, void* context, void (*then)(void*, std::string_view, const void*)) {
    for (const auto& [key, value] : *static_cast<const Map*>(map)) then(context, key, &value);
  }
  static constexpr MapTable kMap{&Table<Value>::kTable, &clear, &insert, &size, &each};
};

}  // namespace detail

template <detail::JsonNumber T>
struct Table<T> {
  static constexpr TypeTable kTable{.kind = detail::number_kind<T>(), .name = {}, .rules = {}};
};

template <class T, auto kMin, auto kMax>
struct Table<Bounded<T, kMin, kMax>> {
  static_assert(sizeof(Bounded<T, kMin, kMax>) == sizeof(T));
  static constexpr std::array<Rule, 2> kRules{minimum(kMin).rule, maximum(kMax).rule};
  static constexpr TypeTable kTable{.kind = detail::number_kind<T>(), .name = {}, .rules = kRules};
};

template <>
struct Table<std::string> {
  static constexpr TypeTable kTable{.kind = Kind::kString, .name = {}, .rules = {}};
};

/// Of a type that FromText reads and writes. (A view cannot be read from JSON: what it points to is gone.)
template <detail::WritesText T>
  requires(!DescribedObject<T>)
struct Table<T> {
  static bool parse(std::string_view text, void* target) { return FromText<T>::parse(text, *static_cast<T*>(target)); }
  static void write(const void* value, std::string& out) { FromText<T>::write(*static_cast<const T*>(value), out); }
  static constexpr TextTable kText{detail::format_of<T>(), &parse, &write, detail::expected_of<T>()};
  static constexpr TypeTable kTable{.kind = Kind::kText, .name = {}, .rules = {}, .text = &kText};
};

template <DescribedEnum E>
struct Table<E> {
  static constexpr auto kNames = detail::description_of<E>();
  static void set(void* target, std::int64_t value) { *static_cast<E*>(target) = static_cast<E>(value); }
  static std::int64_t get(const void* value) { return static_cast<std::int64_t>(*static_cast<const E*>(value)); }
  static constexpr EnumTable kEnum{kNames.values, &set, &get};
  static constexpr TypeTable kTable{
      .kind = Kind::kEnum, .name = detail::name_of_type<E>(), .rules = {}, .enumeration = &kEnum};
};

template <DescribedObject T>
struct Table<T> {
  using Tables = detail::ObjectTables<T, decltype(detail::description_of<T>())>;
  static constexpr TypeTable kTable{
      .kind = Kind::kObject, .name = detail::name_of_type<T>(), .rules = {}, .object = &Tables::kObject};
};

template <class T>
struct Table<std::optional<T>> {
  using Optional = std::optional<T>;
  static void reset(void* optional) { static_cast<Optional*>(optional)->reset(); }
  static void* emplace(void* optional) { return &static_cast<Optional*>(optional)->emplace(); }
  static const void* get(const void* optional) {
    const auto& typed = *static_cast<const Optional*>(optional);
    return typed ? &*typed : nullptr;
  }
  static constexpr OptionalTable kOptional{&Table<T>::kTable, &reset, &emplace, &get};
  static constexpr TypeTable kTable{.kind = Kind::kOptional, .name = {}, .rules = {}, .optional = &kOptional};
};

template <class T>
  requires(!std::same_as<T, bool>)
struct Table<std::vector<T>> {
  using List = std::vector<T>;
  static void clear(void* list) { static_cast<List*>(list)->clear(); }
  static void* append(void* list, std::size_t) { return &static_cast<List*>(list)->emplace_back(); }
  static std::size_t size(const void* list) { return static_cast<const List*>(list)->size(); }
  static const void* at(const void* list, std::size_t index) { return &(*static_cast<const List*>(list))[index]; }
  static constexpr ListTable kList{&Table<T>::kTable, 0, &clear, &append, &size, &at};
  static constexpr TypeTable kTable{.kind = Kind::kList, .name = {}, .rules = {}, .list = &kList};
};

template <class T, std::size_t kSize>
struct Table<std::array<T, kSize>> {
  using List = std::array<T, kSize>;
  static void clear(void*) {}
  static void* append(void* list, std::size_t index) {
    return index < kSize ? &(*static_cast<List*>(list))[index] : nullptr;
  }
  static std::size_t size(const void*) { return kSize; }
  static const void* at(const void* list, std::size_t index) { return &(*static_cast<const List*>(list))[index]; }
  static constexpr ListTable kList{&Table<T>::kTable, kSize, &clear, &append, &size, &at};
  static constexpr TypeTable kTable{.kind = Kind::kList, .name = {}, .rules = {}, .list = &kList};
};

template <class T, class Less, class Allocator>
struct Table<std::map<std::string, T, Less, Allocator>> {
  static constexpr TypeTable kTable{.kind = Kind::kMap,
                                    .name = {},
                                    .rules = {},
                                    .map = &detail::MapTables<std::map<std::string, T, Less, Allocator>>::kMap};
};
template <class T, class Hash, class Equal, class Allocator>
struct Table<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {
  static constexpr TypeTable kTable{
      .kind = Kind::kMap,
      .name = {},
      .rules = {},
      .map = &detail::MapTables<std::unordered_map<std::string, T, Hash, Equal, Allocator>>::kMap};
};

template <FixedString kDiscriminator, class... Tags>
struct Table<OneOf<kDiscriminator, Tags...>> {
  using Type = OneOf<kDiscriminator, Tags...>;
  static_assert((DescribedObject<typename Tags::Type> && ...), "weir: the alternatives of OneOf are described types");
  static constexpr std::array<Alternative, sizeof...(Tags)> kAlternatives{
      Alternative{Tags::kName, &Table<typename Tags::Type>::kTable}...};
  template <std::size_t kIndex>
  static void* emplace_one(void* target) {
    return &static_cast<Type*>(target)->value.template emplace<kIndex>();
  }
  static void* emplace(void* target, std::size_t index) {
    constexpr auto kAll = []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      return std::array<void* (*)(void*), sizeof...(Tags)>{&emplace_one<kIndex>...};
    }(std::make_index_sequence<sizeof...(Tags)>());
    return kAll[index](target);
  }
  static std::size_t index(const void* value) { return static_cast<const Type*>(value)->value.index(); }
  static const void* get(const void* value) {
    return std::visit([](const auto& typed) -> const void* { return &typed; }, static_cast<const Type*>(value)->value);
  }
  static constexpr OneOfTable kOneOf{kDiscriminator.view(), kAlternatives, &emplace, &index, &get};
  static constexpr TypeTable kTable{.kind = Kind::kOneOf, .name = {}, .rules = {}, .one_of = &kOneOf};
};

template <class T>
constexpr Shape shape_of() {
  switch (Table<T>::kTable.kind) {
    case Kind::kBool:
      return Shape::kBool;
    case Kind::kString:
    case Kind::kText:
      return Shape::kText;
    case Kind::kList:
      return Shape::kList;
    case Kind::kMap:
      return Shape::kMap;
    case Kind::kOptional:
      if constexpr (detail::IsOptional<T>::value) {
        return shape_of<typename T::value_type>();
      } else {
        return Shape::kOther;
      }
    case Kind::kEnum:
    case Kind::kObject:
    case Kind::kOneOf:
    case Kind::kDocument:
      return Shape::kOther;
    default:
      return Shape::kNumber;
  }
}

}  // namespace weir::base::described

namespace weir::base {

/// By the names that `describe` gives its values.
template <described::DescribedEnum E>
struct FromText<E> {
  static bool parse(std::string_view text, E& out) {
    for (const auto& [name, value] : described::Table<E>::kNames.values) {
      if (name != text) continue;
      out = static_cast<E>(value);
      return true;
    }
    return false;
  }
};

}  // namespace weir::base
