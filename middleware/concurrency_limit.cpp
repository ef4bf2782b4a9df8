// SPDX-License-Identifier: MIT
#include <middleware/concurrency_limit.hpp>

#include <weir/http/problem.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

constexpr std::size_t kKeysMax = std::size_t{1} << 24U;

const base::MetricId& refused_id() {
  static const base::MetricId id{"weir_concurrency_limit_refused_total", "Requests that a concurrency limit refused."};
  return id;
}

void require(bool condition, std::string_view sentence) {
  if (!condition) throw std::invalid_argument("ConcurrencyLimit: " + std::string(sentence));
}

}  // namespace

ConcurrencyLimit::ConcurrencyLimit(ConcurrencyLimitOptions options)
    : requests_(options.requests),
      retry_after_(options.retry_after),
      key_(std::move(options.key)),
      shared_(std::make_shared<Shared>()) {
  require(requests_ > 0, "`requests` is 0, which would refuse everything: leave the route out instead");
  require(retry_after_ >= std::chrono::seconds(1), "`retry_after` is at least one second");
  require(options.max_keys > 0, "`max_keys` is 0: at least one key must be told from others");
  require(options.max_keys <= kKeysMax, "`max_keys` is above 16,777,216, which would take half a gigabyte");
  if (key_) shared_->table.emplace(options.max_keys);
}

std::variant<ConcurrencyLimit::Place, http::Response> ConcurrencyLimit::before(routing::Context& context) const {
  const std::optional<std::uint64_t> key = key_ ? key_->of(context) : 0;
  if (!key) return Place{};
  if (try_enter(*key)) return Place{true, *key};
  shared_->refused.fetch_add(1, std::memory_order_relaxed);
  context.count(refused_id());
  http::Response response = http::problem(503, "Too many requests at a time: try again later.");
  response.set_header("Retry-After", std::to_string(retry_after_.count()));
  return response;
}

// Also for a request that was refused here: that one holds no place.
void ConcurrencyLimit::done(Place& place, routing::Context&, const http::Outcome&) const {
  if (!place.is_taken) return;
  place.is_taken = false;
  if (key_) {
    shared_->table->leave(place.key);
  } else {
    shared_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
}

bool ConcurrencyLimit::try_enter(std::uint64_t key) const {
  if (key_) return shared_->table->try_enter(key, requests_);
  // No add and take back: that would refuse others meanwhile for no reason.
  std::uint64_t taken = shared_->in_flight.load(std::memory_order_relaxed);
  while (taken < requests_) {
    if (shared_->in_flight.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

std::uint64_t ConcurrencyLimit::in_flight() const {
  return key_ ? shared_->table->keys() : shared_->in_flight.load(std::memory_order_relaxed);
}

}  // namespace weir::middleware
