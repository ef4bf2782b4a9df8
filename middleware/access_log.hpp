// SPDX-License-Identifier: MIT
// One log line per request, when its last byte has gone.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/service.hpp>
#include <weir/routing/context.hpp>

namespace weir::middleware {

/// `app.use(AccessLog{})`: logs "request" at info with method, path, route, status, bytes, duration_ms, client and
/// request_id; and why it was cut, if it was. Status 0: cut before there was an answer. Put it first, so that its
/// duration covers the others.
///
/// Thread: the request's loop; never waits.
class AccessLog {
 public:
  base::TimePoint before(routing::Context& context) const { return context.clock().now(); }
  void done(const base::TimePoint& started, routing::Context& context, const http::Outcome& outcome) const;
};

}  // namespace weir::middleware
