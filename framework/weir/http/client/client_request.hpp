// SPDX-License-Identifier: MIT
// A request to another service.
#pragma once

#include <weir/base/clock.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

/// What to ask, and how much to wait and to take for it.
///
/// Errors: nothing is looked at before it is sent.
struct ClientRequest {
  std::string method{"GET"};
  /// http or https. `user:password@` becomes a Basic `Authorization` and appears in no message.
  std::string url;
  /// Added to those that HTTP needs. Not among them: Content-Length, Transfer-Encoding, Connection, Upgrade, Expect.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// From sending to the last byte of the answer: waiting for a connection and redirects count.
  std::chrono::nanoseconds timeout{std::chrono::seconds(30)};
  /// The name look-up and the TLS handshake included.
  std::chrono::nanoseconds connect_timeout{std::chrono::seconds(5)};
  /// Cuts `timeout`: the time by which whoever waits for the answer no longer does.
  base::TimePoint deadline = base::TimePoint::max();
  std::size_t response_bytes_max = 8U * 1024 * 1024;
  /// 0: a redirect is an answer like any other. More: so many are followed, and one more is an error.
  unsigned redirects_max = 0;
  /// Whether doing it twice is as good as once, which Retry and Hedge ask. Unset: by its method, or an Idempotency-Key.
  std::optional<bool> is_idempotent{};

  // Constructors rather than an aggregate: g++ 12 destroys a temporary aggregate twice where it is awaited.
  explicit ClientRequest(std::string url_in) : url(std::move(url_in)) {}
  ClientRequest(std::string method_in, std::string url_in, std::string body_in = {})
      : method(std::move(method_in)), url(std::move(url_in)), body(std::move(body_in)) {}

  /// A POST of `body` with that Content-Type.
  static ClientRequest post(std::string url, std::string body, std::string content_type);

  bool has_header(std::string_view name) const;
  /// Whether it may be sent again though the first one may have arrived: what `is_idempotent` says, else whether its
  /// method is one of those that RFC 9110 section 9.2.2 calls idempotent, or it has an Idempotency-Key.
  bool may_be_repeated() const;
};

}  // namespace weir::http
