// SPDX-License-Identifier: MIT
// Conditional requests and ranges.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/request.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::http {

/// What tells one version of a representation from another.
struct Validators {
  std::string_view etag;                             ///< With its quotes, and its W/ if it is weak; "": none.
  std::optional<base::WallTime> last_modified = {};  ///< Compared in whole seconds.
};

enum class Precondition : unsigned char {
  kHolds,        ///< Go on.
  kNotModified,  ///< 304: the client has it already.
  kFailed,       ///< 412: it is not what the client thinks it is.
};

/// What If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since say of a representation that exists. A
/// malformed date is as if it was not there.
///
/// Source: RFC 9110 sections 13.1 and 13.2.2.
Precondition evaluate(const Request& request, const Validators& validators);

/// Whether an If-None-Match with that value names `etag`, compared weakly.
bool names_etag(std::string_view field, std::string_view etag);

/// Whether a Range counts: there is no If-Range, or it names exactly this version. Source: RFC 9110 section 13.1.5.
bool if_range_holds(const Request& request, const Validators& validators);

/// A part of a representation.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

enum class RangeRequest : unsigned char {
  kWhole,          ///< No Range, or one that need not be followed: another unit, malformed, or more than one part.
  kPart,           ///< `part` of it.
  kUnsatisfiable,  ///< 416
};

/// What the Range of a GET asks of a representation of `size` bytes. Several parts in one request are answered with the
/// whole, as is allowed: overlapping ones can ask for more than there is.
///
/// Source: RFC 9110 sections 14.1.2 and 14.2.
RangeRequest find_range(const Request& request, std::uint64_t size, ByteRange& part);

}  // namespace weir::http
