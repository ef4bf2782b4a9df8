// SPDX-License-Identifier: MIT
#include <middleware/jwt.hpp>

#include <middleware/internal/base64.hpp>
#include <middleware/internal/jwks_file.hpp>
#include <middleware/internal/jwt_cache.hpp>
#include <middleware/internal/jwt_json.hpp>
#include <middleware/internal/jwt_keys.hpp>
#include <weir/base/guarded.hpp>
#include <weir/base/text.hpp>
#include <weir/loop/per_loop.hpp>
#include <weir/loop/stop_source.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;
using internal::Digest;
using internal::JoseHeader;
using internal::JwtClaims;
using internal::JwtKey;
using internal::JwtKeySet;

constexpr std::size_t kCachedTokensMax = 65'536;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

void require(bool condition, const std::string& sentence) {
  if (!condition) throw std::invalid_argument("JwtVerifier: " + sentence);
}

JwtOptions checked(JwtOptions options) {
  const int sources = static_cast<int>(!options.secret.empty()) + static_cast<int>(!options.public_key_pem.empty()) +
                      static_cast<int>(!options.jwks_file.empty());
  require(sources == 1, "exactly one of secret, public_key_pem and jwks_file is needed");
  require(options.clock_skew >= 0s && options.clock_skew <= 1h, "the clock_skew is not between 0 and an hour");
  require(options.reload_interval >= 1s && options.early_reload_interval >= 1s,
          "a reload interval is shorter than a second");
  require(options.token_bytes_max > 0, "token_bytes_max is 0");
  require(options.cached_tokens <= kCachedTokensMax, "cached_tokens is more than 65536");
  require(options.audiences.empty() || !options.accept_any_audience,
          "audiences and accept_any_audience exclude each other");
  return options;
}

internal::LoadedJwks load_keys(const JwtOptions& options) {
  if (!options.jwks_file.empty()) {
    base::Result<internal::LoadedJwks> loaded = internal::load_jwks(options.jwks_file);
    require(static_cast<bool>(loaded),
            "the jwks_file " + options.jwks_file + " cannot be used" + (loaded ? "" : ": " + loaded.error().message()));
    return std::move(loaded).value();
  }
  const base::Result<JwtKey> key =
      options.secret.empty() ? JwtKey::from_pem(options.public_key_pem) : JwtKey::from_secret(options.secret);
  require(static_cast<bool>(key), key ? "" : key.error().message());
  return {std::make_shared<const JwtKeySet>(std::vector<JwtKey>{*key}), {}, {}};
}

// header.payload.signature; nullopt unless it has two dots.
std::optional<std::array<std::string_view, 3>> split(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  const std::string_view header = base::take_until(token, '.');
  const std::string_view payload = base::take_until(token, '.');
  return std::array{header, payload, token};
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

JwtFailure failure_of(JwtKeySet::Answer answer) {
  switch (answer) {
    case JwtKeySet::Answer::kVerified:
      return JwtFailure::kNone;
    case JwtKeySet::Answer::kUnknownKey:
      return JwtFailure::kUnknownKey;
    case JwtKeySet::Answer::kWrongAlgorithm:
      return JwtFailure::kWrongAlgorithm;
    case JwtKeySet::Answer::kWrongSignature:
      return JwtFailure::kWrongSignature;
  }
  return JwtFailure::kWrongSignature;
}

bool has_any_of(const std::vector<std::string>& texts, const std::vector<std::string>& wanted) {
  return std::find_first_of(texts.begin(), texts.end(), wanted.begin(), wanted.end()) != texts.end();
}

// Who issued it, for whom and of whom; not the times, which are looked at each time.
JwtFailure check_parties(const JwtClaims& claims, const JwtOptions& options) {
  if (options.require_expiry && !claims.expires_at) return JwtFailure::kExpired;
  if (!options.issuers.empty() && !(claims.issuer && has_any_of({*claims.issuer}, options.issuers))) {
    return JwtFailure::kWrongIssuer;
  }
  if (!options.accept_any_audience) {
    const bool is_for_us = options.audiences.empty()
                               ? !claims.audience
                               : claims.audience && has_any_of(*claims.audience, options.audiences);
    if (!is_for_us) return JwtFailure::kWrongAudience;
  }
  const std::string subject = claims.subject.value_or("");
  if (std::any_of(subject.begin(), subject.end(), is_control)) return JwtFailure::kMalformed;
  return options.require_subject && subject.empty() ? JwtFailure::kNoSubject : JwtFailure::kNone;
}

JwtFailure check_times(const VerifiedJwt& token, base::WallTime now, std::chrono::seconds skew_time) {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto skew = static_cast<double>(skew_time.count());
  if (token.expires_at && seconds >= *token.expires_at + skew) return JwtFailure::kExpired;
  if (token.not_before && seconds + skew < *token.not_before) return JwtFailure::kNotYetValid;
  if (token.issued_at && seconds + skew < *token.issued_at) return JwtFailure::kNotYetValid;
  return JwtFailure::kNone;
}

JwtVerifier::Answer refusal(JwtFailure failure) {
  return {nullptr, failure};
}

// All but the times.
JwtVerifier::Answer verify_newly(std::string_view token, const JwtKeySet& keys, const JwtOptions& options) {
  const auto parts = split(token);
  if (!parts) return refusal(JwtFailure::kMalformed);
  const std::optional<std::string> header_text = internal::decode_base64url((*parts)[0]);
  std::optional<std::string> payload = internal::decode_base64url((*parts)[1]);
  const std::optional<std::string> signature = internal::decode_base64url((*parts)[2]);
  if (!header_text || !payload || !signature) return refusal(JwtFailure::kMalformed);
  const std::optional<JoseHeader> header = internal::parse_jose_header(*header_text);
  if (!header) return refusal(JwtFailure::kMalformed);
  if (header->has_extensions) return refusal(JwtFailure::kExtension);
  if (!options.type.empty() && !base::equals_ignoring_case(header->type, options.type)) {
    return refusal(JwtFailure::kWrongType);
  }
  const std::string_view signed_text = token.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size());
  const JwtFailure signing = failure_of(keys.verify(*header, signed_text, *signature));
  if (signing != JwtFailure::kNone) return refusal(signing);
  std::optional<JwtClaims> claims = internal::parse_jwt_claims(*payload);
  if (!claims) return refusal(JwtFailure::kMalformed);
  const JwtFailure failure = check_parties(*claims, options);
  if (failure != JwtFailure::kNone) return refusal(failure);
  return {std::make_shared<const VerifiedJwt>(VerifiedJwt{claims->subject.value_or(""), std::move(claims->scopes),
                                                          *std::move(payload), claims->expires_at, claims->not_before,
                                                          claims->issued_at}),
          JwtFailure::kNone};
}

}  // namespace

