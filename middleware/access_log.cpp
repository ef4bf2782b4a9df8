// SPDX-License-Identifier: MIT
#include <middleware/access_log.hpp>

#include <chrono>
#include <string>

namespace weir::middleware {

void AccessLog::done(const base::TimePoint& started, routing::Context& context, const http::Outcome& outcome) const {
  base::Log& log = context.log();
  if (!log.enabled(base::LogLevel::kInfo)) return;
  const http::Request& request = context.request();
  const std::chrono::duration<double, std::milli> duration = context.clock().now() - started;
  const std::string client = context.client();
  const std::string_view end = outcome.is_complete() ? "complete" : outcome.reason;
  log.info("request", {{"method", to_string(request.method())},
                       {"path", request.raw_path()},
                       {"route", context.route()},
                       {"status", outcome.is_answered ? context.status() : 0},
                       {"bytes", outcome.bytes},
                       {"duration_ms", duration.count()},
                       {"client", client},
                       {"request_id", context.request_id()},
                       {"end", end}});
}

}  // namespace weir::middleware
