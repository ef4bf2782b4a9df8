// SPDX-License-Identifier: MIT
// One configuration option: its names, its value, where the value came from, and the kinds of values there are.
#pragma once

#include <weir/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace weir::app {

/// Where a value comes from, weakest first.
enum class SourceKind : unsigned char { kDefault, kFile, kEnvironment, kFlag };

/// A value's origin: the kind, and the file, variable or flag.
struct Source {
  SourceKind kind = SourceKind::kDefault;
  std::string name = {};

  /// "default", "file weir.json", "environment WEIR_PORT", "flag --port".
  std::string describe() const;
};

/// How a value is written where that has types; environment and flags only have text.
enum class ValueShape : unsigned char { kText, kNumber, kBoolean };

/// An option bound to a variable, which it alone writes until the configuration is complete.
///
/// Thread:    one at a time; meant for set-up.
/// Ownership: borrows the variable.
class Option {
 public:
  Option(std::string key, std::string help) : key_(std::move(key)), help_(std::move(help)) {}
  Option(const Option&) = delete;
  Option& operator=(const Option&) = delete;
  virtual ~Option() = default;

  const std::string& key() const { return key_; }    ///< limits.body_bytes
  std::string variable() const;                      ///< WEIR_LIMITS_BODY_BYTES
  std::string flag() const;                          ///< --limits.body-bytes
  const std::string& help() const { return help_; }  ///< One sentence.
  const Source& source() const { return source_; }

  /// Takes the value written as `text`, unless a stronger source already gave one.
  ///
  /// Errors: kInvalidArgument when the text is not such a value, also when it would not have been taken.
  base::Result<void> set(std::string_view text, ValueShape shape, Source source);

  virtual bool is_secret() const { return false; }
  /// Whether a flag alone, without a value, means true.
  virtual bool is_switch() const { return false; }
  /// What help prints for a value: SIZE, TIME, N, json|human.
  virtual std::string placeholder() const = 0;
  /// The value as `set` reads it; of a secret, stars.
  virtual std::string value_text() const = 0;
  /// What `set` takes: "a size such as 64KiB, at least 1".
  virtual std::string expected() const = 0;

 protected:
  /// Whether `text` is a value; assigns it if `is_assigned`.
  virtual bool read(std::string_view text, ValueShape shape, bool is_assigned) = 0;

 private:
  std::string key_;
  std::string help_;
  Source source_;
};

/// A bounded unsigned number: a size or a count.
class NumberOption final : public Option {
 public:
  enum class Kind : unsigned char { kBytes, kCount };
  using Get = std::function<std::uint64_t()>;
  using Set = std::function<void(std::uint64_t)>;
  NumberOption(std::string key, std::string help, Kind kind, std::uint64_t max, Get get, Set set);

  NumberOption& min(std::uint64_t value);
  NumberOption& max(std::uint64_t value);

  std::string placeholder() const override { return kind_ == Kind::kBytes ? "SIZE" : "N"; }
  std::string value_text() const override { return format(get_()); }
  std::string expected() const override;

 protected:
  bool read(std::string_view text, ValueShape shape, bool is_assigned) override;

 private:
  std::string format(std::uint64_t value) const;

  Kind kind_;
  std::uint64_t min_ = 0;
  std::uint64_t max_;
  std::uint64_t max_of_variable_;
  Get get_;
  Set set_;
};

/// A bounded time, in milliseconds.
class DurationOption final : public Option {
 public:
  DurationOption(std::string key, std::string help, std::chrono::milliseconds& target)
      : Option(std::move(key), std::move(help)), target_(target) {}

  DurationOption& min(std::chrono::milliseconds value);
  DurationOption& max(std::chrono::milliseconds value);

  std::string placeholder() const override { return "TIME"; }
  std::string value_text() const override;
  std::string expected() const override;

 protected:
  bool read(std::string_view text, ValueShape shape, bool is_assigned) override;

 private:
  std::chrono::milliseconds& target_;
  std::chrono::milliseconds min_{0};
  std::chrono::milliseconds max_ = std::chrono::milliseconds::max();
};

/// Any text; as a secret never shown and never taken from a command line.
class TextOption final : public Option {
 public:
  TextOption(std::string key, std::string help, std::string& target, bool is_secret)
      : Option(std::move(key), std::move(help)), target_(target), is_secret_(is_secret) {}

  bool is_secret() const override { return is_secret_; }
  std::string placeholder() const override { return "TEXT"; }
  std::string value_text() const override { return is_secret_ && !target_.empty() ? "********" : target_; }
  std::string expected() const override { return "a text in quotes"; }

 protected:
  bool read(std::string_view text, ValueShape shape, bool is_assigned) override;

 private:
  std::string& target_;
  bool is_secret_;
};

/// True or false.
class SwitchOption final : public Option {
 public:
  SwitchOption(std::string key, std::string help, bool& target)
      : Option(std::move(key), std::move(help)), target_(target) {}

  bool is_switch() const override { return true; }
  std::string placeholder() const override { return "true|false"; }
  std::string value_text() const override { return target_ ? "true" : "false"; }
  std::string expected() const override { return "true or false"; }

 protected:
  bool read(std::string_view text, ValueShape shape, bool is_assigned) override;

 private:
  bool& target_;
};

/// One of several names.
class ChoiceOption final : public Option {
 public:
  using Get = std::function<std::size_t()>;
  using Set = std::function<void(std::size_t)>;
  /// `get` and `set` speak in indices of `names`.
  ChoiceOption(std::string key, std::string help, std::vector<std::string> names, Get get, Set set);

  std::string placeholder() const override;
  std::string value_text() const override { return names_.at(get_()); }
  std::string expected() const override;

 protected:
  bool read(std::string_view text, ValueShape shape, bool is_assigned) override;

 private:
  std::vector<std::string> names_;
  Get get_;
  Set set_;
};

}  // namespace weir::app
