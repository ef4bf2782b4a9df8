// SPDX-License-Identifier: MIT
// HTTP dates.
#pragma once

#include <weir/base/clock.hpp>

#include <array>
#include <string>
#include <string_view>

namespace weir::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate, RFC 9110 section 5.6.7.
std::string format_date(base::WallTime time);

/// The Date line of responses, rendered at most once a second.
///
/// Thread: one loop's.
class DateLine {
 public:
  explicit DateLine(const base::Clock& clock) : clock_(clock) {}

  /// "Date: ...\r\n"; `now` is the loop's time, which decides whether it is still right.
  std::string_view at(base::TimePoint now) {
    if (now >= good_until_) render(now);
    return line_;
  }

 private:
  void render(base::TimePoint now);

  const base::Clock& clock_;
  base::TimePoint good_until_ = base::TimePoint::min();
  std::string line_;
};

}  // namespace weir::http
