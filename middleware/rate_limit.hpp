// SPDX-License-Identifier: MIT
// How often somebody may ask.
#pragma once

#include <middleware/internal/rate_table.hpp>
#include <middleware/limit_key.hpp>
#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace weir::middleware {

struct RateLimitOptions {
  std::uint64_t requests = 0;  ///< In each `per`, on the long run; must be set.
  std::chrono::nanoseconds per = std::chrono::seconds(1);
  std::uint64_t burst = 0;            ///< At once, after a pause; 0: as many as `requests`.
  LimitKey key = LimitKey::client();  ///< Whose requests are counted together.
  std::size_t max_keys = 65'536;      ///< How many keys are told apart: 32 bytes each, taken at once.
  std::string name = "default";       ///< Of the policy in the fields, where there are several.
  bool has_fields = true;             ///< Answers carry RateLimit and RateLimit-Policy.
};

/// `app.use(RateLimit{{.requests = 100, .per = 60s}})`: a token bucket for each key. A request without a token is
/// answered 429 with Retry-After before its content is read; it costs no token, so that whoever keeps asking is let in
/// at the rate all the same. Each answer, a 404 as well, says what is left:
///
///     RateLimit-Policy: "default";q=100;w=60
///     RateLimit: "default";r=99;t=1
///
/// q is the larger of `requests` and `burst`, w in how many seconds that many are earned (both adjusted to whole
/// seconds), r how many may be made at once now, t in how many seconds there is one more. Several limits in one chain
/// each add their fields, and a request that a later one refuses has cost a token of the earlier: put the strictest
/// first.
///
/// Memory is fixed. While more than `max_keys` keys have spent within the time that a bucket takes to fill, newcomers
/// share what the fullest buckets have left, and so may be refused early; but no flood of keys gives one that was
/// limited a fresh burst (see internal/rate_table.hpp). A limit of few requests in a long time is filled cheaply by
/// somebody with many addresses: give it more keys, or LimitKey::client(48).
///
/// Counts in one process: behind several, each has limits of its own. /metrics has
/// weir_rate_limit_refused_total{policy="default"}.
///
/// Thread:    the request's loop; waits for another loop for nanoseconds at most.
/// Ownership: copies share their buckets, which is why a shared_ptr holds them: one limit for several groups.
/// Errors:    the constructor throws std::invalid_argument, for what limits nothing as well.
/// Source:    RFC 6585 section 4; RFC 9110 section 10.2.3; draft-ietf-httpapi-ratelimit-headers, of whose readings of t
///            this is the later: until there is more, not until the quota is whole.
class RateLimit {
 public:
  /// What is kept of a request; `is_counted` is false for one without a key, and for one that was refused.
  struct Counted {
    bool is_counted = false;
    internal::RateDecision decision = {};
  };

  explicit RateLimit(RateLimitOptions options);

  std::variant<Counted, http::Response> before(routing::Context& context) const;
  void after(const Counted& counted, routing::Context& context, http::Response& response) const;

  /// How many requests were refused so far. Any thread.
  std::uint64_t refused() const { return shared_->refused.load(std::memory_order_relaxed); }
  /// What the buckets take, now and always.
  std::size_t memory_bytes() const { return shared_->table.memory_bytes(); }

 private:
  struct Shared {
    Shared(internal::RateTable::Bucket bucket, std::size_t keys_max, const std::string& policy)
        : table(bucket, keys_max),
          refused_id{
              "weir_rate_limit_refused_total", "Requests that a rate limit refused, by policy.", {{"policy", policy}}} {
    }
    internal::RateTable table;
    const base::MetricId refused_id;
    std::atomic<std::uint64_t> refused{0};
  };
  void add_fields(const internal::RateDecision& decision, http::Response& response) const;

  LimitKey key_;
  std::shared_ptr<Shared> shared_;
  std::string policy_field_;  // "" for no fields
  std::string state_prefix_;  // of the other field: up to the first number
};

}  // namespace weir::middleware
