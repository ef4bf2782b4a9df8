// SPDX-License-Identifier: MIT
#include <weir/base/time_text.hpp>

#include <weir/base/text.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace weir::base {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::size_t kFractionDigits = 9;

// ---- reading: each take_ function drops what it read from the front of `rest` ----

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_letter(std::string_view& rest, char lower) {
  if (rest.empty() || to_lower(rest.front()) != lower) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& rest, std::size_t digits, int& out) {
  if (rest.size() < digits) return false;
  int value = 0;
  for (const char c : rest.substr(0, digits)) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  rest.remove_prefix(digits);
  out = value;
  return true;
}

struct Fraction {
  std::size_t digits = 0;
  std::int64_t nanoseconds = 0;
};

// Of the digits after the ninth only the number is kept: it is for the caller to mind.
bool take_fraction(std::string_view& rest, Fraction& out) {
  std::int64_t unit = kSecond / 10;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    out.nanoseconds += (rest.front() - '0') * unit;
    unit /= 10;
    ++out.digits;
  }
  return out.digits > 0;
}

bool add_scaled(std::int64_t& total, std::int64_t count, std::int64_t unit) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) && !__builtin_add_overflow(total, product, &total);
}

// ---- date-time: RFC 3339 section 5.6 ----

bool take_date(std::string_view& rest, chrono::sys_days& out) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_number(rest, 4, year) || !take(rest, '-')) return false;
  if (!take_number(rest, 2, month) || !take(rest, '-') || !take_number(rest, 2, day)) return false;
  const chrono::year_month_day date(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return false;
  out = date;
  return true;
}

bool take_hour_and_minute(std::string_view& rest, chrono::minutes& out) {
  int hour = 0;
  int minute = 0;
  if (!take_number(rest, 2, hour) || !take(rest, ':') || !take_number(rest, 2, minute)) return false;
  out = chrono::hours(hour) + chrono::minutes(minute);
  return hour <= 23 && minute <= 59;
}

bool take_offset(std::string_view& rest, chrono::minutes& out) {
  if (take_letter(rest, 'z')) return true;
  const bool is_west = rest.starts_with('-');
  if (!is_west && !rest.starts_with('+')) return false;
  rest.remove_prefix(1);
  if (!take_hour_and_minute(rest, out)) return false;
  if (is_west) out = -out;
  return true;
}

struct DateTime {
  chrono::sys_seconds second;  // In UTC.
  Fraction fraction;
};

// Leap seconds are inserted at the end of a day of UTC, wherever the clock with the offset then stands.
bool is_last_of_day(chrono::sys_time<chrono::minutes> minute) {
  const auto next = minute + chrono::minutes(1);
  return next == chrono::floor<chrono::days>(next);
}

bool read_date_time(std::string_view text, DateTime& out) {
  chrono::sys_days day;
  chrono::minutes clock{};
  chrono::minutes offset{};
  int second = 0;
  if (!take_date(text, day) || !take_letter(text, 't') || !take_hour_and_minute(text, clock)) return false;
  if (!take(text, ':') || !take_number(text, 2, second) || second > 60) return false;
  if (take(text, '.') && !take_fraction(text, out.fraction)) return false;
  if (!take_offset(text, offset) || !text.empty()) return false;
  const chrono::sys_time<chrono::minutes> minute = day + clock - offset;
  out.second = minute + chrono::seconds(second);
  return second < 60 || is_last_of_day(minute);
}

// ---- durations ----

struct Unit {
  char letter;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 1> kWeekUnits{{{'W', 7 * kDay}}};
constexpr std::array<Unit, 1> kDayUnits{{{'D', kDay}}};
constexpr std::array<Unit, 3> kClockUnits{{{'H', kHour}, {'M', kMinute}, {'S', kSecond}}};

struct Component {
  std::int64_t whole = 0;
  Fraction fraction;
  char letter = 0;
};

bool take_component(std::string_view& rest, Component& out) {
  if (rest.empty() || !is_digit(rest.front())) return false;  // from_chars would take a '-'.
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), out.whole);
  if (failure != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (take(rest, '.') && !take_fraction(rest, out.fraction)) return false;
  if (rest.empty()) return false;
  out.letter = rest.front();
  rest.remove_prefix(1);
  return out.fraction.digits == 0 || (out.letter == 'S' && out.fraction.digits <= kFractionDigits);
}

// Up to a 'T' or the end: at least one, each of `units` at most once and in their order. `sign` is 1 or -1: summed up
// with it, as there is one more negative number than there are positive ones.
bool take_components(std::string_view& rest, std::span<const Unit> units, std::int64_t sign, std::int64_t& total) {
  bool is_any = false;
  for (; !rest.empty() && rest.front() != 'T'; is_any = true) {
    Component component;
    if (!take_component(rest, component)) return false;
    while (!units.empty() && units.front().letter != component.letter) units = units.subspan(1);
    if (units.empty() || !add_scaled(total, component.whole, sign * units.front().nanoseconds)) return false;
    if (!add_scaled(total, component.fraction.nanoseconds, sign)) return false;
    units = units.subspan(1);
  }
  return is_any;
}

