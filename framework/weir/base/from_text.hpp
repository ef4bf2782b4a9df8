// SPDX-License-Identifier: MIT
// Values that are written as one piece of text: in a path, a query, a field, a JSON string.
#pragma once

#include <weir/base/time_text.hpp>
#include <weir/base/uuid.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <string>
#include <string_view>
#include <system_error>

namespace weir::base {

/// How a value is read from text. Specialise it for a type of your own:
///
///     template <>
///     struct weir::FromText<Isbn> {
///       static bool parse(std::string_view text, Isbn& out);        // false: it is none
///       static void write(const Isbn& value, std::string& out);     // only where it stands in JSON
///       static constexpr const char* kExpected = "an ISBN";         // for whoever got it wrong
///       static constexpr std::string_view kFormat = "isbn";         // optional, for the schema
///     };
template <class T>
struct FromText;

template <class T>
concept Parsable = std::default_initializable<T> && requires(std::string_view text, T& out) {
  { FromText<T>::parse(text, out) } -> std::same_as<bool>;
};

template <class T>
concept WholeNumber =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// All of the text, without a plus sign or white space; overflow is a failure.
template <WholeNumber T>
struct FromText<T> {
  static bool parse(std::string_view text, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  }
};

/// As above; neither "nan" nor "inf".
template <std::floating_point T>
struct FromText<T> {
  static bool parse(std::string_view text, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(out);
  }
};

template <>
struct FromText<bool> {
  static bool parse(std::string_view text, bool& out) {
    out = text == "true";
    return out || text == "false";
  }
};

/// Borrowed: valid as long as what it was read from.
template <>
struct FromText<std::string_view> {
  static bool parse(std::string_view text, std::string_view& out) {
    out = text;
    return true;
  }
};

template <>
struct FromText<std::string> {
  static bool parse(std::string_view text, std::string& out) {
    out = text;
    return true;
  }
};

template <>
struct FromText<Uuid> {
  static bool parse(std::string_view text, Uuid& out) { return Uuid::parse(text, out); }
  static void write(const Uuid& value, std::string& out) { out += value.to_string(); }
  static constexpr const char* kExpected = "a UUID";
  static constexpr std::string_view kFormat = "uuid";
};

/// RFC 3339: "2026-11-24T12:00:00Z". What is finer than the type is cut off.
template <class Duration>
struct FromText<std::chrono::sys_time<Duration>> {
  using Time = std::chrono::sys_time<Duration>;
  using Nanoseconds = std::chrono::sys_time<std::chrono::nanoseconds>;
  static constexpr Time kEarliest = std::chrono::ceil<Duration>(Nanoseconds::min());
  static constexpr Time kLatest = std::chrono::floor<Duration>(Nanoseconds::max());

  static bool parse(std::string_view text, Time& out) {
    Nanoseconds time;
    if (!parse_time(text, time)) return false;
    const Time floored = std::chrono::floor<Duration>(time);
    if (floored < kEarliest) return false;  // cut off beyond what can be written again
    out = floored;
    return true;
  }
  /// A time beyond the years 1677 to 2262 is written as the nearest one within.
  static void write(const Time& value, std::string& out) {
    append_time(out, value < kEarliest ? Nanoseconds::min()
                     : value > kLatest ? Nanoseconds::max()
                                       : Nanoseconds(value));
  }
  static constexpr const char* kExpected = "a time as in 2026-11-24T12:00:00Z";
  static constexpr std::string_view kFormat = "date-time";
};

/// ISO 8601: "PT1M30S". What is finer than the type is refused.
template <class Rep, class Period>
struct FromText<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static bool parse(std::string_view text, Duration& out) {
    std::chrono::nanoseconds duration;
    if (!parse_duration(text, duration)) return false;
    const auto rounded = std::chrono::duration_cast<Duration>(duration);
    if (std::chrono::duration_cast<std::chrono::nanoseconds>(rounded) != duration) return false;
    out = rounded;
    return true;
  }
  /// A duration beyond 292 years is written as that.
  static void write(const Duration& value, std::string& out) {
    constexpr auto kMax = std::chrono::nanoseconds::max();
    const std::chrono::duration<long double, std::nano> exact = value;
    const bool is_beyond = exact > kMax || exact < -kMax;
    append_duration(out, !is_beyond     ? std::chrono::duration_cast<std::chrono::nanoseconds>(value)
                         : exact > kMax ? kMax
                                        : -kMax);
  }
  static constexpr const char* kExpected = "a duration as in PT1M30S";
  static constexpr std::string_view kFormat = "duration";
};

}  // namespace weir::base
