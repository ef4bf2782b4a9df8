// SPDX-License-Identifier: MIT
// The JSON of tokens and key sets, read strictly into plain structs.
#pragma once

#include <weir/base/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware::internal {

// Common to all of them: an object; no member twice at any depth; at most 16 levels deep; valid UTF-8; a member that
// is looked at has its type, null included. Members that are not named here are not looked at: `jku`, `jwk`, `x5u` and
// `x5c` of a token would let the token say who vouches for it.

/// The protected header. Source: RFC 7515 section 4.1.
struct JoseHeader {
  std::string algorithm;
  std::optional<std::string> key_id;
  std::string type;             ///< Without a leading "application/".
  bool has_extensions = false;  ///< `crit`, or `b64`, which needs it: what we would have to understand, and do not.
};
std::optional<JoseHeader> parse_jose_header(std::string_view json);

/// The registered claims, and scopes. Source: RFC 7519 section 4.1, RFC 8693 section 4.2.
struct JwtClaims {
  // Seconds since 1970, of the years up to 9999: a larger one is a mistake (of milliseconds, often) or an attack.
  std::optional<double> expires_at;
  std::optional<double> not_before;
  std::optional<double> issued_at;
  std::optional<std::string> issuer;
  std::optional<std::string> subject;
  std::optional<std::vector<std::string>> audience;  ///< One text, or a list of them.
  std::vector<std::string> scopes;                   ///< Of `scope` and `scp`: words of one text, or a list.
};
std::optional<JwtClaims> parse_jwt_claims(std::string_view json);

/// One key of a set, nothing of it checked but that it is text. Source: RFC 7517 section 4, RFC 7518 section 6.
struct Jwk {
  std::string type;
  std::optional<std::string> use;
  std::optional<std::vector<std::string>> operations;
  std::optional<std::string> algorithm;
  std::optional<std::string> id;
  std::optional<std::string> curve;
  std::optional<std::string> modulus;
  std::optional<std::string> exponent;
  std::optional<std::string> x;
  std::optional<std::string> y;
  std::optional<std::string> secret;
};
/// Errors: kInvalidArgument, with a sentence that has nothing of the text in it.
base::Result<std::vector<Jwk>> parse_jwks(std::string_view json, std::size_t keys_max);

}  // namespace weir::middleware::internal
