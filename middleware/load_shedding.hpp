// SPDX-License-Identifier: MIT
// Turns a part of the requests away while all of them wait too long.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace weir::middleware {

struct LoadSheddingOptions {
  std::chrono::nanoseconds target = std::chrono::milliseconds(5);      ///< A wait that is no overload.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(100);  ///< How long a queue may stand before one is.
  /// Who is turned away last, such as health checks that are routes of yours; none when empty. Called for each request
  /// that comes while some are turned away; it must be quick.
  std::function<bool(const routing::Context&)> is_important = {};
  std::chrono::seconds retry_after_min{1};  ///< Those turned away are told at random from this...
  std::chrono::seconds retry_after_max{5};  ///< ...to this, so that they do not come back together.
};

/// `app.use(LoadShedding{})`: when work on a route has waited longer than `target` throughout an `interval`, turns a
/// tenth of its requests away with 503 and Retry-After, before their content is read; another tenth for each further
/// interval, up to nine in ten; then important ones, likewise. When a request finds a wait below the target again,
/// none. The wait is Context::queue_delay(): in the loop, and in the queue of the pool that the route runs on. See
/// internal/codel.hpp for the decisions.
///
/// Each route is judged by itself on each loop, since a pool may be choked while the loop is idle: an idle route
/// neither suffers nor excuses a choked one. What has no route is not judged: its 404 is cheaper than a guess. The
/// built-in routes, such as /healthz and /readyz, have no middleware, and so are never turned away. Put it before what
/// costs something.
///
/// A route that sheds logs "load_shedding" as a warning, at most every ten seconds. /metrics has
/// weir_load_shedding_refused_total{route="/orders"}.
///
/// Thread:    the request's loop; waits for nobody.
/// Ownership: copies share their state, which is why a shared_ptr holds it; that cannot move, as loops refer to it.
/// Errors:    the constructor throws std::invalid_argument.
/// Source:    RFC 8289; RFC 9110 sections 15.6.4 and 10.2.3.
class LoadShedding {
 public:
  explicit LoadShedding(LoadSheddingOptions options = {});

  std::optional<http::Response> before(routing::Context& context) const;

  /// How many requests were turned away so far. Any thread.
  std::uint64_t refused() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace weir::middleware
