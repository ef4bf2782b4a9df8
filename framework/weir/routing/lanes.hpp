// SPDX-License-Identifier: MIT
// Where the handlers of each route run in one run of an app.
#pragma once

#include <weir/base/metrics.hpp>
#include <weir/exec/dispatcher.hpp>
#include <weir/exec/offload.hpp>
#include <weir/http/limits.hpp>
#include <weir/loop/activity.hpp>
#include <weir/routing/route_table.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// What runs a handler.
enum class Placement : unsigned char {
  kInline,    ///< The connection's loop.
  kLoop,      ///< The same, suspended while it waits.
  kPool,      ///< A worker; a coroutine is driven there to its end.
  kBlocking,  ///< The connection's loop, which waits for a coroutine's end, and looks whether there was time for it.
};

/// What to do about a hook that holds its loop: no lane moves it.
inline constexpr std::string_view kHookRemedy =
    "hooks run on the loop: a `before` that returns a Task may co_await ctx.offload(pool, ...) for the slow step";

/// A handler on the loop finds longer content read for it, on another thread: more would hold the loop for too long.
inline constexpr std::size_t kDecodedOnLoopBytes = 64 * 1024;

/// What a pattern makes of the lane that a route chose.
Placement place(const Route& route, exec::Pattern pattern);

/// The LANE column of the route table: "inline", "async", "pool cpu", "pool handlers (4 workers)".
std::string lane_text(const Route& route, exec::Pattern pattern, std::span<const exec::PoolDeclaration> pools);

/// The lanes of all routes, with their bounds and counts.
///
/// Thread:    any, once constructed.
/// Ownership: shares the routes; borrows the dispatcher, which outlives it.
class Lanes {
 public:
  struct Parts {
    std::shared_ptr<const Routes> routes;
    exec::Dispatcher& dispatcher;
    const http::Limits& limits;
    base::Metrics& metrics;
  };

  struct Lane {
    loop::Activity handler;  ///< What holds the loop while it runs there; its texts are the route's.
    loop::Activity hook;     ///< The same for middleware around it.
    Placement placement = Placement::kInline;
    bool is_plain = false;                ///< Inline, and none of its content is ever read aside.
    std::size_t decoded_here_bytes = 0;   ///< Content up to this is read where the handler starts.
    std::chrono::nanoseconds timeout{0};  ///< Zero: none.
    exec::WorkerPool* pool = nullptr;     ///< kPool
    exec::SourceId source = 0;            ///< of this route in that pool
    std::int64_t in_flight_max = 0;       ///< kLoop
    base::Gauge* streams = nullptr;       ///< kLoop, for handlers that answer or read in pieces; of all such routes
    std::int64_t streams_max = 0;
    base::Gauge* in_flight = nullptr;  ///< kLoop
  };

  /// Errors: throws SetupError where the pattern cannot run a route.
  explicit Lanes(Parts parts);

  const Routes& routes() const { return *routes_; }
  const Lane& at(Router::RouteIndex route) const { return lanes_[route]; }
  /// The lane of the same route for a request whose content is decoded before its handler sees it.
  const Lane& decoding(const Lane& lane) const {
    return decoding_lanes_[static_cast<std::size_t>(&lane - lanes_.data())];
  }
  const exec::Dispatcher& dispatcher() const { return dispatcher_; }

  /// For a step that a handler of `route` hands to `pool`, or a hook of it. Null: a hook of no route.
  exec::OffloadTarget offload_target(const Route* route, exec::Pool pool, base::TimePoint deadline) const;

 private:
  static constexpr std::int64_t kNoSource = -1;

  std::shared_ptr<const Routes> routes_;
  exec::Dispatcher& dispatcher_;
  std::vector<Lane> lanes_;
  std::vector<Lane> decoding_lanes_;  // as these, but none is plain
  // By route (the last is no route), then by pool: known once the route has offloaded there.
  mutable std::vector<std::atomic<std::int64_t>> offload_sources_;
  std::size_t pools_;
};

}  // namespace weir::routing
