// SPDX-License-Identifier: MIT
// Bounds the content of the requests in its scope.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>
#include <optional>

namespace weir::middleware {

struct BodyLimitOptions {
  /// The longest content that is let in; 0: none at all.
  std::uint64_t bytes = 64 << 10;
};

/// `app.use(BodyLimit{{.bytes = 4_KiB}})`: content beyond that is answered with 413. Where a Content-Length says so at
/// once, before the hooks inside of it; else once that much has come. It lowers what a route or the service allows, and
/// never raises it. A handler that reads its content in pieces is bound by it, too.
///
/// Thread: immutable; never waits.
/// Source: RFC 9110 section 15.5.14.
class BodyLimit {
 public:
  explicit BodyLimit(BodyLimitOptions options) : bytes_(options.bytes) {}
  std::optional<http::Response> before(routing::Context& context) const;

 private:
  std::uint64_t bytes_;
};

}  // namespace weir::middleware