bool take_days_and_clock(std::string_view& rest, std::int64_t sign, std::int64_t& total) {
  if (!rest.starts_with('T') && !take_components(rest, kDayUnits, sign, total)) return false;
  return !take(rest, 'T') || take_components(rest, kClockUnits, sign, total);
}

// ---- writing ----

void append_number(std::string& out, std::uint64_t value, std::size_t digits_min = 1) {
  std::array<char, 20> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  const auto digits = static_cast<std::size_t>(written.ptr - text.data());
  if (digits < digits_min) out.append(digits_min - digits, '0');
  out.append(text.data(), digits);
}

void append_fraction(std::string& out, std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return;
  out += '.';
  append_number(out, nanoseconds, kFractionDigits);
  out.erase(out.find_last_not_of('0') + 1);
}

void append_component(std::string& out, std::uint64_t count, char letter) {
  if (count == 0) return;
  append_number(out, count);
  out += letter;
}

void append_clock(std::string& out, std::uint64_t nanoseconds) {
  constexpr auto kUnsignedSecond = static_cast<std::uint64_t>(kSecond);
  const std::uint64_t seconds = nanoseconds / kUnsignedSecond;
  append_component(out, seconds / 3600, 'H');
  append_component(out, seconds / 60 % 60, 'M');
  const bool is_whole_minutes = nanoseconds % static_cast<std::uint64_t>(kMinute) == 0;
  if (is_whole_minutes && nanoseconds != 0) return;
  append_number(out, seconds % 60);
  append_fraction(out, nanoseconds % kUnsignedSecond);
  out += 'S';
}

void append_two_digits(std::string& out, char before, std::int64_t value) {
  out += before;
  append_number(out, static_cast<std::uint64_t>(value), 2);
}

}  // namespace

bool parse_time(std::string_view text, chrono::sys_time<chrono::nanoseconds>& out) {
  DateTime read;
  if (!read_date_time(text, read) || read.fraction.digits > kFractionDigits) return false;
  std::int64_t seconds = read.second.time_since_epoch().count();
  std::int64_t total = read.fraction.nanoseconds;
  // The second that the smallest time is in began before it: count to the end of the second instead.
  if (seconds < 0) {
    ++seconds;
    total -= kSecond;
  }
  if (!add_scaled(total, seconds, kSecond)) return false;
  out = chrono::sys_time<chrono::nanoseconds>(chrono::nanoseconds(total));
  return true;
}

void append_time(std::string& out, chrono::sys_time<chrono::nanoseconds> time) {
  // By way of whole seconds: the day that the smallest time is in began before it.
  const auto second = chrono::floor<chrono::seconds>(time);
  const auto day = chrono::floor<chrono::days>(second);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(second - day);
  append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  append_two_digits(out, '-', static_cast<unsigned>(date.month()));
  append_two_digits(out, '-', static_cast<unsigned>(date.day()));
  append_two_digits(out, 'T', clock.hours().count());
  append_two_digits(out, ':', clock.minutes().count());
  append_two_digits(out, ':', clock.seconds().count());
  const std::int64_t remainder = time.time_since_epoch().count() % kSecond;
  append_fraction(out, static_cast<std::uint64_t>(remainder < 0 ? remainder + kSecond : remainder));
  out += 'Z';
}

bool parse_duration(std::string_view text, chrono::nanoseconds& out) {
  const std::int64_t sign = take(text, '-') ? -1 : 1;
  if (!take(text, 'P')) return false;
  std::int64_t total = 0;
  const bool is_read =
      text.ends_with('W') ? take_components(text, kWeekUnits, sign, total) : take_days_and_clock(text, sign, total);
  if (!is_read || !text.empty()) return false;
  out = chrono::nanoseconds(total);
  return true;
}

void append_duration(std::string& out, chrono::nanoseconds duration) {
  const bool is_negative = duration.count() < 0;
  const auto count = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t magnitude = is_negative ? 0 - count : count;  // Unsigned: the smallest has no signed opposite.
  const std::uint64_t in_day = magnitude % static_cast<std::uint64_t>(kDay);
  if (is_negative) out += '-';
  out += 'P';
  append_component(out, magnitude / static_cast<std::uint64_t>(kDay), 'D');
  if (in_day == 0 && magnitude != 0) return;
  out += 'T';
  append_clock(out, in_day);
}

bool is_date(std::string_view text) {
  chrono::sys_days day;
  return take_date(text, day) && text.empty();
}

bool is_date_time(std::string_view text) {
  DateTime read;
  return read_date_time(text, read);
}

}  // namespace weir::base
