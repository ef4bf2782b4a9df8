// SPDX-License-Identifier: MIT
// The values that go into a statement and come out of it.
#pragma once

#include <weir/db/database_error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weir::db {

using Blob = std::vector<std::byte>;
/// Null, an integer, a real, text (UTF-8), or bytes: the five storage classes.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

/// What is bound to a statement's parameter: a Value that borrows its text and bytes for the call.
using BoundValue = std::variant<std::monostate, std::int64_t, double, std::string_view, std::span<const std::byte>>;

inline BoundValue bound(std::nullptr_t) {
  return {};
}
/// Errors: DatabaseError (kStatement): an unsigned number beyond what an integer of SQLite holds.
template <std::integral T>
BoundValue bound(T number) {
  if (!std::in_range<std::int64_t>(std::int64_t{0} + number)) {
    throw DatabaseError(ErrorKind::kStatement, "a number is too large for the database");
  }
  return static_cast<std::int64_t>(number);
}
inline BoundValue bound(double number) {
  return number;
}
inline BoundValue bound(std::string_view text) {
  return text;
}
inline BoundValue bound(std::span<const std::byte> bytes) {
  return bytes;
}
template <std::same_as<Value> V>  // and nothing that converts to one
BoundValue bound(const V& value) {
  return std::visit([](const auto& held) -> BoundValue { return {held}; }, value);
}
template <class T>
BoundValue bound(const std::optional<T>& value) {
  return value.has_value() ? bound(*value) : BoundValue();
}

/// A parameter that outlives the call.
template <class T>
Value owned(T&& value) {
  if constexpr (std::same_as<std::remove_cvref_t<T>, std::nullptr_t>) {
    return {};
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    return std::string(std::forward<T>(value));
  } else {
    return std::visit(
        []<class Held>(const Held& held) -> Value {
          if constexpr (std::same_as<Held, std::string_view>)
            return std::string(held);
          else if constexpr (std::same_as<Held, std::span<const std::byte>>)
            return Blob(held.begin(), held.end());
          else
            return held;
        },
        bound(std::forward<T>(value)));
  }
}

}  // namespace weir::db
