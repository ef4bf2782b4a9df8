// SPDX-License-Identifier: MIT
#include <weir/http/client/retry.hpp>

#include <weir/http/client/internal/retry_after.hpp>
#include <weir/loop/sleep.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace weir::http {

namespace {

using std::chrono::nanoseconds;

}  // namespace

// Of one attempt: one of them.
struct Retry::Outcome {
  std::optional<ClientResponse> response;
  std::optional<ClientError> error;
};

Retry::Retry(RetryOptions options) : options_(std::move(options)) {
  if (options_.attempts == 0) throw std::invalid_argument("Retry: there is one attempt at least, and not 0");
  const nanoseconds shortest =
      std::min({options_.backoff, options_.backoff_max, options_.attempt_timeout, options_.retry_after_max});
  if (shortest < nanoseconds(0)) throw std::invalid_argument("Retry: none of its times is below zero");
}

loop::Task<ClientResponse> Retry::send(ClientRequest request, ClientNext next) {
  if (options_.attempt_timeout > nanoseconds(0)) request.timeout = std::min(request.timeout, options_.attempt_timeout);
  for (unsigned attempt = 1;; ++attempt) {
    Outcome outcome;
    try {
      ClientRequest copy = request;
      ClientResponse response = co_await next.send(std::move(copy));
      outcome.response.emplace(std::move(response));
    } catch (const ClientError& error) {
      outcome.error.emplace(error);
    }
    const std::optional<nanoseconds> pause = pause_after(attempt, outcome, request, next.loop().clock());
    // The budget comes last: what is not sent again for another reason takes nothing of it.
    if (!pause || !next.may_send_again(request)) {
      if (outcome.error) throw ClientError(*outcome.error);
      co_return std::move(*outcome.response);
    }
    if (*pause > nanoseconds(0)) co_await loop::sleep(*pause);
  }
}

std::optional<nanoseconds> Retry::pause_after(unsigned attempt, const Outcome& outcome, const ClientRequest& request,
                                              const base::Clock& clock) {
  if (attempt >= options_.attempts || !is_worth_another(outcome, request)) return std::nullopt;
  nanoseconds pause = backoff_after(attempt);
  const auto field = outcome.response ? outcome.response->header("retry-after") : std::nullopt;
  const auto asked = field ? internal::parse_retry_after(*field, clock.wall_now()) : std::nullopt;
  if (asked && *asked > options_.retry_after_max) return std::nullopt;
  if (asked) pause += *asked;
  const bool has_time = pause < request.deadline - clock.now();
  return has_time ? std::optional(pause) : std::nullopt;
}

bool Retry::is_worth_another(const Outcome& outcome, const ClientRequest& request) const {
  const bool may_be_repeated = request.may_be_repeated();
  if (outcome.response) {
    const int status = outcome.response->status;
    const bool is_bad =
        std::find(options_.statuses.begin(), options_.statuses.end(), status) != options_.statuses.end();
    return is_bad && may_be_repeated;
  }
  switch (outcome.error->code()) {
    case ClientErrorCode::kResolve:
    case ClientErrorCode::kConnect:
    case ClientErrorCode::kTimeout:
      return may_be_repeated || outcome.error->is_unsent();
    case ClientErrorCode::kBroken:
      return may_be_repeated;
    default:
      return false;
  }
}

nanoseconds Retry::backoff_after(unsigned attempt) {
  nanoseconds longest = std::min(options_.backoff, options_.backoff_max);
  for (unsigned doubled = 1; doubled < attempt && longest < options_.backoff_max; ++doubled) {
    longest = longest > options_.backoff_max / 2 ? options_.backoff_max : longest * 2;
  }
  return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(longest.count()) * random()));
}

// splitmix64: it spreads clients, and guards nothing.
double Retry::random() {
  if (options_.random) return std::clamp(options_.random(), 0.0, 1.0);
  if (random_state_ == 0) random_state_ = (std::uint64_t{std::random_device{}()} << 32U) | 1U;
  random_state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t bits = random_state_;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(bits >> 11U) * kUnit;
}

}  // namespace weir::http
