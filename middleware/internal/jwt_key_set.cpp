// SPDX-License-Identifier: MIT
// Which key of a set a token was signed with.
#include <middleware/internal/jwt_keys.hpp>

#include <algorithm>
#include <utility>

namespace weir::middleware::internal {
namespace {

constexpr int kTriesMax = 4;  // each costs up to 150 us

}  // namespace

base::Result<JwtKeySet> JwtKeySet::from_jwks(std::string_view json) {
  const base::Result<std::vector<Jwk>> list = parse_jwks(json, kKeysMax);
  if (!list) return list.error();
  std::vector<JwtKey> keys;
  for (const Jwk& jwk : *list) {
    base::Result<std::optional<JwtKey>> key = JwtKey::from_jwk(jwk);
    if (!key) return std::move(key).error();
    if (!*key) continue;
    const bool is_ambiguous = std::any_of(keys.begin(), keys.end(), [&key](const JwtKey& other) {
      return other.id() && other.id() == (*key)->id() && other.algorithm() == (*key)->algorithm();
    });
    if (is_ambiguous) return base::Error(base::ErrorCode::kInvalidArgument, "two keys have the same kid");
    keys.push_back(*std::move(*key));
  }
  if (keys.empty()) return base::Error(base::ErrorCode::kInvalidArgument, "it has no key that can be used");
  return JwtKeySet(std::move(keys));
}

JwtKeySet::Answer JwtKeySet::verify(const JoseHeader& header, std::string_view text, std::string_view signature) const {
  const std::optional<JwtAlgorithm> algorithm = find_jwt_algorithm(header.algorithm);
  if (!algorithm) return Answer::kWrongAlgorithm;
  const auto is_named = [&header](const JwtKey& key) { return key.id() == header.key_id; };
  const bool is_known = header.key_id && std::any_of(keys_.begin(), keys_.end(), is_named);
  bool is_candidate_seen = false;
  int tries = 0;
  for (const JwtKey& key : keys_) {
    if (header.key_id && (is_known ? !is_named(key) : key.id().has_value())) continue;
    is_candidate_seen = true;
    if (key.algorithm() != *algorithm) continue;
    if (++tries > kTriesMax) break;
    if (key.verify(text, signature)) return Answer::kVerified;
  }
  if (!is_candidate_seen) return Answer::kUnknownKey;
  return tries == 0 ? Answer::kWrongAlgorithm : Answer::kWrongSignature;
}

}  // namespace weir::middleware::internal
