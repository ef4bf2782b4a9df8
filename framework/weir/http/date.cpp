// SPDX-License-Identifier: MIT
#include <weir/http/date.hpp>

#include <weir/base/check.hpp>

#include <cstdio>

namespace weir::http {

std::string format_date(base::WallTime time) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
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
