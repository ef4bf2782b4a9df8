// SPDX-License-Identifier: MIT
// Parameters of handlers that are one piece of text in the request: Path, Query, Header, Cookie.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/base/fixed_string.hpp>
#include <weir/routing/extract.hpp>
#include <weir/routing/operation.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::routing {

/// What the four of them are: a value with a name. `*id` is the value.
///
/// Ownership: a std::string_view is valid as long as the request.
template <class T>
struct ParameterValue {
  T value{};
  const T& operator*() const { return value; }
  T& operator*() { return value; }
  const T* operator->() const { return &value; }
  T* operator->() { return &value; }
};

namespace detail {

template <class T>
struct ParameterType {
  using Value = T;
  static constexpr bool kIsOptional = false;
  static constexpr bool kIsRepeated = false;
};
template <class T>
struct ParameterType<std::optional<T>> : ParameterType<T> {
  using Value = T;
  static constexpr bool kIsOptional = true;
};
template <class T>
struct ParameterType<std::vector<T>> : ParameterType<T> {
  using Value = T;
  static constexpr bool kIsRepeated = true;
};

/// Of a type that reads itself from text and does not write itself.
template <class T>
struct TextOnly {
  static constexpr base::described::TextTable kText{base::described::detail::format_of<T>(), nullptr, nullptr,
                                                    base::described::detail::expected_of<T>()};
  static constexpr base::described::TypeTable kTable{
      .kind = base::described::Kind::kText, .name = {}, .rules = {}, .text = &kText};
};

/// A parameter's type for documentation and messages; what only reads itself from text is text there.
template <class T>
constexpr const base::described::TypeTable& parameter_table() {
  using base::described::Table;
  if constexpr (std::is_same_v<T, std::string_view>) {
    return Table<std::string>::kTable;
  } else if constexpr (base::described::Describable<T>) {
    return Table<T>::kTable;
  } else {
    return TextOnly<T>::kTable;
  }
}

/// The value at `place`; false, with a failure, when there is none and it is `is_required`.
bool find_parameter(Context& context, const ParameterInfo& info, Failures& failures, std::string_view& text);
std::vector<std::string_view> find_parameters(Context& context, const ParameterInfo& info, Failures& failures);
void fail_parameter(const ParameterInfo& info, Failures& failures);

template <class T>
void read_parameter(const ParameterInfo& info, std::string_view text, Failures& failures, T& out) {
  if (!base::FromText<T>::parse(text, out)) [[unlikely]] {
    fail_parameter(info, failures);
  } else if constexpr (base::described::HasTable<T>) {
    if constexpr (!base::described::Table<T>::kTable.rules.empty()) {
      check_rules(info.type->rules, *info.type, &out, failures, info.place, Where(info.name));
    }
  }
}

template <auto... kDefault>
constexpr auto default_writer() -> void (*)(std::string&) {
  if constexpr (sizeof...(kDefault) == 0) {
    return nullptr;
  } else {
    return [](std::string& json) {
      const auto append = [&json](auto value) {
        using Value = decltype(value);
        if constexpr (std::is_same_v<Value, bool>) {
          json += value ? "true" : "false";
        } else if constexpr (std::is_enum_v<Value>) {
          for (const auto& [name, number] : base::described::Table<Value>::kNames.values) {
            if (number == static_cast<std::int64_t>(value)) json.append("\"").append(name).append("\"");
          }
        } else {
          json += std::to_string(value);
        }
      };
      (append(kDefault), ...);
    };
  }
}

/// The Extract of a parameter P of type T at a place.
template <class P, class T, Place kPlace, base::FixedString kName, auto... kDefault>
struct ExtractParameter {
  using Type = ParameterType<T>;
  using Value = typename Type::Value;
  static constexpr HandlerMistake kMistake = !base::Parsable<Value> ? HandlerMistake::kNoText
                                             : kPlace == Place::kPath && (Type::kIsOptional || Type::kIsRepeated)
                                                 ? HandlerMistake::kPathOnce
                                             : kPlace != Place::kQuery && Type::kIsRepeated ? HandlerMistake::kRepeated
                                                                                            : HandlerMistake::kNone;

  static constexpr ParameterInfo kInfo{kPlace,
                                       kName.view(),
                                       &parameter_table<Value>(),
                                       !Type::kIsOptional && !Type::kIsRepeated && sizeof...(kDefault) == 0,
                                       Type::kIsRepeated,
                                       default_writer<kDefault...>()};

  static P read(Context& context, Failures& failures) {
    P parameter;
    if constexpr (Type::kIsRepeated) {
      for (const std::string_view text : find_parameters(context, kInfo, failures)) {
        read_parameter(kInfo, text, failures, parameter.value.emplace_back());
      }
    } else {
      std::string_view text;
      if (find_parameter(context, kInfo, failures, text)) {
        if constexpr (Type::kIsOptional) {
          read_parameter(kInfo, text, failures, parameter.value.emplace());
        } else {
          read_parameter(kInfo, text, failures, parameter.value);
        }
      } else if constexpr (sizeof...(kDefault) != 0) {
        parameter.value = Value((kDefault, ...));
      }
    }
    return parameter;
  }
};

}  // namespace detail

/// `Path<"id", int>`: a parameter of the route's pattern, decoded.
template <base::FixedString kName, class T = std::string_view>
struct Path : ParameterValue<T> {};

/// `Query<"limit", int>` is required, `Query<"limit", std::optional<int>>` is not, `Query<"limit", int, 20>` is 20 when
/// it is missing, `Query<"tag", std::vector<std::string_view>>` takes all of that name.
template <base::FixedString kName, class T = std::string_view, auto... kDefault>
  requires(sizeof...(kDefault) <= 1)
struct Query : ParameterValue<T> {};

/// `Header<"If-Match">`: the value of a field, in any case; required unless it is a std::optional.
template <base::FixedString kName, class T = std::string_view>
struct Header : ParameterValue<T> {};

template <base::FixedString kName, class T = std::string_view>
struct Cookie : ParameterValue<T> {};

template <base::FixedString kName, class T>
struct Extract<Path<kName, T>> : detail::ExtractParameter<Path<kName, T>, T, Place::kPath, kName> {};
template <base::FixedString kName, class T, auto... kDefault>
struct Extract<Query<kName, T, kDefault...>>
    : detail::ExtractParameter<Query<kName, T, kDefault...>, T, Place::kQuery, kName, kDefault...> {};
template <base::FixedString kName, class T>
struct Extract<Header<kName, T>> : detail::ExtractParameter<Header<kName, T>, T, Place::kHeader, kName> {};
template <base::FixedString kName, class T>
struct Extract<Cookie<kName, T>> : detail::ExtractParameter<Cookie<kName, T>, T, Place::kCookie, kName> {};

}  // namespace weir::routing
