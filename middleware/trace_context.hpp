// SPDX-License-Identifier: MIT
// Tells the client which trace its request is part of.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

namespace weir::middleware {

/// `app.use(TraceContext{})`: the answer carries `traceresponse`, which names the trace and this request's span in it.
/// The trace is the caller's where that sent a well-formed `traceparent`, else a new one; requests that the handler
/// makes by ctx.http() and AccessField::kTraceId continue it with or without this middleware, and jobs one that the
/// caller has begun.
///
/// Thread: the request's loop.
/// Source: W3C Trace Context, section 3.2, and its Level 2 for traceresponse.
class TraceContext {
 public:
  void after(routing::Context& context, http::Response& response) const {
    response.set_header("traceresponse", context.traceparent());
  }
};

}  // namespace weir::middleware
