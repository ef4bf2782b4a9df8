// SPDX-License-Identifier: MIT
// An X-Request-Id for each request.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

namespace weir::middleware {

/// `app.use(RequestId{})`: takes over the client's X-Request-Id when it is 1 to 64 characters of letters, digits and
/// "-_.", else makes one; the answer carries it, and so does every log line of the request.
class RequestId {
 public:
  void before(routing::Context& context) const;
  void after(routing::Context& context, http::Response& response) const;
};

}  // namespace weir::middleware
