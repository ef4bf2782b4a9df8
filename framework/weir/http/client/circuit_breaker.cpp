// SPDX-License-Identifier: MIT
#include <weir/http/client/circuit_breaker.hpp>

#include <weir/http/client/internal/host_map.hpp>
#include <weir/http/client/internal/sliding_window.hpp>
#include <weir/http/client/internal/target.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::http {
namespace {

enum class Verdict : unsigned char { kSuccess, kFailure, kNeither };

Verdict verdict_of(ClientErrorCode code) {
  switch (code) {
    case ClientErrorCode::kResolve:
    case ClientErrorCode::kConnect:
    case ClientErrorCode::kTls:
    case ClientErrorCode::kTimeout:
    case ClientErrorCode::kBroken:
      return Verdict::kFailure;
    default:
      return Verdict::kNeither;
  }
}

struct Circuit {
  internal::SlidingWindow outcomes;  // marked: failures
  std::uint64_t epoch;               // another one after each change of its state
  CircuitState state = CircuitState::kClosed;
  base::TimePoint open_until{};
  unsigned probes_running = 0;
  unsigned probes_succeeded = 0;
};

const base::MetricId& refused_id() {
  static const base::MetricId id{"weir_client_circuit_refused_total",
                                 "Requests to other services that an open circuit did not let pass."};
  return id;
}

const base::MetricId& opened_id() {
  static const base::MetricId id{"weir_client_circuit_opened_total", "How often a circuit of another service opened."};
  return id;
}

void check(const CircuitBreakerOptions& options) {
  using std::chrono::nanoseconds;
  if (options.window <= nanoseconds(0) || options.open_for <= nanoseconds(0)) {
    throw std::invalid_argument("CircuitBreaker: window and open_for are times above zero");
  }
  if (!(options.failure_ratio > 0 && options.failure_ratio <= 1)) {
    throw std::invalid_argument("CircuitBreaker: failure_ratio is above 0 and not above 1");
  }
  if (options.requests_min == 0 || options.probes == 0) {
    throw std::invalid_argument("CircuitBreaker: requests_min and probes are one at least, and not 0");
  }
}

}  // namespace

class CircuitBreaker::Circuits {
 public:
  explicit Circuits(CircuitBreakerOptions options) : options_(std::move(options)) { check(options_); }

  const CircuitBreakerOptions& options() const { return options_; }
  bool is_failure(int status) const {
    return std::find(options_.statuses.begin(), options_.statuses.end(), status) != options_.statuses.end();
  }

  class Visit;

 private:
  /// Lets a request pass; returns the epoch that its verdict is for.
  /// Errors: throws ClientError kCircuitOpen.
  std::uint64_t enter(const std::string& origin, const ClientNext& next);
  void leave(const std::string& origin, std::uint64_t epoch, Verdict verdict, const ClientNext& next);
  void change(const std::string& origin, Circuit& circuit, CircuitState state, const ClientNext& next);

  CircuitBreakerOptions options_;
  internal::HostMap<Circuit> circuits_;
  std::uint64_t epochs_ = 0;
};

std::uint64_t CircuitBreaker::Circuits::enter(const std::string& origin, const ClientNext& next) {
  const base::TimePoint now = next.loop().clock().now();
  Circuit& circuit = circuits_.at(
      origin, [this] { return Circuit{.outcomes = internal::SlidingWindow(options_.window), .epoch = ++epochs_}; });
  if (circuit.state == CircuitState::kOpen && now >= circuit.open_until) {
    change(origin, circuit, CircuitState::kHalfOpen, next);
  }
  if (circuit.state == CircuitState::kClosed) return circuit.epoch;
  const bool may_probe =
      circuit.state == CircuitState::kHalfOpen && circuit.probes_running + circuit.probes_succeeded < options_.probes;
  if (!may_probe) {
    next.count(refused_id());
    throw ClientError(ClientErrorCode::kCircuitOpen, origin + ": its circuit is open, after too many failures", true);
  }
  ++circuit.probes_running;
  return circuit.epoch;
}

void CircuitBreaker::Circuits::leave(const std::string& origin, std::uint64_t epoch, Verdict verdict,
                                     const ClientNext& next) {
  Circuit* const circuit = circuits_.find(origin);
  if (circuit == nullptr || circuit->epoch != epoch) return;
  const bool is_failure = verdict == Verdict::kFailure;
  if (circuit->state == CircuitState::kHalfOpen) {
    --circuit->probes_running;
    if (is_failure) return change(origin, *circuit, CircuitState::kOpen, next);
    if (verdict == Verdict::kSuccess) ++circuit->probes_succeeded;
    if (circuit->probes_succeeded == options_.probes) change(origin, *circuit, CircuitState::kClosed, next);
    return;
  }
  if (verdict == Verdict::kNeither) return;
  const base::TimePoint now = next.loop().clock().now();
  circuit->outcomes.add(now, {.all = 1, .marked = is_failure ? 1U : 0U});
  const auto& counts = circuit->outcomes.sum(now);
  const bool is_bad = static_cast<double>(counts.marked) >= options_.failure_ratio * static_cast<double>(counts.all);
  if (is_failure && is_bad && counts.all >= options_.requests_min) {
    change(origin, *circuit, CircuitState::kOpen, next);
  }
}

void CircuitBreaker::Circuits::change(const std::string& origin, Circuit& circuit, CircuitState state,
                                      const ClientNext& next) {
  circuit.state = state;
  circuit.epoch = ++epochs_;
  circuit.outcomes.clear();
  circuit.probes_running = 0;
  circuit.probes_succeeded = 0;
  if (state == CircuitState::kOpen) {
    circuit.open_until = next.loop().clock().now() + options_.open_for;
    next.count(opened_id());
  }
  if (options_.on_change) options_.on_change(origin, state);
}

/// One request within its circuit: however it ends, the circuit hears of it.
class CircuitBreaker::Circuits::Visit {
 public:
  /// Errors: throws ClientError kCircuitOpen.
  Visit(Circuits& circuits, std::string origin, const ClientNext& next)
      : circuits_(circuits), origin_(std::move(origin)), next_(next), epoch_(circuits_.enter(origin_, next)) {}
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() { circuits_.leave(origin_, epoch_, verdict_, next_); }

  void set_verdict(Verdict verdict) { verdict_ = verdict; }

 private:
  Circuits& circuits_;
  std::string origin_;
  ClientNext next_;
  std::uint64_t epoch_;
  Verdict verdict_ = Verdict::kNeither;
};

CircuitBreaker::CircuitBreaker(CircuitBreakerOptions options)
    : circuits_(std::make_unique<Circuits>(std::move(options))) {}
CircuitBreaker::CircuitBreaker(const CircuitBreaker& other) : CircuitBreaker(other.circuits_->options()) {}
CircuitBreaker::CircuitBreaker(CircuitBreaker&&) noexcept = default;
CircuitBreaker::~CircuitBreaker() = default;

loop::Task<ClientResponse> CircuitBreaker::send(ClientRequest request, ClientNext next) {
  Circuits& circuits = *circuits_;
  Circuits::Visit visit(circuits, internal::parse_target(request.url).origin, next);
  const bool is_late = request.deadline <= next.loop().clock().now();  // nobody can answer it
  try {
    ClientResponse response = co_await next.send(std::move(request));
    const bool is_failure = circuits.is_failure(response.status);
    visit.set_verdict(is_failure ? Verdict::kFailure : Verdict::kSuccess);
    co_return std::move(response);
  } catch (const ClientError& error) {
    if (!is_late) visit.set_verdict(verdict_of(error.code()));
    throw;
  }
}

}  // namespace weir::http
