// SPDX-License-Identifier: MIT
// The configuration of an app: options bound to variables, filled from a file, the environment and flags.
#pragma once

#include <weir/app/option.hpp>
#include <weir/base/check.hpp>
#include <weir/base/error.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::app {

/// The names of a choice, each with its value.
template <class E>
using Choices = std::vector<std::pair<std::string, E>>;

/// Options by key. `limits.body_bytes` is also the variable WEIR_LIMITS_BODY_BYTES and the flag --limits.body-bytes.
///
/// A value is what the variable held when it was bound, unless a file, the environment or a flag says otherwise; of
/// these the later named wins, whatever the order of loading.
///
///     config.bytes("limits.body_bytes", limits.body_bytes, "Largest request body.").min(1);
///
/// Thread:    one at a time; meant for set-up.
/// Ownership: borrows the bound variables. References to options stay good as long as the Config.
/// Errors:    one sentence that names the place, the key and, for an unknown one, the nearest known. What was loaded
///            before the error stays. A malformed or doubled key in code aborts.
class Config {
 public:
  Config() = default;
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  /// A size: 512, "64KiB".
  NumberOption& bytes(std::string_view key, std::uint64_t& target, std::string_view help);
  /// A time: "250ms".
  DurationOption& duration(std::string_view key, std::chrono::milliseconds& target, std::string_view help);
  /// A whole number, at most what the variable can hold.
  template <std::unsigned_integral T>
  NumberOption& count(std::string_view key, T& target, std::string_view help);
  TextOption& text(std::string_view key, std::string& target, std::string_view help);
  /// True or false; `--x` alone is true.
  SwitchOption& flag(std::string_view key, bool& target, std::string_view help);
  /// One of `choices`, the variable's present value among them.
  template <class E>
  ChoiceOption& choice(std::string_view key, E& target, Choices<E> choices, std::string_view help);
  /// A text that is never shown and never taken from a command line, which other users can read.
  TextOption& secret(std::string_view key, std::string& target, std::string_view help);

  /// The headline in help over the options that are bound from now on; before the first call they are the common ones.
  void begin_section(std::string_view title);

  /// Reads a JSON file: keys nested or dotted, no comments, no key twice.
  ///
  /// Errors: kInvalidArgument for its content, with line and column where it is no JSON; else why it can't be read.
  base::Result<void> load_file(const std::string& path);

  /// Takes all WEIR_* variables of an environment (`NAME=value` each) but for WEIR_CONFIG, which names the file.
  ///
  /// Errors: kInvalidArgument, also for a WEIR_* variable that is no option.
  base::Result<void> load_environment(std::span<const char* const> environment);

  /// Takes a flag's value; `name` is the flag or the key, with or without the leading dashes.
  ///
  /// Errors: kInvalidArgument; a secret is refused.
  base::Result<void> set_flag(std::string_view name, std::string_view value);

  /// Writes each option on a line: key, value, and where it came from. Secrets are stars.
  void print(std::ostream& out) const;

  Option* find(std::string_view key) const;
  /// Whether some option's key goes on after `key` and a dot.
  bool is_group(std::string_view key) const;
  /// "; did you mean 'limits.body_bytes'?", or nothing when no key or group is near.
  std::string suggestion(std::string_view key) const;

  struct Entry {
    std::string section;
    std::string default_text;
    std::unique_ptr<Option> option;
  };
  /// All options in the order in which they were bound.
  std::span<const Entry> entries() const { return entries_; }

 private:
  void add(std::unique_ptr<Option> option);
  NumberOption& add_count(std::string_view key, std::string_view help, std::uint64_t max, NumberOption::Get get,
                          NumberOption::Set set);
  template <class T>
  T& added(std::unique_ptr<T> option);

  std::vector<Entry> entries_;
  std::string section_;
};

/// The variable that names the configuration file, as the flag --config does.
inline constexpr std::string_view kConfigVariable = "WEIR_CONFIG";

template <class T>
T& Config::added(std::unique_ptr<T> option) {
  T& reference = *option;
  add(std::move(option));
  return reference;
}

template <std::unsigned_integral T>
NumberOption& Config::count(std::string_view key, T& target, std::string_view help) {
  return add_count(
      key, help, std::numeric_limits<T>::max(), [&target] { return std::uint64_t{target}; },
      [&target](std::uint64_t value) { target = static_cast<T>(value); });
}

template <class E>
ChoiceOption& Config::choice(std::string_view key, E& target, Choices<E> choices, std::string_view help) {
  std::vector<std::string> names;
  std::vector<E> values;
  for (auto& [name, value] : choices) {
    names.push_back(std::move(name));
    values.push_back(value);
  }
  const auto get = [&target, values] {
    std::size_t index = 0;
    while (index < values.size() && values[index] != target) ++index;
    WEIR_CHECK(index < values.size());
    return index;
  };
  return added(std::make_unique<ChoiceOption>(std::string(key), std::string(help), std::move(names), get,
                                              [&target, values](std::size_t index) { target = values[index]; }));
}

}  // namespace weir::app
