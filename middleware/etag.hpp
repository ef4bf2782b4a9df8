// SPDX-License-Identifier: MIT
// Answers that the client has already are not sent again.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>

namespace weir::middleware {

/// For what an ETag is made.
struct ETagOptions {
  /// Longer content gets no ETag: it would hold the loop for more than about 0.1 ms. One of the handler's own counts
  /// for any content.
  std::uint64_t bytes_max = 1 << 20;
};

/// `app.use(ETag{})`: gives each answer of 200 to GET and HEAD that has its content at hand a strong ETag, 128 bits
/// over that, its Content-Type and Content-Encoding. Then If-None-Match, If-Modified-Since, If-Match and
/// If-Unmodified-Since decide between it, 304 and 412. The handler runs all the same: this saves bytes, not work.
///
/// An ETag or Last-Modified of the handler's own is taken as it is. With one of these a file gets its 304, too (its
/// Last-Modified is the framework's); an answer in pieces gets its 304, but no 412. A 304 keeps all fields but those
/// that describe its content. No ETag is made for content that must not be stored (`Cache-Control: no-store`).
///
/// Put it behind Compression, as `app.use(Compression{}).use(ETag{})`, so that it sees the content as it is; of content
/// that was coded before it, it says nothing.
///
/// Changes that may only hit the version that the client has seen are the handler's to check, before it does anything:
///
///     if (weir::http::evaluate(ctx.request(), {current.etag}) == weir::http::Precondition::kFailed) {
///       throw weir::HttpError(412, "It has changed meanwhile.");
///     }
///
/// Who can choose all bytes of two answers can make their ETags equal: the hash is no cryptographic one.
///
/// Thread: immutable; never waits.
/// Source: RFC 9110 sections 8.8.3, 13 and 15.4.5. The hash is XXH3.
class ETag {
 public:
  explicit ETag(ETagOptions options = {}) : options_(options) {}

  void after(routing::Context& context, http::Response& response) const;

 private:
  ETagOptions options_;
};

}  // namespace weir::middleware
