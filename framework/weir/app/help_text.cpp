// SPDX-License-Identifier: MIT
#include <weir/app/help_text.hpp>

#include <weir/app/command_line.hpp>
#include <weir/app/config.hpp>
#include <weir/base/text.hpp>

#include <string_view>

namespace weir::app {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kTextColumn = 36;

// Adds `word` to the last line of `out`, or begins another that is indented to the text column.
void append_word(std::string& out, std::string_view word) {
  const std::size_t line_start = out.rfind('\n') + 1;
  const std::size_t length = out.size() - line_start;
  if (length + 1 + word.size() > kColumns) {
    (out += '\n').append(kTextColumn, ' ');
  } else if (length > kTextColumn) {
    out += ' ';
  }
  out += word;
}

// A term on the left, its text on the right, wrapped between words; the note is not torn apart.
void append_row(std::string& out, const std::string& term, std::string_view text, std::string_view note = {}) {
  (out += "  ") += term;
  const std::size_t width = 2 + term.size();
  if (width > kTextColumn - 2) out += '\n';
  out.append(width > kTextColumn - 2 ? kTextColumn : kTextColumn - width, ' ');
  while (!text.empty()) append_word(out, base::take_until(text, ' '));
  if (!note.empty()) append_word(out, note);
  out += '\n';
}

void append_option(std::string& out, const Config::Entry& entry) {
  const Option& option = *entry.option;
  if (option.is_secret()) {
    append_row(out, option.variable(), option.help(), "(a secret: never a flag)");
    return;
  }
  const std::string value = option.is_switch() ? "" : ' ' + option.placeholder();
  const std::string preset = entry.default_text.empty() ? "" : ", default " + base::escape_for_log(entry.default_text);
  append_row(out, option.flag() + value, option.help(), "(" + option.variable() + preset + ")");
}

void append_commands(std::string& out, const CommandLineSpec& spec) {
  out += "\nCommands (without one: " + spec.default_command + "):\n";
  for (const Command& command : spec.commands) {
    append_row(out, command.name + (command.arguments.empty() ? "" : ' ' + command.arguments), command.help);
  }
}

void append_general_options(std::string& out) {
  append_row(out, "--config FILE", "Reads options from a JSON file.", "(" + std::string(kConfigVariable) + ")");
  append_row(out, "--print-config", "Shows each option, its value and where that came from.");
  append_row(out, "-h, --help", "Shows this text.");
  append_row(out, "--version", "Shows the version.");
}

}  // namespace

std::string render_help(const Config& config, const CommandLineSpec& spec) {
  std::string out = spec.name + ' ' + spec.version + '\n';
  if (!spec.description.empty()) out += spec.description + '\n';
  out += "\nUsage: " + spec.name + " [COMMAND] [OPTIONS]\n";
  append_commands(out, spec);
  out += "\nOptions:\n";
  for (const Config::Entry& entry : config.entries()) {
    if (entry.section.empty()) append_option(out, entry);
  }
  append_general_options(out);
  std::string_view section;
  for (const Config::Entry& entry : config.entries()) {
    if (entry.section.empty()) continue;
    if (entry.section != section) out += '\n' + entry.section + ":\n";
    section = entry.section;
    append_option(out, entry);
  }
  out += "\nAn option is a key of the file (limits.body_bytes), a variable (WEIR_LIMITS_BODY_BYTES) or a flag\n";
  out += "(--limits.body-bytes). Flags win over the environment, the environment over the file.\n";
  return out;
}

}  // namespace weir::app
