// SPDX-License-Identifier: MIT
// Leaves a service alone for a while that does nothing but fail.
#pragma once

#include <weir/http/client/client_error.hpp>
#include <weir/http/client/client_middleware.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::http {

enum class CircuitState : unsigned char {
  kClosed,    ///< Requests pass.
  kOpen,      ///< Requests fail at once.
  kHalfOpen,  ///< Some pass, to see whether the service is back.
};

struct CircuitBreakerOptions {
  /// The time that is looked at, in steps of a tenth.
  std::chrono::nanoseconds window{std::chrono::seconds(10)};
  /// With less outcomes than this within the window it does not open.
  unsigned requests_min = 20;
  /// From this part of failures on it opens.
  double failure_ratio = 0.5;
  /// How long it stays open before the first probe passes.
  std::chrono::nanoseconds open_for{std::chrono::seconds(5)};
  /// So many requests pass when it is half open. If all of them succeed, it closes; with the first that fails, it
  /// opens.
  unsigned probes = 3;
  /// Answers that count as failures, beside kResolve, kConnect, kTls, kTimeout and kBroken.
  std::vector<int> statuses{500, 502, 503, 504};
  /// Told of each change, for a log or a count: of which scheme, host and port. Called on several loops at once where
  /// those of an app share it; must not throw.
  std::function<void(std::string_view origin, CircuitState state)> on_change{};
};

/// `app.http_client().use(weir::CircuitBreaker{})`: one circuit for each scheme, host and port.
///
///   closed ──failure_ratio of requests_min or more──▶ open ──open_for passed, and a request comes──▶ half open
///   half open ──all probes succeeded──▶ closed          half open ──a probe failed──▶ open
///
/// A request that does not pass fails at once with kCircuitOpen. What ends for reasons of ours (it was stopped, its
/// deadline had passed before, too many wait for a connection, the answer is too large) is neither a success nor a
/// failure. A time that was up is a failure, however short it was. Outcomes count for the state that the request began
/// in: a late answer does not close a circuit.
///
/// Inside of Retry it sees each attempt, and ends them when it opens; that is the place for it.
///
/// Thread:    loop thread of its client. Each loop has circuits of its own: that of another may still be closed.
/// Ownership: a copy begins with closed circuits. It remembers the 1,024 hosts asked last.
/// Errors:    the constructor throws std::invalid_argument for numbers that make no sense.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(CircuitBreakerOptions options = {});
  CircuitBreaker(const CircuitBreaker& other);
  CircuitBreaker(CircuitBreaker&&) noexcept;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(CircuitBreaker&&) = delete;
  ~CircuitBreaker();

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext next);

 private:
  class Circuits;
  std::unique_ptr<Circuits> circuits_;
};

}  // namespace weir::http
