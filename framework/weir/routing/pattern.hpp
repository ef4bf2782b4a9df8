// SPDX-License-Identifier: MIT
// The path pattern of a route: "/users/{id:int}/files/{rest...}".
#pragma once

#include <weir/base/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// What one segment of a pattern matches, from most to least specific.
enum class SegmentKind : unsigned char {
  kLiteral,    ///< exactly that text, after percent-decoding
  kInt,        ///< {name:int}, a decimal that fits 64 bits, signed
  kUuid,       ///< {name:uuid}, 8-4-4-4-12 hexadecimal digits
  kParameter,  ///< {name}, any one non-empty segment
  kRest,       ///< {name...}, one or more segments up to the end
};

struct PatternSegment {
  SegmentKind kind = SegmentKind::kLiteral;
  std::string text;  ///< The literal, or the parameter's name.
};

struct PathPattern {
  std::string text;
  std::vector<PatternSegment> segments;

  /// Errors: kInvalidArgument with a sentence: no leading slash, unbalanced braces, unknown type, a name twice,
  ///         {rest...} before the end.
  static base::Result<PathPattern> parse(std::string_view text);

  /// Which segment holds the parameter; npos when the pattern has none of that name.
  std::size_t index_of(std::string_view parameter) const;
};

/// Whether a decoded segment of a request fits a segment of a pattern (kRest fits any).
bool fits(const PatternSegment& pattern, std::string_view segment);

}  // namespace weir::routing
