// SPDX-License-Identifier: MIT
// JSON written at once, without a document in between: weir::object and weir::array.
#pragma once

#include <weir/base/small_text.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace weir::http {

/// A finished JSON value as text. Up to 120 bytes live inside the object.
class JsonText {
 public:
  std::string_view view() const { return text_.view(); }

 private:
  friend class JsonWriter;
  base::SmallText<120> text_;
};

/// Anything that object and array take: text, numbers, booleans, nullptr, and what they return.
///
/// Ownership: borrows text and nested values until the call returns.
class JsonValue {
 public:
  JsonValue(std::nullptr_t) : value_(nullptr) {}                                // NOLINT: converts on purpose
  JsonValue(std::string_view text) : value_(text) {}                            // NOLINT
  JsonValue(const char* text) : value_(std::string_view(text)) {}               // NOLINT
  JsonValue(const std::string& text) : value_(std::string_view(text)) {}        // NOLINT
  JsonValue(std::same_as<bool> auto flag) : value_(static_cast<bool>(flag)) {}  // NOLINT
  JsonValue(std::signed_integral auto number)                                   // NOLINT
    requires(!std::same_as<decltype(number), char>)
      : value_(static_cast<std::int64_t>(number)) {}
  JsonValue(std::unsigned_integral auto number)  // NOLINT
    requires(!std::same_as<decltype(number), bool>)
      : value_(static_cast<std::uint64_t>(number)) {}
  JsonValue(std::floating_point auto number) : value_(static_cast<double>(number)) {}  // NOLINT
  JsonValue(const JsonText& nested) : value_(&nested) {}                               // NOLINT

 private:
  friend class JsonWriter;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string_view, const JsonText*> value_;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

/// `object({{"id", 7}, {"tags", array({"a", "b"})}})`. Invalid UTF-8 becomes U+FFFD, a number that JSON cannot write
/// (NaN, infinity) becomes null.
JsonText object(std::initializer_list<JsonMember> members);
JsonText array(std::initializer_list<JsonValue> values);

}  // namespace weir::http
