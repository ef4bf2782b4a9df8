// SPDX-License-Identifier: MIT
// Where a request goes: a URL, taken apart.
#pragma once

#include <string>
#include <string_view>

namespace weir::http::internal {

/// An http or https URL, and what has to be known of it.
struct Target {
  std::string url;        ///< Without user and password.
  std::string origin;     ///< "scheme://host:port": who gets the request, and its credentials (RFC 6454).
  std::string authority;  ///< "host", or "host:port" where the port is not the scheme's: for messages.
  std::string user;
  std::string password;
};

/// Errors: throws ClientError kBadUrl.
Target parse_target(std::string_view url);

/// Where `reference` leads from `base`: a Location field. Credentials are kept within an origin only.
///
/// Errors: throws ClientError kBadUrl.
/// Source: RFC 3986 section 5.
Target resolve(const Target& base, std::string_view reference);

}  // namespace weir::http::internal
