// SPDX-License-Identifier: MIT
#include <middleware/basic_auth.hpp>

#include <middleware/internal/authorization.hpp>
#include <middleware/internal/base64.hpp>
#include <middleware/internal/secret_index.hpp>
#include <weir/base/utf8.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::middleware {
namespace {

using internal::Authorization;
using internal::Digest;

constexpr std::size_t kEncodedBytesMax = 1024;  // of user, colon and password in base64

struct UserAndPassword {
  std::string user;
  std::string password;
};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_clean(std::string_view text) {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

// nullopt for whatever cannot be somebody's: then nothing was asked.
std::optional<UserAndPassword> decode(std::string_view encoded) {
  if (encoded.size() > kEncodedBytesMax) return std::nullopt;
  std::optional<std::string> text = internal::decode_base64(encoded);
  if (!text || !is_clean(*text)) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;  // a principal "" would be nobody
  return UserAndPassword{text->substr(0, colon), text->substr(colon + 1)};
}

std::string make_challenge(std::string_view who, std::string_view realm) {
  return "Basic " + internal::parameter(who, "realm", realm) + ", charset=\"UTF-8\"";
}

http::Response refuse(const std::string& challenge) {
  return internal::challenge(401, challenge, "A valid user name and password are required.");
}

http::Response refuse_several(const std::string& challenge) {
  return internal::challenge(400, challenge, "There is more than one Authorization field.");
}

Digest digest_of(std::string_view user, const Digest& password) {
  std::string both(internal::view_of(internal::sha256(user)));
  both += internal::view_of(password);
  return internal::sha256(both);
}

Digest password_digest_of(const BasicCredential& credential) {
  if (credential.password.empty() == credential.password_sha256.empty()) {
    throw std::invalid_argument("BasicAuth: a user needs either a password or a password_sha256");
  }
  if (credential.password_sha256.empty()) return internal::sha256(credential.password);
  const std::optional<Digest> digest = internal::parse_digest(credential.password_sha256);
  if (!digest) throw std::invalid_argument("BasicAuth: a password_sha256 is not 64 hexadecimal digits");
  return *digest;
}

internal::SecretIndex make_index(const std::vector<BasicCredential>& credentials) {
  internal::SecretIndex index;
  for (const BasicCredential& credential : credentials) {
    const std::string& user = credential.user;
    if (user.empty() || user.find(':') != std::string::npos || !is_clean(user) || !is_clean(credential.password)) {
      throw std::invalid_argument(
          "BasicAuth: a user name is empty or has a colon, or a name or password has control characters or is not "
          "UTF-8");
    }
    if (!index.add(digest_of(user, password_digest_of(credential)), user)) {
      throw std::invalid_argument("BasicAuth: the same user and password are given twice");
    }
  }
  return index;
}

}  // namespace

struct BasicAuth::State {
  std::string challenge;
  internal::SecretIndex index;
  Verifier verifier;

  bool is_right(const UserAndPassword& sent) const {
    if (verifier) return verifier(sent.user, sent.password);
    return index.find(digest_of(sent.user, internal::sha256(sent.password))) != nullptr;
  }
};

BasicAuth::BasicAuth(Options options) {
  if (options.credentials.empty() == !options.verifier) {
    throw std::invalid_argument("BasicAuth needs either credentials or a verifier");
  }
  state_ = std::make_shared<const State>(
      State{make_challenge("BasicAuth", options.realm), make_index(options.credentials), std::move(options.verifier)});
}

std::optional<http::Response> BasicAuth::before(routing::Context& context) const {
  const Authorization sent = internal::find_authorization(context.request(), "Basic");
  if (sent.kind == Authorization::Kind::kSeveral) return refuse_several(state_->challenge);
  std::optional<UserAndPassword> who = decode(sent.credentials);
  if (!who || !state_->is_right(*who)) return refuse(state_->challenge);
  context.set_principal(std::move(who->user));
  return std::nullopt;
}

struct AsyncBasicAuth::State {
  std::string challenge;
  Verifier verifier;
};

AsyncBasicAuth::AsyncBasicAuth(Options options) {
  if (!options.verifier) throw std::invalid_argument("AsyncBasicAuth needs a verifier");
  state_ = std::make_shared<const State>(
      State{make_challenge("AsyncBasicAuth", options.realm), std::move(options.verifier)});
}

loop::Task<std::optional<http::Response>> AsyncBasicAuth::before(routing::Context& context) const {
  const std::shared_ptr<const State> state = state_;
  const Authorization sent = internal::find_authorization(context.request(), "Basic");
  if (sent.kind == Authorization::Kind::kSeveral) co_return refuse_several(state->challenge);
  std::optional<UserAndPassword> who = decode(sent.credentials);
  if (!who) co_return refuse(state->challenge);
  loop::Task<bool> asking = state->verifier(context, who->user, std::move(who->password));
  const bool is_right = co_await std::move(asking);
  if (!is_right) co_return refuse(state->challenge);
  context.set_principal(std::move(who->user));
  co_return std::nullopt;
}

}  // namespace weir::middleware
