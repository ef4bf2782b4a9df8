// SPDX-License-Identifier: MIT
// What a log's options are called: its formats and levels by name.
#pragma once

#include <weir/base/error.hpp>
#include <weir/base/log.hpp>

#include <string_view>

namespace weir::observe {

/// kAuto: kHuman if the output is a terminal, else kJson.
enum class LogFormat : unsigned char { kJson, kHuman, kAuto };

/// Reads "json", "human" or "auto". Errors: kInvalidArgument, with what was expected.
base::Result<LogFormat> parse_log_format(std::string_view text);

/// Reads "debug", "info", "warn", "error" or "off". Errors: kInvalidArgument, with what was expected.
base::Result<base::LogLevel> parse_log_level(std::string_view text);

}  // namespace weir::observe
