// SPDX-License-Identifier: MIT
#include <weir/app/config.hpp>

#include <weir/app/config_file.hpp>
#include <weir/app/internal/suggestion.hpp>
#include <weir/base/text.hpp>

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>

namespace weir::app {
namespace {

// Lower-case words of letters, digits and underscores, joined by dots.
bool is_key(std::string_view key) {
  if (key.empty() || key.back() == '.') return false;
  while (!key.empty()) {
    const std::string_view word = base::take_until(key, '.');
    const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '_'; };
    if (word.empty() || base::is_digit(word.front()) || !std::all_of(word.begin(), word.end(), is_allowed))
      return false;
  }
  return true;
}

// The names that the command line has anyway.
bool is_reserved(std::string_view key) {
  constexpr std::array<std::string_view, 4> kReserved{"config", "help", "version", "print_config"};
  return std::find(kReserved.begin(), kReserved.end(), key) != kReserved.end();
}

base::Error refusal(std::string sentence) {
  return {base::ErrorCode::kInvalidArgument, std::move(sentence)};
}

// Quoted where it could be mistaken for something else in a table.
std::string printable(const std::string& value) {
  constexpr std::size_t kLimit = 1024;
  std::string escaped = base::escape_for_log(value, kLimit);
  const bool is_plain = !value.empty() && escaped == value && value.find(' ') == std::string::npos;
  return is_plain ? escaped : '"' + escaped + '"';
}

}  // namespace

void Config::add(std::unique_ptr<Option> option) {
  WEIR_CHECK(is_key(option->key()) && !is_reserved(option->key()));
  for (const Entry& entry : entries_) {
    const bool is_new = entry.option->variable() != option->variable() && entry.option->flag() != option->flag();
    WEIR_CHECK(is_new);
  }
  std::string default_text = option->value_text();
  entries_.push_back({section_, std::move(default_text), std::move(option)});
}

NumberOption& Config::add_count(std::string_view key, std::string_view help, std::uint64_t max, NumberOption::Get get,
                                NumberOption::Set set) {
  return added(std::make_unique<NumberOption>(std::string(key), std::string(help), NumberOption::Kind::kCount, max,
                                              std::move(get), std::move(set)));
}

NumberOption& Config::bytes(std::string_view key, std::uint64_t& target, std::string_view help) {
  return added(std::make_unique<NumberOption>(
      std::string(key), std::string(help), NumberOption::Kind::kBytes, std::numeric_limits<std::uint64_t>::max(),
      [&target] { return target; }, [&target](std::uint64_t value) { target = value; }));
}

DurationOption& Config::duration(std::string_view key, std::chrono::milliseconds& target, std::string_view help) {
  return added(std::make_unique<DurationOption>(std::string(key), std::string(help), target));
}

TextOption& Config::text(std::string_view key, std::string& target, std::string_view help) {
  return added(std::make_unique<TextOption>(std::string(key), std::string(help), target, false));
}

TextOption& Config::secret(std::string_view key, std::string& target, std::string_view help) {
  return added(std::make_unique<TextOption>(std::string(key), std::string(help), target, true));
}

SwitchOption& Config::flag(std::string_view key, bool& target, std::string_view help) {
  return added(std::make_unique<SwitchOption>(std::string(key), std::string(help), target));
}

void Config::begin_section(std::string_view title) {
  section_ = title;
}

Option* Config::find(std::string_view key) const {
  const auto is_it = [key](const Entry& entry) { return entry.option->key() == key; };
  const auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
  return found == entries_.end() ? nullptr : found->option.get();
}

bool Config::is_group(std::string_view key) const {
  const std::string prefix = std::string(key) + '.';
  const auto begins = [&prefix](const Entry& entry) { return entry.option->key().starts_with(prefix); };
  return std::any_of(entries_.begin(), entries_.end(), begins);
}

std::string Config::suggestion(std::string_view key) const {
  std::vector<std::string> known;
  for (const Entry& entry : entries_) {
    const std::string& name = entry.option->key();
    known.push_back(name);
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      known.push_back(name.substr(0, dot));
    }
  }
  return internal::did_you_mean(key, known, "'");
}

base::Result<void> Config::load_file(const std::string& path) {
  return load_config_file(*this, path);
}

base::Result<void> Config::load_environment(std::span<const char* const> environment) {
  for (const std::string_view assignment : environment) {
    std::string_view value = assignment;
    const std::string name(base::take_until(value, '='));
    if (!name.starts_with("WEIR_") || name == kConfigVariable) continue;
    const auto is_it = [&name](const Entry& entry) { return entry.option->variable() == name; };
    const auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
    if (found == entries_.end()) {
      std::vector<std::string> known{std::string(kConfigVariable)};
      for (const Entry& entry : entries_) known.push_back(entry.option->variable());
      return refusal("unknown environment variable " + base::escape_for_log(name) +
                     internal::did_you_mean(name, known));
    }
    auto taken = found->option->set(value, ValueShape::kText, {SourceKind::kEnvironment, name});
    if (!taken) return std::move(taken).error().with_context("environment variable " + name);
  }
  return {};
}

base::Result<void> Config::set_flag(std::string_view name, std::string_view value) {
  while (name.starts_with('-')) name.remove_prefix(1);
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  Option* const option = find(key);
  if (option == nullptr) {
    std::vector<std::string> known;
    known.reserve(entries_.size());
    for (const Entry& entry : entries_) known.push_back(entry.option->flag());
    const std::string written = "--" + base::escape_for_log(name);
    return refusal("unknown flag " + written + internal::did_you_mean(written, known));
  }
  if (option->is_secret()) {
    return refusal(option->flag() + ": a secret is not taken from the command line, where other users can read it; " +
                   "set " + option->variable() + " or '" + option->key() + "' in the configuration file instead");
  }
  auto taken = option->set(value, ValueShape::kText, {SourceKind::kFlag, option->flag()});
  if (!taken) return std::move(taken).error().with_context(option->flag());
  return {};
}

void Config::print(std::ostream& out) const {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const Entry& entry : entries_) {
    key_width = std::max(key_width, entry.option->key().size());
    value_width = std::max(value_width, std::min<std::size_t>(32, printable(entry.option->value_text()).size()));
  }
  for (const Entry& entry : entries_) {
    const Option& option = *entry.option;
    const std::string value = printable(option.value_text());
    out << option.key() << std::string(key_width - option.key().size(), ' ') << " = " << value
        << std::string(value_width - std::min(value_width, value.size()), ' ') << "  " << option.source().describe()
        << '\n';
  }
}

}  // namespace weir::app
