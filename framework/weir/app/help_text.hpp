// SPDX-License-Identifier: MIT
// What --help prints.
#pragma once

#include <string>

namespace weir::app {

class Config;
struct CommandLineSpec;

/// Usage, commands and options by section, each option with its variable and default; at most 100 columns.
///
/// Thread: one at a time; meant for set-up.
std::string render_help(const Config& config, const CommandLineSpec& spec);

}  // namespace weir::app
