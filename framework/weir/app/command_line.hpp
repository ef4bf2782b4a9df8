// SPDX-License-Identifier: MIT
// The command line of an app: its command, its flags, and the order in which all sources of options are read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::app {

class Config;

/// One word that says what the program shall do.
struct Command {
  std::string name;            ///< "serve"
  std::string help;            ///< One sentence.
  std::string arguments = {};  ///< What may follow it, for help: "show ID"; empty: nothing may.
};

/// What a program's command line consists of, besides the options of its Config.
struct CommandLineSpec {
  std::string name;
  std::string version;
  std::string description;
  std::vector<Command> commands;
  std::string default_command = "serve";
};

/// What was asked for. With an `exit_code` all is said and done: print `out` and `err` and end with it.
struct Invocation {
  std::string command = {};
  std::vector<std::string> arguments = {};
  bool print_config = false;
  std::optional<int> exit_code = {};
  std::string out = {};  ///< For standard output: help, version or configuration.
  std::string err = {};  ///< For standard error: one sentence.
};

/// Fills `config` from the file that --config or WEIR_CONFIG names, the environment and the flags, and finds the
/// command. Flags stand before or after the command; a flag given twice has its last value. --help and --version
/// answer before any other source is read.
///
/// Thread:    one at a time; meant for set-up. Reads no state of the process but the configuration file.
/// Ownership: keeps nothing.
/// Errors:    in the Invocation: exit code 2 for a wrong command line or option, 1 for a file that cannot be read.
Invocation parse_command_line(Config& config, const CommandLineSpec& spec, std::span<const char* const> arguments,
                              std::span<const char* const> environment);

/// The same from what `main` gets; the program's name, argv[0], is left out.
Invocation parse_command_line(Config& config, const CommandLineSpec& spec, int argc, const char* const* argv,
                              std::span<const char* const> environment);

/// The process's environment, for parse_command_line. Good until somebody changes it.
std::span<const char* const> process_environment();

}  // namespace weir::app
