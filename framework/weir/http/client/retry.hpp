// SPDX-License-Identifier: MIT
// Sends a request again when a service fails for a moment.
#pragma once

#include <weir/http/client/client_error.hpp>
#include <weir/http/client/client_middleware.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace weir::http {

struct RetryOptions {
  /// The first one included.
  unsigned attempts = 3;
  /// Before the second attempt there is a pause of up to this; before each further one, of up to twice as much.
  std::chrono::nanoseconds backoff{std::chrono::milliseconds(50)};
  std::chrono::nanoseconds backoff_max{std::chrono::seconds(5)};
  /// Cuts the `timeout` of each attempt, so that one that hangs leaves time for the next. Zero: it does not.
  std::chrono::nanoseconds attempt_timeout{0};
  /// Answers that are no better than none.
  std::vector<int> statuses{502, 503, 504};
  /// An answer whose Retry-After asks for more than this is given as it is.
  std::chrono::nanoseconds retry_after_max{std::chrono::seconds(10)};
  /// A number from 0 to 1: how much of a pause is waited. Called on several loops at once where those of an app share
  /// it. Empty: a generator of its own for each.
  std::function<double()> random{};
};

/// `app.http_client().use(weir::Retry{{.attempts = 3}})`: repeats what failed for reasons that may pass.
///
/// Again is sent what may be repeated (ClientRequest::may_be_repeated: a GET, PUT or DELETE, or anything with an
/// Idempotency-Key) after kResolve, kConnect, kBroken, kTimeout and the `statuses`; and whatever the method is, after
/// kResolve, kConnect and kTimeout if no byte of the request has left (ClientError::is_unsent). Nothing else, and
/// nothing beyond the client's RetryBudget or its deadline: where no time is left for the pause, nobody waits for it.
/// When it is not sent again, the outcome of the last attempt is given, be it an answer or an error.
///
/// Pauses are random between zero and min(backoff_max, backoff * 2^n) (exponential backoff with full jitter), so that
/// clients that failed together do not come back together; what a Retry-After asks for is added to it.
///
/// Thread:    loop thread of its client.
/// Cancel:    ends the pause, or the attempt, at once.
/// Errors:    the constructor throws std::invalid_argument for zero attempts, or a time below zero.
/// Source:    RFC 9110 sections 9.2.2 (idempotent methods) and 10.2.3 (Retry-After).
class Retry {
 public:
  explicit Retry(RetryOptions options = {});

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext next);

 private:
  struct Outcome;
  std::optional<std::chrono::nanoseconds> pause_after(unsigned attempt, const Outcome& outcome,
                                                      const ClientRequest& request, const base::Clock& clock);
  bool is_worth_another(const Outcome& outcome, const ClientRequest& request) const;
  std::chrono::nanoseconds backoff_after(unsigned attempt);
  double random();

  RetryOptions options_;
  std::uint64_t random_state_ = 0;  // zero: not seeded, as in a copy that has not sent yet
};

}  // namespace weir::http
