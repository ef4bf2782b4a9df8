// SPDX-License-Identifier: MIT
// How many requests may be worked on at a time.
#pragma once

#include <middleware/internal/flight_table.hpp>
#include <middleware/limit_key.hpp>
#include <weir/http/response.hpp>
#include <weir/http/service.hpp>
#include <weir/routing/context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace weir::middleware {

struct ConcurrencyLimitOptions {
  std::uint64_t requests = 0;           ///< At a time; must be set.
  std::optional<LimitKey> key = {};     ///< Then each key has that many; else all have them together.
  std::size_t max_keys = 16'384;        ///< About how many keys may have requests at a time: 32 bytes each.
  std::chrono::seconds retry_after{1};  ///< What those hear who are refused.
};

/// `app.use(ConcurrencyLimit{{.requests = 100}})`: at most that many requests of its scope (the app, a group or a
/// route) at a time, from their heads to the last bytes of their answers; above that 503 with Retry-After, before the
/// content is read. So a slow reader and an event stream hold their places. `{.requests = 4, .key =
/// LimitKey::client()}` bounds each client; two middlewares bound both.
///
/// A place is given back exactly once, however the request ends: answered by the handler, another middleware or the
/// framework, thrown out of, cut by the client or by a deadline. A handler that goes on running on a pool after that
/// holds none; the pool has a bound of its own.
///
/// With a key, a request of a further key is refused while as many keys as there is room for have requests: that takes
/// more connections at a time than Settings allow by default.
///
/// /metrics has weir_concurrency_limit_refused_total, of all limits.
///
/// Thread:    the request's loop; waits for another loop for nanoseconds at most.
/// Ownership: copies share their places, which is why a shared_ptr holds them: one limit for several groups.
/// Errors:    the constructor throws std::invalid_argument.
/// Source:    RFC 9110 sections 15.6.4 and 10.2.3.
class ConcurrencyLimit {
 public:
  /// What a request holds: nothing, unless it was counted.
  struct Place {
    bool is_taken = false;
    std::uint64_t key = 0;
  };

  explicit ConcurrencyLimit(ConcurrencyLimitOptions options);

  std::variant<Place, http::Response> before(routing::Context& context) const;
  void done(Place& place, routing::Context& context, const http::Outcome& outcome) const;

  /// How many requests were refused so far. Any thread.
  std::uint64_t refused() const { return shared_->refused.load(std::memory_order_relaxed); }
  /// How many places are taken; with a key, how many keys have one. Any thread.
  std::uint64_t in_flight() const;

 private:
  struct Shared {
    std::atomic<std::uint64_t> in_flight{0};
    std::atomic<std::uint64_t> refused{0};
    std::optional<internal::FlightTable> table;  // with a key
  };
  bool try_enter(std::uint64_t key) const;

  std::uint64_t requests_;
  std::chrono::seconds retry_after_;
  std::optional<LimitKey> key_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace weir::middleware
