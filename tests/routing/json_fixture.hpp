// SPDX-License-Identifier: MIT
// Described types, and what comes of reading and writing them.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/routing/json/json_reader.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

using base::described::defaulted;
using base::described::enumerator;
using base::described::enumerators;
using base::described::field;
using base::described::fields;
using base::described::Table;
using base::described::TypeTable;

/// "required /a, type /b/0"; of broken syntax "syntax @7", with the byte. "" for none.
inline std::string summary_of(const Failures& failures) {
  std::string text;
  for (const Failure& failure : failures.kept()) {
    text.append(text.empty() ? "" : ", ").append(failure.rule).append(" ");
    const bool is_syntax = failure.rule == "syntax";
    EXPECT_EQ(failure.status, is_syntax ? 400 : 422);
    text.append(is_syntax ? "@" + failure.bounds.substr(failure.bounds.find(':') + 1) : failure.where);
  }
  return text;
}

template <class T>
struct Reading {
  T value{};
  Failures failures;
};

template <class T>
Reading<T> read(std::string_view text) {
  Reading<T> reading;
  const bool is_read = read_json(text, Table<T>::kTable, &reading.value, reading.failures);
  EXPECT_EQ(is_read, reading.failures.empty()) << text;
  return reading;
}

/// What is wrong with `text` as a T.
template <class T>
std::string refusal_of(std::string_view text) {
  return summary_of(read<T>(text).failures);
}

template <class T>
std::string written(const T& value) {
  std::string text;
  append_json(text, Table<T>::kTable, &value);
  return text;
}

/// Reads a text that has to be right, and writes it again.
template <class T>
std::string rewritten(std::string_view text) {
  const Reading<T> reading = read<T>(text);
  return reading.failures.empty() ? written(reading.value) : "refused: " + summary_of(reading.failures);
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

enum class Color { kRed, kGreen };
constexpr auto describe(const Color*) {
  return enumerators(enumerator<Color::kRed>("red"), enumerator<Color::kGreen>("green"));
}

struct Point {
  int x = 0;
  int y = 0;
  bool operator==(const Point&) const = default;
  static constexpr auto describe() { return fields(field<&Point::x>(), field<&Point::y>()); }
};

struct Tree {
  int n = 0;
  std::vector<Tree> sub;
  std::map<std::string, Tree> named;
  bool operator==(const Tree&) const = default;
  static constexpr auto describe() {
    return fields(field<&Tree::n>(defaulted), field<&Tree::sub>(defaulted), field<&Tree::named>(defaulted));
  }
};

struct Cat {
  int lives = 9;
  bool operator==(const Cat&) const = default;
  static constexpr auto describe() { return fields(field<&Cat::lives>(defaulted)); }
};
struct Dog {
  std::string name;
  bool operator==(const Dog&) const = default;
  static constexpr auto describe() { return fields(field<&Dog::name>()); }
};
using Pet = base::OneOf<"kind", base::Tagged<"cat", Cat>, base::Tagged<"dog", Dog>>;

/// A member of any type.
template <class T>
struct Holder {
  T value{};
  static constexpr auto describe() { return fields(field<&Holder::value>()); }
};

}  // namespace weir::routing
