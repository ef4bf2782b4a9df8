// SPDX-License-Identifier: MIT
// HTTP dates.
#pragma once

#include <weir/base/clock.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate, RFC 9110 section 5.6.7.
std::string format_date(base::WallTime time);

/// A date in one of the three formats that RFC 9110 section 5.6.7 asks recipients to know; nullopt for anything else.
/// Two digits for a year are one of this century unless that is more than 50 years ahead.
std::optional<base::WallTime> parse_date(std::string_view text);

/// The Date line of responses, rendered at most once a second.
///
/// Thread: one loop's.
class DateLine {
 public:
  explicit DateLine(const base::Clock& clock) : clock_(clock) {}

  /// Makes it right for `now`, the loop's time.
  void update(base::TimePoint now) {
    if (now >= good_until_) render(now);
  }

  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
  std::string_view alone() const { return {text_.data(), kDateBytes}; }
  /// The same with "Content-Length: " behind it, which follows in most answers: one copy of a known length.
  std::string_view with_content_length() const { return {text_.data(), text_.size()}; }

 private:
  static constexpr std::size_t kDateBytes = 37;
  static constexpr std::size_t kContentLengthBytes = 16;
  void render(base::TimePoint now);

  const base::Clock& clock_;
  base::TimePoint good_until_ = base::TimePoint::min();
  std::array<char, kDateBytes + kContentLengthBytes> text_{};
};

}  // namespace weir::http
