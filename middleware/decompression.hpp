// SPDX-License-Identifier: MIT
// Requests whose content was compressed.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// What is decoded, within which bounds.
struct DecompressionOptions {
  std::vector<std::string> codings{"gzip", "deflate", "br", "zstd"};  ///< Of these.
  /// How many times longer content may become, beyond its first 64 KiB. Text seldom becomes 20 times longer.
  std::uint64_t ratio_max = 100;
};

/// `app.use(Decompression{})`: decodes the content of requests that say Content-Encoding before the handler sees it,
/// whichever way it reads it: Context::body, Body<T>, BodyStream, on the loop or on a pool. "x-gzip" is gzip, and
/// "deflate" the format of zlib.
///
/// The limit of a route (body_limit, limits.body_bytes) holds for what was sent and for what that becomes. Answers:
///
///   415  another coding, or several, with the ones that we know in Accept-Encoding
///   413  the decoded content is too long, or too much longer than what was sent
///   400  the content is malformed, cut short, or followed by something else
///
/// A handler that reads a BodyStream gets 413 and 400 as the HttpError that read() throws. The request's fields stay as
/// they were sent: its Content-Encoding is still there, and its Content-Length is that of what was sent.
///
/// Not for routes that pass content on or store it as it came: use it on groups.
///
/// Thread: immutable. Above 4 KiB, and for a BodyStream, it works beside the loop.
/// Errors: the constructor throws std::invalid_argument for an unknown coding, one that is there twice, none, and a
///         ratio_max of 0.
/// Source: RFC 9110 sections 8.4 and 15.5.16; RFC 7694 section 3 (Accept-Encoding with a 415).
class Decompression {
 public:
  explicit Decompression(const DecompressionOptions& options = {});

  std::optional<http::Response> before(routing::Context& context) const;

 private:
  http::Response refuse(std::string_view detail) const;

  std::vector<std::string> codings_;
  std::string accepted_;  // the field's value
  std::uint64_t ratio_max_;
};

}  // namespace weir::middleware
