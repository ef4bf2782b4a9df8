// SPDX-License-Identifier: MIT
// Times and durations as interfaces exchange them: RFC 3339 and ISO 8601. What people write in a configuration (250ms)
// is in units.hpp.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace weir::base {

/// Reads an RFC 3339 date-time, such as "2026-11-24T12:00:00.25+01:00", as the time in UTC.
///
/// A leap second (23:59:60 in UTC, on any day) is read as the second after it, as the system's clock has none.
///
/// Thread: any. Does not allocate.
/// Errors: false, with `out` as it was, for what is no date-time, for more than nine digits of a second, and for a time
///         outside of what nanoseconds can count (1677-09-21 to 2262-04-11).
/// Source: RFC 3339 section 5.6, which allows "t" and "z" too; a space for the "T" is refused.
[[nodiscard]] bool parse_time(std::string_view text, std::chrono::sys_time<std::chrono::nanoseconds>& out);

/// Appends "2026-11-24T12:00:00Z", or "2026-11-24T12:00:00.25Z": as many digits of a second as the time has.
void append_time(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds> time);

/// Reads an ISO 8601 duration of a fixed length: weeks alone ("P2W"), or days, hours, minutes and seconds, of which any
/// but not all may be missing ("P1DT2H", "PT0.25S"), and a "-" before the "P" if it is negative.
///
/// Thread: any. Does not allocate.
/// Errors: false, with `out` as it was, for anything else, such as years and months, which have no fixed length; for a
///         fraction of another unit than seconds or of more than nine digits; and for what nanoseconds cannot count.
/// Source: RFC 3339 appendix A. Beyond it: the sign, the fraction, and hours with seconds but without minutes.
[[nodiscard]] bool parse_duration(std::string_view text, std::chrono::nanoseconds& out);

/// Appends `duration` as parse_duration reads it: "PT0S", "PT1H30M", "-PT0.25S", "P1DT2H". The largest unit is the day.
void append_duration(std::string& out, std::chrono::nanoseconds duration);

/// Whether `text` is an RFC 3339 full-date, such as "2024-02-29", and a day of the calendar.
bool is_date(std::string_view text);

/// Whether `text` is an RFC 3339 date-time: as parse_time reads it, but of any year and with any number of digits.
bool is_date_time(std::string_view text);

}  // namespace weir::base
