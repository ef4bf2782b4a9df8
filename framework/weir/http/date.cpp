// SPDX-License-Identifier: MIT
#include <weir/http/date.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <algorithm>
#include <cstdio>

namespace weir::http {
using namespace std::chrono_literals;

namespace {

constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Compares a date with a shape: "d" a digit, "_" a digit or a space, "a" a letter, others themselves.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char lower = base::to_lower(text[i]);
    const bool fits = shape[i] == 'd'   ? base::is_digit(text[i])
                      : shape[i] == '_' ? base::is_digit(text[i]) || text[i] == ' '
                      : shape[i] == 'a' ? lower >= 'a' && lower <= 'z'
                                        : text[i] == shape[i];
    if (!fits) return false;
  }
  return true;
}

int number_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c == ' ' ? 0 : c - '0');
  return value;
}

std::optional<base::WallTime> make_time(int year, std::string_view month, int day, std::string_view clock) {
  using namespace std::chrono;
  const auto found = std::find(kMonths.begin(), kMonths.end(), month);
  const auto number = static_cast<unsigned>(found - kMonths.begin()) + 1;
  const year_month_day date{std::chrono::year(year), std::chrono::month(number),
                            std::chrono::day(static_cast<unsigned>(day))};
  const hours hour(number_of(clock.substr(0, 2)));
  const minutes minute(number_of(clock.substr(3, 2)));
  const seconds second(number_of(clock.substr(6, 2)));
  if (found == kMonths.end() || !date.ok() || hour >= 24h || minute >= 60min || second > 60s) return std::nullopt;
  constexpr int kFirstYear = 1678;  // what nanoseconds in 64 bits can tell
  constexpr int kLastYear = 2261;
  if (year < kFirstYear) return base::WallTime::min();
  if (year > kLastYear) return base::WallTime::max();
  return sys_days(date) + hour + minute + second;
}

}  // namespace

std::optional<base::WallTime> parse_date(std::string_view text) {
  if (has_shape(text, "aaa, dd aaa dddd dd:dd:dd GMT")) {  // IMF-fixdate
    return make_time(number_of(text.substr(12, 4)), text.substr(8, 3), number_of(text.substr(5, 2)),
                     text.substr(17, 8));
  }
  if (has_shape(text, "aaa aaa _d dd:dd:dd dddd")) {  // asctime
    return make_time(number_of(text.substr(20, 4)), text.substr(4, 3), number_of(text.substr(8, 2)),
                     text.substr(11, 8));
  }
  const std::size_t comma = text.find(',');  // RFC 850: "Sunday, 06-Nov-94 08:49:37 GMT"
  if (comma == std::string_view::npos || comma < 6 || !has_shape(text.substr(comma), ", dd-aaa-dd dd:dd:dd GMT")) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(comma + 2);
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  const int this_year = static_cast<int>(today.year());
  int year = this_year / 100 * 100 + number_of(rest.substr(7, 2));
  if (year > this_year + 50) year -= 100;
  return make_time(year, rest.substr(3, 3), number_of(rest.substr(0, 2)), rest.substr(10, 8));
}

std::string format_date(base::WallTime time) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[weekday(day).c_encoding()],
                    static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                    static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

void DateLine::render(base::TimePoint now) {
  using namespace std::chrono;
  const base::WallTime wall = clock_.wall_now();
  const std::string text = "Date: " + format_date(wall) + "\r\nContent-Length: ";
  WEIR_CHECK(text.size() == text_.size());
  text.copy(text_.data(), text_.size());
  const auto second_left = ceil<milliseconds>(floor<seconds>(wall) + seconds(1) - wall);
  good_until_ = now + second_left;
}

}  // namespace weir::http
