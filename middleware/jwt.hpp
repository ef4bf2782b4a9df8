// SPDX-License-Identifier: MIT
// Verifies JSON Web Tokens.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/loop/task.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// Whose tokens are good. Exactly one of `secret`, `public_key_pem` and `jwks_file` is given.
struct JwtOptions {
  std::string secret = {};          ///< HS256: 32 random bytes or more that issuer and service share.
  std::string public_key_pem = {};  ///< RS256 (2048 bits or more), ES256 or EdDSA (Ed25519), by what it is.
  /// A file of at most 256 KiB and 64 keys as RFC 7517 has it: oct, RSA, EC P-256, OKP Ed25519. Other keys, and those
  /// whose `use`, `alg` or `key_ops` is another, are passed over; a weak or malformed one refuses the file.
  std::string jwks_file = {};
  std::chrono::seconds reload_interval{30};       ///< How often, at most, to look whether the file has changed.
  std::chrono::seconds early_reload_interval{5};  ///< The same when a token names a key that is not there.

  /// `iss` is one of these; empty: whatever it is. They are names of one issuer, as they share keys and subjects: of
  /// two issuers, each has a BearerAuth of its own.
  std::vector<std::string> issuers = {};
  std::vector<std::string> audiences = {};  ///< `aud` has one of these; empty: a token with an `aud` is not for us.
  bool accept_any_audience = false;         ///< Instead: `aud` is not looked at.
  std::string type = {};                    ///< `typ` in the header, such as "at+jwt" (RFC 9068); "": any.
  std::chrono::seconds clock_skew{60};      ///< How far the issuer's clock may be off; up to an hour.
  bool require_expiry = true;               ///< A token without `exp` is good for ever: it is refused.
  bool require_subject = true;              ///< A token without `sub` says of nobody who asks: it is refused.
  std::size_t token_bytes_max = 8192;
  std::size_t cached_tokens = 1024;  ///< For each loop, up to 65,536; 0: none. See JwtVerifier.
};

/// What a good token says.
struct VerifiedJwt {
  std::string subject;              ///< `sub`, without control characters; "" when there is none.
  std::vector<std::string> scopes;  ///< Of `scope` and `scp`.
  std::string claims;               ///< All of its claims: a JSON object without duplicate members.
  // Seconds since 1970, where the token says it.
  std::optional<double> expires_at;
  std::optional<double> not_before;
  std::optional<double> issued_at;
};

enum class JwtFailure : unsigned char {
  kNone,
  kTooLong,
  kMalformed,  ///< No JWS in compact form, or its JSON is not what it should be.
  kExtension,  ///< `crit` or `b64`: it asks for what we do not understand.
  kWrongType,
  kUnknownKey,
  kWrongAlgorithm,  ///< Not the one of the key; "none", for one.
  kWrongSignature,
  kExpired,  ///< Or without `exp`.
  kNotYetValid,
  kWrongIssuer,
  kWrongAudience,
  kNoSubject,
};
/// "expired", for logs.
std::string_view to_string(JwtFailure failure);

/// Decides whether a token is good. The key says by which algorithm it was signed: the token can only agree. Nothing
/// in a token's header is followed, opened or fetched; its `kid` is compared.
///
/// A signature costs 15 (HS256) to 170 us (EdDSA) to verify. So verified tokens are remembered per loop, by their
/// SHA-256, until others take their place or the keys change; the times are looked at each time. One that is remembered
/// costs about a microsecond. The memory is about cached_tokens times what they say for each loop.
///
/// Thread:    any.
/// Ownership: copies share their keys.
/// Errors:    the constructor throws std::invalid_argument for options that cannot be, a weak key, and a file that
///            cannot be read or used. It reads the file, and so is for set-up.
/// Source:    RFC 7519 section 7.2, RFC 7515 section 5.2, and RFC 8725 for what to beware of.
class JwtVerifier {
 public:
  explicit JwtVerifier(JwtOptions options);

  struct Answer {
    std::shared_ptr<const VerifiedJwt> token;  ///< Null if there is a failure. Shared with what remembers it.
    JwtFailure failure = JwtFailure::kNone;
  };
  /// Does not wait.
  Answer verify(std::string_view token, base::WallTime now) const;

  /// Whether it is time to look at the file; says so to one caller, who then awaits `reload`. `is_key_missing`: a token
  /// named an unknown key. Always false without a file.
  bool take_reload_turn(base::TimePoint now, bool is_key_missing) const;
  /// Reads the file, if it has changed, off the loop, while others go on with the keys that there are. They stay when
  /// the new ones cannot be used, which the log tells at each turn.
  ///
  /// Thread:    loop thread.
  /// Ownership: borrows `log` until it has ended.
  /// Cancel:    not; a file takes milliseconds.
  loop::Task<void> reload(base::Log* log) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // of all copies, and of reloads that go on
};

}  // namespace weir::middleware
