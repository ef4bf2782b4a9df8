// SPDX-License-Identifier: MIT
// One log line per request, when its last byte has gone.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/http/service.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace weir::middleware {

/// What a line may say of a request.
enum class AccessField : unsigned char {
  kMethod,
  kPath,        ///< Still percent-encoded, without the query.
  kQuery,       ///< Still percent-encoded. May hold what is secret.
  kRoute,       ///< The pattern.
  kStatus,      ///< 0: cut before there was an answer.
  kBytes,       ///< Of the content that was sent.
  kDurationMs,  ///< From this hook to the last byte, to the microsecond.
  kClient,      ///< As a trusted proxy tells it, where one does.
  kPeer,        ///< Who sent the bytes.
  kScheme,
  kHost,
  kPrincipal,
  kUserAgent,
  kReferer,
  kRequestId,
  kTraceId,
  kEnd,  ///< "complete", or why it was cut.
};

struct AccessLogOptions {
  /// Which, in this order.
  std::vector<AccessField> fields{AccessField::kMethod, AccessField::kPath,      AccessField::kRoute,
                                  AccessField::kStatus, AccessField::kBytes,     AccessField::kDurationMs,
                                  AccessField::kClient, AccessField::kRequestId, AccessField::kEnd};
  base::LogLevel level = base::LogLevel::kInfo;
  /// Patterns of routes that are not logged unless they are answered with 500 or more, or are cut.
  std::vector<std::string> quiet_routes{"/healthz", "/readyz"};
};

/// `app.use(AccessLog{})`: logs "request" with the chosen fields, as JSON or for people, as the app's log does. A
/// loop's lines go there together, at the end of each of its turns, and from there into the output in batches. Put it
/// first, so that its duration covers the others.
///
/// Thread: the request's loop; never waits.
class AccessLog {
 public:
  explicit AccessLog(AccessLogOptions options = {});

  base::TimePoint before(routing::Context& context) const { return context.clock().now(); }
  void done(const base::TimePoint& started, routing::Context& context, const http::Outcome& outcome) const;

 private:
  AccessLogOptions options_;
};

}  // namespace weir::middleware
