// SPDX-License-Identifier: MIT
// Reads a configuration from JSON.
#pragma once

#include <weir/base/error.hpp>

#include <string>
#include <string_view>

namespace weir::app {

class Config;

/// Fills `config` from the file at `path`, of at most 1 MiB; Config::load_file has the contract.
base::Result<void> load_config_file(Config& config, const std::string& path);

/// The same from text; `path` is only named, in errors and as the values' source.
base::Result<void> load_config_text(Config& config, std::string_view text, const std::string& path);

}  // namespace weir::app
