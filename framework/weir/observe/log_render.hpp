// SPDX-License-Identifier: MIT
// Turns one log event into one line: a JSON object, or text for a person. Pure functions, no allocation.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/observe/log_line.hpp>

#include <chrono>
#include <span>
#include <string_view>

namespace weir::observe {

/// One event as it reaches the renderers. All views end with the call.
struct LogEvent {
  base::WallTime time;
  base::LogLevel level;
  std::string_view event;
  std::span<const base::LogField> fields;
  std::string_view service = {};  ///< JSON only: the first field, unless empty.
};

/// Writes `event` as one JSON object and a line feed: ts (RFC 3339, milliseconds, UTC), level, event, then the fields
/// in order, escaped as LogLine says. A number that JSON does not have becomes text. What does not fit is left out and
/// `"truncated":true` added.
///
/// Thread: any.
void render_json(LogLine& line, const LogEvent& event);

/// How lines for a person look.
struct HumanStyle {
  bool is_coloured = false;
  std::chrono::seconds utc_offset{0};  ///< Added to UTC for the time of day.
};

/// Writes `event` as `12:34:56.789 info  listener.open port=8080` and a line feed. Values other than plain words are
/// quoted and escaped, so that no value can begin a line, a field or a terminal command.
///
/// Thread: any.
void render_human(LogLine& line, const LogEvent& event, HumanStyle style);

}  // namespace weir::observe
