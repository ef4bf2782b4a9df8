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
  /// False when the path is to be refused (400): no leading slash, a character that a path may not hold, a malformed
  /// escape, NUL, or a dot segment in any spelling. Nothing is repaired: "//" is an empty segment, case matters.
  [[nodiscard]] bool parse(std::string_view raw_path);

  /// "/" is one empty segment, "/a/" is "a" and an empty one.
  std::span<const std::string_view> segments() const { return segments_; }

 private:
  bool add(std::string_view raw_segment, bool has_escape);

  std::vector<std::string_view> segments_;
  std::string decoded_;
};

}  // namespace weir::http
