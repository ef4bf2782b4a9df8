// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/retry_after.hpp>

#include <weir/base/text.hpp>
#include <weir/http/date.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::http::internal {
namespace {

constexpr std::chrono::seconds kLongest = std::chrono::days(365);

std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::is_digit)) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) return static_cast<unsigned>(kLongest.count());
  return value;
}

// Whatever does not look like what format_date would make of the same time is none.
std::optional<base::WallTime> parse_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size()) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3)) - kMonths.begin();
  const auto day = number(text.substr(5, 2));
  const auto year_number = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (!day || !year_number || !hour || !minute || !second || month == std::ssize(kMonths)) return std::nullopt;
  if (*year_number < 1970 || *year_number > 2200) return std::nullopt;  // more than a WallTime holds
  const year_month_day date{year(static_cast<int>(*year_number)), std::chrono::month(static_cast<unsigned>(month) + 1),
                            std::chrono::day(*day)};
  const base::WallTime time = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  if (format_date(time) != text) return std::nullopt;
  return time;
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, base::WallTime now) {
  using std::chrono::seconds;
  value = base::trim(value);
  if (const auto count = number(value)) return std::min<seconds>(seconds(*count), kLongest);
  const auto date = parse_date(value);
  if (!date) return std::nullopt;
  return std::clamp<seconds>(std::chrono::ceil<seconds>(*date - now), seconds(0), kLongest);
}

}  // namespace weir::http::internal
