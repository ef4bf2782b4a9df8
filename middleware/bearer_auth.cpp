// SPDX-License-Identifier: MIT
#include <middleware/bearer_auth.hpp>

#include <middleware/internal/authorization.hpp>
#include <weir/base/text.hpp>

#include <algorithm>
#include <stdexcept>

namespace weir::middleware {
namespace {

using internal::Authorization;

// RFC 6750 section 2.1: b64token.
bool is_token_text(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  const auto is_allowed = [](char c) {
    const char lower = base::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || base::is_digit(c) ||
           std::string_view("-._~+/").find(c) != std::string::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed);
}

std::string join_scopes(const std::vector<std::string>& scopes) {
  std::string joined;
  for (const std::string& scope : scopes) {
    if (scope.empty() || scope.find(' ') != std::string::npos) {
      throw std::invalid_argument("BearerAuth: a scope is empty or has a space");
    }
    joined += (joined.empty() ? "" : " ") + scope;
  }
  return joined;
}

// The challenges, made once.
struct Challenges {
  Challenges(std::string_view realm, const std::vector<std::string>& scopes)
      : none("Bearer " + internal::parameter("BearerAuth", "realm", realm)),
        malformed(none + ", error=\"invalid_request\""),
        invalid(none + ", error=\"invalid_token\"") {
    if (scopes.empty()) return;
    insufficient =
        none + ", error=\"insufficient_scope\", " + internal::parameter("BearerAuth", "scope", join_scopes(scopes));
  }

  std::string none;
  std::string malformed;
  std::string invalid;
  std::string insufficient;
};

void log_refusal(routing::Context& context, JwtFailure failure) {
  base::Log& log = context.log();
  if (!log.enabled(base::LogLevel::kDebug)) return;
  log.debug("bearer.refused", {{"reason", to_string(failure)}, {"request_id", context.request_id()}});
}

}  // namespace

struct BearerAuth::State {
  explicit State(Options options)
      : verifier(std::move(options.jwt)),
        challenges(options.realm, options.required_scopes),
        required_scopes(std::move(options.required_scopes)) {}

  bool has_scopes(const VerifiedJwt& token) const {
    return std::all_of(required_scopes.begin(), required_scopes.end(), [&token](const std::string& scope) {
      return std::find(token.scopes.begin(), token.scopes.end(), scope) != token.scopes.end();
    });
  }

  JwtVerifier verifier;
  Challenges challenges;
  std::vector<std::string> required_scopes;
};

BearerAuth::BearerAuth(Options options) : state_(std::make_shared<const State>(std::move(options))) {}

loop::Task<std::optional<http::Response>> BearerAuth::before(routing::Context& context) const {
  using Kind = Authorization::Kind;
  const std::shared_ptr<const State> state = state_;
  const Challenges& challenges = state->challenges;
  const Authorization sent = internal::find_authorization(context.request(), "Bearer");
  if (sent.kind == Kind::kSeveral) {
    co_return internal::challenge(400, challenges.malformed, "There is more than one Authorization field.");
  }
  if (sent.kind == Kind::kNone) co_return internal::challenge(401, challenges.none, "An access token is required.");
  if (!is_token_text(sent.credentials)) {
    co_return internal::challenge(400, challenges.malformed, "The access token is malformed.");
  }
  const std::string token(sent.credentials);  // the request's bytes may move while this waits
  if (state->verifier.take_reload_turn(context.clock().now(), false)) co_await state->verifier.reload(&context.log());
  JwtVerifier::Answer answer = state->verifier.verify(token, context.clock().wall_now());
  if (answer.failure == JwtFailure::kUnknownKey && state->verifier.take_reload_turn(context.clock().now(), true)) {
    co_await state->verifier.reload(&context.log());
    answer = state->verifier.verify(token, context.clock().wall_now());
  }
  if (!answer.token) {
    log_refusal(context, answer.failure);
    co_return internal::challenge(401, challenges.invalid, "The access token is not valid.");
  }
  if (!state->has_scopes(*answer.token)) {
    co_return internal::challenge(403, challenges.insufficient, "The access token does not allow this.");
  }
  context.set_principal(answer.token->subject);
  context.attach(std::move(answer.token));
  co_return std::nullopt;
}

}  // namespace weir::middleware
