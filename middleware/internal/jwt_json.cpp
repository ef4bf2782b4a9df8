// SPDX-License-Identifier: MIT
#include <middleware/internal/jwt_json.hpp>

#include <weir/base/text.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <utility>

namespace weir::middleware::internal {
namespace {

using nlohmann::json;

constexpr int kDepthMax = 16;
constexpr double kTimeMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::optional<json> parse_object(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) return std::nullopt;  // the parser would skip it; RFC 8259 has none
  bool is_refused = false;
  std::vector<std::set<std::string>> names;  // of the objects that are open
  const json::parser_callback_t look = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) {
      names.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names.pop_back();
    } else if (event == json::parse_event_t::key) {
      if (!names.back().insert(parsed.get_ref<const std::string&>()).second) is_refused = true;
    }
    const bool is_start = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (is_start && depth >= kDepthMax) is_refused = true;
    return true;
  };
  json parsed = json::parse(text, look, false);
  if (is_refused || !parsed.is_object()) return std::nullopt;
  return parsed;
}

// Each of these says whether the member is absent or has the right type.

bool read(const json& object, const char* name, std::optional<std::string>& out) {
  const auto found = object.find(name);
  if (found == object.end()) return true;
  if (!found->is_string()) return false;
  out = found->get<std::string>();
  return true;
}

bool read(const json& object, const char* name, std::optional<double>& out) {
  const auto found = object.find(name);
  if (found == object.end()) return true;
  if (!found->is_number()) return false;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= kTimeMax)) return false;
  out = value;
  return true;
}

bool read_list(const json& list, std::vector<std::string>& out) {
  for (const json& element : list) {
    if (!element.is_string()) return false;
    out.push_back(element.get<std::string>());
  }
  return true;
}

bool read(const json& object, const char* name, std::optional<std::vector<std::string>>& out) {
  const auto found = object.find(name);
  if (found == object.end()) return true;
  out.emplace();
  if (found->is_array()) return read_list(*found, *out);
  if (!found->is_string()) return false;
  out->push_back(found->get<std::string>());
  return true;
}

bool read_scopes(const json& object, const char* name, std::vector<std::string>& out) {
  const auto found = object.find(name);
  if (found == object.end()) return true;
  if (found->is_array()) return read_list(*found, out);
  if (!found->is_string()) return false;
  std::string_view rest = found->get_ref<const std::string&>();
  while (!rest.empty()) {
    const std::string_view word = base::take_until(rest, ' ');
    if (!word.empty()) out.emplace_back(word);
  }
  return true;
}

std::string without_prefix(std::string_view type) {
  constexpr std::string_view kPrefix = "application/";
  if (base::equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix)) type.remove_prefix(kPrefix.size());
  return std::string(type);
}

std::optional<Jwk> read_jwk(const json& object) {
  Jwk key;
  std::optional<std::string> type;
  const bool is_right = object.is_object() && read(object, "kty", type) && type && read(object, "use", key.use) &&
                        read(object, "key_ops", key.operations) && read(object, "alg", key.algorithm) &&
                        read(object, "kid", key.id) && read(object, "crv", key.curve) &&
                        read(object, "n", key.modulus) && read(object, "e", key.exponent) && read(object, "x", key.x) &&
                        read(object, "y", key.y) && read(object, "k", key.secret);
  if (!is_right) return std::nullopt;
  key.type = std::move(*type);
  return key;
}

base::Error malformed(const char* sentence) {
  return {base::ErrorCode::kInvalidArgument, sentence};
}

}  // namespace

std::optional<JoseHeader> parse_jose_header(std::string_view text) {
  const std::optional<json> object = parse_object(text);
  JoseHeader header;
  std::optional<std::string> algorithm;
  std::optional<std::string> type;
  if (!object || !read(*object, "alg", algorithm) || !algorithm) return std::nullopt;
  if (!read(*object, "kid", header.key_id) || !read(*object, "typ", type)) return std::nullopt;
  header.algorithm = std::move(*algorithm);
  if (type) header.type = without_prefix(*type);
  header.has_extensions = object->contains("crit") || object->contains("b64");
  return header;
}

std::optional<JwtClaims> parse_jwt_claims(std::string_view text) {
  const std::optional<json> object = parse_object(text);
  JwtClaims claims;
  const bool is_right = object && read(*object, "exp", claims.expires_at) && read(*object, "nbf", claims.not_before) &&
                        read(*object, "iat", claims.issued_at) && read(*object, "iss", claims.issuer) &&
                        read(*object, "sub", claims.subject) && read(*object, "aud", claims.audience) &&
                        read_scopes(*object, "scope", claims.scopes) && read_scopes(*object, "scp", claims.scopes);
  if (!is_right) return std::nullopt;
  return claims;
}

base::Result<std::vector<Jwk>> parse_jwks(std::string_view text, std::size_t keys_max) {
  const std::optional<json> object = parse_object(text);
  if (!object) return malformed("it is not a JSON object without duplicate members");
  const auto list = object->find("keys");
  if (list == object->end() || !list->is_array()) return malformed("it has no list of \"keys\"");
  if (list->size() > keys_max) return malformed("it has too many keys");
  std::vector<Jwk> keys;
  for (const json& element : *list) {
    std::optional<Jwk> key = read_jwk(element);
    if (!key) return malformed("a key has a member of a wrong type, or no kty");
    keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace weir::middleware::internal
