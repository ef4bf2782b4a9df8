// SPDX-License-Identifier: MIT
#include <middleware/api_key.hpp>

#include <middleware/internal/authorization.hpp>
#include <middleware/internal/secret_index.hpp>
#include <weir/http/parameters.hpp>
#include <weir/http/syntax.hpp>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace weir::middleware {
namespace {

using internal::Digest;

constexpr std::size_t kKeyBytesMin = 16;
constexpr std::size_t kKeyBytesMax = 256;

Digest digest_of(const ApiKey::Key& key) {
  if (key.owner.empty()) throw std::invalid_argument("ApiKey: a key has no owner");
  if (key.key.empty() == key.key_sha256.empty()) {
    throw std::invalid_argument("ApiKey: an owner needs either a key or a key_sha256");
  }
  if (!key.key_sha256.empty()) {
    const std::optional<Digest> digest = internal::parse_digest(key.key_sha256);
    if (!digest) throw std::invalid_argument("ApiKey: a key_sha256 is not 64 hexadecimal digits");
    return *digest;
  }
  if (key.key.size() < kKeyBytesMin || key.key.size() > kKeyBytesMax) {
    throw std::invalid_argument("ApiKey: a key has fewer than 16 or more than 256 bytes");
  }
  return internal::sha256(key.key);
}

internal::SecretIndex make_index(const std::vector<ApiKey::Key>& keys) {
  if (keys.empty()) throw std::invalid_argument("ApiKey needs at least one key");
  internal::SecretIndex index;
  for (const ApiKey::Key& key : keys) {
    if (!index.add(digest_of(key), key.owner)) throw std::invalid_argument("ApiKey: the same key is given twice");
  }
  return index;
}

}  // namespace

struct ApiKey::State {
  explicit State(const Options& options)
      : index(make_index(options.keys)), header(options.header), query(options.query) {
    if (!http::syntax::is_token(header)) throw std::invalid_argument("ApiKey: the header is not a field name");
    challenge = "ApiKey " + internal::parameter("ApiKey", "realm", options.realm) + ", " +
                internal::parameter("ApiKey", "header", header);
  }
  http::Response refuse() const { return internal::challenge(401, challenge, "A valid API key is required."); }
  http::Response refuse_several() const {
    return internal::challenge(400, challenge, "There is more than one API key.");
  }

  internal::SecretIndex index;
  std::string header;
  std::string query;
  std::string challenge;
};

ApiKey::ApiKey(const Options& options) : state_(std::make_shared<const State>(options)) {}

std::optional<http::Response> ApiKey::before(routing::Context& context) const {
  const http::Request& request = context.request();
  const std::size_t count = internal::count_fields(request, state_->header);
  if (count > 1) return state_->refuse_several();
  std::optional<std::string_view> key = request.header(state_->header);
  http::Parameters asked;
  if (!state_->query.empty()) {
    auto parsed = http::parse_form(request.raw_query());
    if (!parsed) return internal::challenge(400, state_->challenge, "The query is malformed.");
    asked = std::move(*parsed);
    const auto keys = asked.find_all(state_->query);
    if (keys.size() + count > 1) return state_->refuse_several();
    if (!keys.empty()) key = keys.front();
  }
  if (!key || key->empty() || key->size() > kKeyBytesMax) return state_->refuse();
  const std::string* const owner = state_->index.find(internal::sha256(*key));
  if (owner == nullptr) return state_->refuse();
  context.set_principal(*owner);
  return std::nullopt;
}

}  // namespace weir::middleware
