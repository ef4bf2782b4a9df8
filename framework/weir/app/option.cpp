// SPDX-License-Identifier: MIT
#include <weir/app/option.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>
#include <weir/base/units.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace weir::app {
namespace {

// " from 1 to 10", " of at least 1", " of at most 10" or nothing.
std::string range_text(const std::string& min, const std::string& max, bool has_min, bool has_max) {
  if (has_min && has_max) return " from " + min + " to " + max;
  if (has_min) return " of at least " + min;
  if (has_max) return " of at most " + max;
  return {};
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::optional<bool> parse_switch(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords{"true", "1", "yes", "false", "0", "no"};
  const auto is_word = [text](std::string_view word) { return base::equals_ignoring_case(text, word); };
  const auto* const found = std::find_if(kWords.begin(), kWords.end(), is_word);
  if (found == kWords.end()) return std::nullopt;
  return found - kWords.begin() < 3;
}

}  // namespace

std::string Source::describe() const {
  constexpr std::array<std::string_view, 4> kNames{"default", "file ", "environment ", "flag "};
  return std::string(kNames[static_cast<std::size_t>(kind)]) + name;
}

std::string Option::variable() const {
  std::string name = "WEIR_";
  for (const char c : key_) name += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string Option::flag() const {
  std::string name = "--" + key_;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

base::Result<void> Option::set(std::string_view text, ValueShape shape, Source source) {
  const bool is_assigned = source.kind >= source_.kind;
  if (!read(text, shape, is_assigned)) {
    const std::string shown = is_secret() ? "the value" : "'" + base::escape_for_log(text, 64) + "'";
    return base::Error(base::ErrorCode::kInvalidArgument, shown + " is not " + expected());
  }
  if (is_assigned) source_ = std::move(source);
  return {};
}

NumberOption::NumberOption(std::string key, std::string help, Kind kind, std::uint64_t max, Get get, Set set)
    : Option(std::move(key), std::move(help)),
      kind_(kind),
      max_(max),
      max_of_variable_(max),
      get_(std::move(get)),
      set_(std::move(set)) {}

NumberOption& NumberOption::min(std::uint64_t value) {
  WEIR_CHECK(value <= max_);
  min_ = value;
  return *this;
}

NumberOption& NumberOption::max(std::uint64_t value) {
  WEIR_CHECK(value >= min_ && value <= max_of_variable_);
  max_ = value;
  return *this;
}

std::string NumberOption::format(std::uint64_t value) const {
  return kind_ == Kind::kBytes ? base::format_bytes(value) : std::to_string(value);
}

std::string NumberOption::expected() const {
  const bool has_max = max_ < std::numeric_limits<std::uint64_t>::max();
  const std::string range =
      range_text(format(min_), format(max_), min_ > 0 || (has_max && kind_ == Kind::kCount), has_max);
  return kind_ == Kind::kBytes ? "a size" + range + " (such as 512, 64KiB or 1MiB)" : "a whole number" + range;
}

bool NumberOption::read(std::string_view text, ValueShape shape, bool is_assigned) {
  if (shape == ValueShape::kBoolean || (shape == ValueShape::kText && text.empty())) return false;
  std::optional<std::uint64_t> value;
  if (kind_ == Kind::kCount) {
    value = parse_count(text);
  } else if (const auto bytes = base::parse_bytes(text)) {
    value = bytes.value();
  }
  if (!value || *value < min_ || *value > max_) return false;
  if (is_assigned) set_(*value);
  return true;
}

DurationOption& DurationOption::min(std::chrono::milliseconds value) {
  WEIR_CHECK(value <= max_);
  min_ = value;
  return *this;
}

DurationOption& DurationOption::max(std::chrono::milliseconds value) {
  WEIR_CHECK(value >= min_);
  max_ = value;
  return *this;
}

std::string DurationOption::value_text() const {
  return base::format_duration(target_);
}

std::string DurationOption::expected() const {
  const std::string range = range_text(base::format_duration(min_), base::format_duration(max_), min_.count() > 0,
                                       max_ < std::chrono::milliseconds::max());
  return "a duration" + range + " (such as 250ms, 10s or 5m)";
}

bool DurationOption::read(std::string_view text, ValueShape shape, bool is_assigned) {
  const auto value = base::parse_duration(text);
  if (shape == ValueShape::kBoolean || !value || *value < min_ || *value > max_) return false;
  if (is_assigned) target_ = *value;
  return true;
}

bool TextOption::read(std::string_view text, ValueShape shape, bool is_assigned) {
  if (shape != ValueShape::kText) return false;
  if (is_assigned) target_ = text;
  return true;
}

bool SwitchOption::read(std::string_view text, ValueShape shape, bool is_assigned) {
  const auto value = parse_switch(text);
  if (shape == ValueShape::kNumber || !value) return false;
  if (is_assigned) target_ = *value;
  return true;
}

ChoiceOption::ChoiceOption(std::string key, std::string help, std::vector<std::string> names, Get get, Set set)
    : Option(std::move(key), std::move(help)), names_(std::move(names)), get_(std::move(get)), set_(std::move(set)) {
  WEIR_CHECK(!names_.empty());
}

std::string ChoiceOption::placeholder() const {
  std::string text;
  for (const std::string& name : names_) (text += text.empty() ? "" : "|") += name;
  return text;
}

std::string ChoiceOption::expected() const {
  std::string text = "one of";
  for (const std::string& name : names_) (text += name == names_.front() ? " " : ", ") += name;
  return text;
}

bool ChoiceOption::read(std::string_view text, ValueShape shape, bool is_assigned) {
  const auto found = std::find(names_.begin(), names_.end(), text);
  if (shape != ValueShape::kText || found == names_.end()) return false;
  if (is_assigned) set_(static_cast<std::size_t>(found - names_.begin()));
  return true;
}

}  // namespace weir::app