std::string_view to_string(JwtFailure failure) {
  constexpr std::array<std::string_view, 13> kNames{
      "none",         "too long",        "malformed",       "unknown extension", "wrong type",
      "unknown key",  "wrong algorithm", "wrong signature", "expired",           "not yet valid",
      "wrong issuer", "wrong audience",  "no subject"};
  return kNames[static_cast<std::size_t>(failure)];
}

struct JwtVerifier::State {
  // What a loop has of its own, so that a request takes no lock.
  struct Local {
    std::uint64_t generation = 0;
    std::shared_ptr<const JwtKeySet> keys;
    internal::JwtCache cache;
  };

  explicit State(JwtOptions options_in)
      : options(checked(std::move(options_in))), loaded(load_keys(options)), locals([size = options.cached_tokens] {
          return Local{0, nullptr, internal::JwtCache(size)};
        }) {}

  Local& local() const {
    Local& mine = locals.local();
    const std::uint64_t current = generation.load(std::memory_order_acquire);
    if (mine.generation != current) {
      mine.keys = loaded.lock()->keys;
      mine.cache.clear();
      mine.generation = current;
    }
    return mine;
  }
  /// Changed keys count from here on: a loop that sees the new generation finds the new keys.
  /// Nothing happens when others than `before` are there by now: that look was later.
  void replace(internal::LoadedJwks fresh, const std::shared_ptr<const JwtKeySet>& before) {
    const bool is_changed = loaded.with([&fresh, &before](internal::LoadedJwks& all) {
      if (all.keys != before) return false;
      const bool has_changed = all.keys != fresh.keys;
      all = std::move(fresh);
      return has_changed;
    });
    if (is_changed) generation.fetch_add(1, std::memory_order_release);
  }

  const JwtOptions options;
  base::Guarded<internal::LoadedJwks> loaded;
  std::atomic<std::uint64_t> generation{1};
  std::atomic<std::int64_t> looked_at_ns{kNever};  // when the file was last looked at
  loop::PerLoop<Local> locals;
};

JwtVerifier::JwtVerifier(JwtOptions options) : state_(std::make_shared<State>(std::move(options))) {}

JwtVerifier::Answer JwtVerifier::verify(std::string_view token, base::WallTime now) const {
  const JwtOptions& options = state_->options;
  if (token.size() > options.token_bytes_max) return refusal(JwtFailure::kTooLong);
  State::Local& local = state_->local();
  const Digest digest = internal::sha256(token);
  Answer answer{local.cache.find(digest), JwtFailure::kNone};
  const bool is_new = answer.token == nullptr;
  if (is_new) answer = verify_newly(token, *local.keys, options);
  if (!answer.token) return answer;
  const JwtFailure failure = check_times(*answer.token, now, options.clock_skew);
  if (failure != JwtFailure::kNone) return refusal(failure);
  if (is_new) local.cache.add(digest, answer.token);
  return answer;
}

bool JwtVerifier::take_reload_turn(base::TimePoint now, bool is_key_missing) const {
  const JwtOptions& options = state_->options;
  if (options.jwks_file.empty()) return false;
  const std::int64_t now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  std::int64_t last_ns = state_->looked_at_ns.load(std::memory_order_relaxed);
  if (last_ns != kNever && now_ns >= last_ns) {  // before: another clock, that of a test
    const std::chrono::nanoseconds age(now_ns - last_ns);
    const auto early = std::min(options.early_reload_interval, options.reload_interval);
    if (age < (is_key_missing ? early : options.reload_interval)) return false;
  }
  return state_->looked_at_ns.compare_exchange_strong(last_ns, now_ns, std::memory_order_relaxed);
}

loop::Task<void> JwtVerifier::reload(base::Log* log) const {
  const std::shared_ptr<State> state = state_;
  const std::string path = state->options.jwks_file;
  internal::LoadedJwks known = *state->loaded.lock();
  const std::shared_ptr<const JwtKeySet> before = known.keys;
  // Not the request's: else who sends tokens with unknown keys and leaves at once could keep the file from being read.
  loop::StopSource never;
  loop::Task<base::Result<internal::LoadedJwks>> reading = internal::reload_jwks(path, std::move(known));
  reading.set_stop_source(&never);
  base::Result<internal::LoadedJwks> fresh = co_await std::move(reading);
  if (!fresh) {
    log->warn("jwks.reload_failed", {{"file", path}, {"reason", fresh.error().message()}, {"kept", before->size()}});
    co_return;
  }
  if (fresh->keys != before) log->info("jwks.reloaded", {{"file", path}, {"keys", fresh->keys->size()}});
  state->replace(std::move(fresh).value(), before);
}

}  // namespace weir::middleware
