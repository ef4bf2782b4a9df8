// SPDX-License-Identifier: MIT
// A request path as its decoded segments.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

/// Splits a raw path at its slashes and decodes each segment once, so that %2F stays data.
///
/// Thread:    as any value; made to be reused, so that a request allocates nothing.
/// Ownership: segments point into the path given to `parse` or into this object; good until the next `parse`.
class PathSegments {
 public:
  /// Reads the path at the front of `text`, up to its end or to a '?', and returns how long it is.
  ///
  /// npos when it is to be refused (400): no leading slash, a character that a path may not hold, a malformed escape,
  /// NUL, or a dot segment in any spelling. Nothing is repaired: "//" is an empty segment, case matters.
  [[nodiscard]] std::size_t parse(std::string_view text);

  void clear() { count_ = 0; }
  /// The path that was parsed lies in memory at `to` now, no longer at `from`.
  void follow(std::string_view from, const char* to);

  /// "/" is one empty segment, "/a/" is "a" and an empty one.
  std::span<const std::string_view> segments() const { return {segments_.data(), count_}; }

 private:
  bool add(std::string_view raw_segment);
  bool add_escaped(std::string_view raw_segment);

  std::vector<std::string_view> segments_;  // only the first count_ count: kept between requests
  std::size_t count_ = 0;
  std::string decoded_;
};

}  // namespace weir::http
