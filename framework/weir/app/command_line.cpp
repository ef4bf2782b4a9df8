// SPDX-License-Identifier: MIT
#include <weir/app/command_line.hpp>

#include <weir/app/config.hpp>
#include <weir/app/help_text.hpp>
#include <weir/app/internal/suggestion.hpp>
#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

namespace weir::app {
namespace {

struct Complaint {
  int exit_code;
  std::string sentence;
};

std::string in_quotes(std::string_view text) {
  return "'" + base::escape_for_log(text, 64) + "'";
}

// CLI11 reads the words; what they mean is decided here, in terms of the Config.
class Parser {
 public:
  Parser(Config& config, const CommandLineSpec& spec) : config_(config), spec_(spec) {
    declare_options();
    declare_commands();
  }

  Invocation run(std::span<const char* const> arguments, std::span<const char* const> environment);

 private:
  void declare_options();
  void declare_commands();
  std::optional<Complaint> read(std::span<const char* const> arguments);
  std::optional<Complaint> sort_remaining();
  std::optional<Complaint> find_command();
  std::optional<Complaint> load(std::span<const char* const> environment);
  std::string config_path(std::span<const char* const> environment) const;

  Config& config_;
  const CommandLineSpec& spec_;
  CLI::App cli_;
  CLI::Option* help_ = nullptr;
  CLI::Option* version_ = nullptr;
  CLI::Option* print_config_ = nullptr;
  CLI::Option* config_file_ = nullptr;
  std::vector<std::pair<const Option*, CLI::Option*>> flags_;
  std::vector<std::string> words_;  // Those that are neither flags nor a command.
  Invocation invocation_;
};

void Parser::declare_options() {
  cli_.set_help_flag();
  cli_.allow_extras();  // Words and unknown flags are left for sort_remaining.
  help_ = cli_.add_flag("-h,--help");
  version_ = cli_.add_flag("--version");
  print_config_ = cli_.add_flag("--print-config");
  config_file_ = cli_.add_option("--config")->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  for (const Config::Entry& entry : config_.entries()) {
    const Option& option = *entry.option;
    CLI::Option* const flag = option.is_switch() ? cli_.add_flag(option.flag()) : cli_.add_option(option.flag());
    flag->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    flags_.emplace_back(&option, flag);
  }
}

void Parser::declare_commands() {
  cli_.require_subcommand(0, 1);
  for (const Command& command : spec_.commands) {
    CLI::App* const subcommand = cli_.add_subcommand(command.name);
    subcommand->set_help_flag();
    subcommand->fallthrough();
  }
}

Invocation Parser::run(std::span<const char* const> arguments, std::span<const char* const> environment) {
  std::optional<Complaint> complaint = read(arguments);
  if (!complaint) complaint = sort_remaining();
  if (!complaint && help_->count() > 0) return {.exit_code = 0, .out = render_help(config_, spec_)};
  if (!complaint && version_->count() > 0) return {.exit_code = 0, .out = spec_.name + ' ' + spec_.version + '\n'};
  if (!complaint) complaint = find_command();
  if (!complaint) complaint = load(environment);
  if (complaint) return {.exit_code = complaint->exit_code, .err = spec_.name + ": " + complaint->sentence + '\n'};
  invocation_.print_config = print_config_->count() > 0;
  if (invocation_.print_config) {
    std::ostringstream out;
    config_.print(out);
    invocation_.out = out.str();
    invocation_.exit_code = 0;
  }
  return std::move(invocation_);
}

std::optional<Complaint> Parser::read(std::span<const char* const> arguments) {
  // What follows `--` is for the command as it stands.
  const auto is_mark = [](std::string_view argument) { return argument == "--"; };
  const auto mark = std::find_if(arguments.begin(), arguments.end(), is_mark);
  std::vector<std::string> words;
  for (const std::string_view argument : std::span(arguments.begin(), mark)) {
    // For CLI11 `--host= x` means `--host x`; here it is the empty text, and x is another word.
    const bool has_empty_value = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    words.emplace_back(has_empty_value ? argument.substr(0, argument.size() - 1) : argument);
    if (has_empty_value) words.emplace_back();
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back.
  try {
    cli_.parse(std::move(words));
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string_view what = problem.what();
    return Complaint{2, std::string(what.substr(0, what.find_first_of(": "))) + " needs a value"};
  } catch (const CLI::ParseError& problem) {
    return Complaint{2, base::escape_for_log(problem.what())};
  }
  if (mark != arguments.end()) words_.assign(mark + 1, arguments.end());
  return std::nullopt;
}

std::optional<Complaint> Parser::sort_remaining() {
  std::vector<std::string> remaining = cli_.remaining(true);
  const auto is_flag = [](const std::string& word) { return word.starts_with('-'); };
  const auto unknown = std::find_if(remaining.begin(), remaining.end(), is_flag);
  if (unknown == remaining.end()) {
    words_.insert(words_.begin(), remaining.begin(), remaining.end());
    return std::nullopt;
  }
  const std::string name = unknown->substr(0, unknown->find('='));
  std::vector<std::string> known{"--help", "--version", "--print-config", "--config"};
  known.reserve(known.size() + flags_.size());
  for (const auto& [option, flag] : flags_) known.push_back(option->flag());
  return Complaint{2, "unknown flag " + base::escape_for_log(name, 64) + internal::did_you_mean(name, known)};
}

std::optional<Complaint> Parser::find_command() {
  const std::vector<CLI::App*> parsed = cli_.get_subcommands();
  if (parsed.empty() && !words_.empty()) {
    std::vector<std::string> known;
    for (const Command& command : spec_.commands) known.push_back(command.name);
    return Complaint{2, "unknown command " + in_quotes(words_.front()) + internal::did_you_mean(words_.front(), known)};
  }
  invocation_.command = parsed.empty() ? spec_.default_command : parsed.front()->get_name();
  const auto is_it = [this](const Command& command) { return command.name == invocation_.command; };
  const auto command = std::find_if(spec_.commands.begin(), spec_.commands.end(), is_it);
  WEIR_CHECK(command != spec_.commands.end());
  if (command->arguments.empty() && !words_.empty()) {
    return Complaint{2, command->name + " takes no arguments, but there is " + in_quotes(words_.front())};
  }
  invocation_.arguments = words_;
  return std::nullopt;
}

std::optional<Complaint> Parser::load(std::span<const char* const> environment) {
  const auto complaint_of = [](const base::Result<void>& result) -> std::optional<Complaint> {
    if (result) return std::nullopt;
    return Complaint{result.error().code() == base::ErrorCode::kInvalidArgument ? 2 : 1, result.error().message()};
  };
  for (const auto& [option, flag] : flags_) {
    if (flag->count() == 0) continue;
    if (auto complaint = complaint_of(config_.set_flag(option->flag(), flag->results().back()))) return complaint;
  }
  if (auto complaint = complaint_of(config_.load_environment(environment))) return complaint;
  const std::string path = config_path(environment);
  if (path.empty() && config_file_->count() == 0) return std::nullopt;
  return complaint_of(config_.load_file(path));
}

std::string Parser::config_path(std::span<const char* const> environment) const {
  if (config_file_->count() > 0) return config_file_->results().back();
  for (std::string_view assignment : environment) {
    if (base::take_until(assignment, '=') == kConfigVariable) return std::string(assignment);
  }
  return {};
}

}  // namespace

Invocation parse_command_line(Config& config, const CommandLineSpec& spec, std::span<const char* const> arguments,
                              std::span<const char* const> environment) {
  return Parser(config, spec).run(arguments, environment);
}

Invocation parse_command_line(Config& config, const CommandLineSpec& spec, int argc, const char* const* argv,
                              std::span<const char* const> environment) {
  const std::span<const char* const> all(argv, static_cast<std::size_t>(std::max(argc, 0)));
  return parse_command_line(config, spec, all.subspan(std::min<std::size_t>(1, all.size())), environment);
}

std::span<const char* const> process_environment() {
  std::size_t size = 0;
  while (environ != nullptr && environ[size] != nullptr) ++size;
  return {environ, size};
}

}  // namespace weir::app
