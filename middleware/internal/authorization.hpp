// SPDX-License-Identifier: MIT
// What the middlewares that ask who is there have in common: the Authorization field, and how it is asked for.
#pragma once

#include <weir/http/request.hpp>
#include <weir/http/response.hpp>

#include <string>
#include <string_view>

namespace weir::middleware::internal {

/// The Authorization of a request, taken apart. Source: RFC 9110 section 11.4.
struct Authorization {
  enum class Kind : unsigned char {
    kNone,    ///< No such field, or one of another scheme.
    kOne,     ///< One of the scheme that was asked for; `credentials` is what follows it, "" if nothing does.
    kSeveral  ///< More than one field: whichever we took, somebody before us may have taken another.
  };
  Kind kind = Kind::kNone;
  std::string_view credentials;
};

/// Schemes are compared without regard to case. Ownership: the view is one into the request.
Authorization find_authorization(const http::Request& request, std::string_view scheme);

/// How often a request has a field of that name, in any case.
std::size_t count_fields(const http::Request& request, std::string_view name);

/// A problem+json with a challenge in WWW-Authenticate. Source: RFC 9110 section 11.6.1.
http::Response challenge(int status, std::string_view challenge, std::string_view detail);

/// `realm="..."`, or any other parameter of a challenge.
/// Errors: throws std::invalid_argument that begins with `who` unless the value is 1 to 256 printable ASCII characters
///         without quotes and backslashes.
std::string parameter(std::string_view who, std::string_view name, std::string_view value);

}  // namespace weir::middleware::internal
