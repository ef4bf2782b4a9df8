// SPDX-License-Identifier: MIT
// Keys that signatures of tokens are checked with, each bound to one algorithm.
#pragma once

#include <middleware/internal/jwt_json.hpp>
#include <weir/base/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace weir::middleware::internal {

enum class JwtAlgorithm : unsigned char { kHs256, kRs256, kEs256, kEdDsa };

/// nullopt for "none" and whatever else we do not take. The case counts. Source: RFC 7518 section 3.1, RFC 8037.
std::optional<JwtAlgorithm> find_jwt_algorithm(std::string_view name);

/// One key. It decides the algorithm by what it is; a token can only agree.
///
/// Thread:    immutable.
/// Ownership: copies share the key.
class JwtKey {
 public:
  // Errors of all: kInvalidArgument, with a sentence that has nothing of the key in it.

  /// HS256. At least 32 bytes; no PEM, which would be a public text for a secret. Source: RFC 7518 section 3.2.
  static base::Result<JwtKey> from_secret(std::string_view secret);
  /// "-----BEGIN PUBLIC KEY-----": RSA of 2048 to 8192 bits, P-256 or Ed25519.
  static base::Result<JwtKey> from_pem(std::string_view pem);
  /// An empty optional for a key that is not for us to use: of another type, curve, algorithm, `use` or `key_ops`.
  static base::Result<std::optional<JwtKey>> from_jwk(const Jwk& jwk);

  JwtAlgorithm algorithm() const { return algorithm_; }
  const std::optional<std::string>& id() const { return id_; }
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  JwtKey(JwtAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key) : algorithm_(algorithm), key_(std::move(key)) {}
  static base::Result<JwtKey> from_public_key(std::shared_ptr<evp_pkey_st> key);

  JwtAlgorithm algorithm_;
  std::optional<std::string> id_;
  std::shared_ptr<evp_pkey_st> key_;  // a set is copied to several loops
};

/// The keys of one issuer.
///
/// Thread: immutable.
class JwtKeySet {
 public:
  static constexpr std::size_t kKeysMax = 64;

  explicit JwtKeySet(std::vector<JwtKey> keys) : keys_(std::move(keys)) {}
  /// Errors: kInvalidArgument when it is malformed; has more than kKeysMax keys, two of one `kid` and algorithm, a
  ///         malformed or weak one of a kind that we use, or none that we can use. Others are passed over.
  static base::Result<JwtKeySet> from_jwks(std::string_view json);

  enum class Answer : unsigned char { kVerified, kUnknownKey, kWrongAlgorithm, kWrongSignature };
  /// With a `kid` the keys of that name count, and those without a name only where there is none; without a `kid` the
  /// first four of the algorithm. A `kid` is compared and nothing else.
  Answer verify(const JoseHeader& header, std::string_view text, std::string_view signature) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<JwtKey> keys_;
};

}  // namespace weir::middleware::internal
