// SPDX-License-Identifier: MIT
// What stands behind a connection: declared here, supplied by routing.
#pragma once

#include <weir/http/exchange.hpp>
#include <weir/http/refusal.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::http {

/// How a response ended.
struct Outcome {
  std::uint64_t bytes = 0;       ///< Of its content; 0 for HEAD.
  std::string_view reason = "";  ///< Why it was cut; "" when the kernel took its last byte.
  bool is_answered = true;       ///< False when it was cut before there was a response.
  bool is_complete() const { return reason.empty(); }
};

/// Answers the requests of one loop's connections.
///
/// Thread: loop thread of the connections.
class Service {
 public:
  enum class Verdict : unsigned char {
    kRead,      ///< Go on: read the content within exchange.body_limit, then on_complete.
    kAnswered,  ///< exchange.response is the answer; the content is not wanted.
  };

  virtual ~Service() = default;
  virtual std::unique_ptr<Exchange> make_exchange(const Limits& limits) = 0;

  /// The head is complete, the content unread.
  virtual Verdict on_head(Exchange& exchange) noexcept = 0;
  /// The request is complete: fill exchange.response.
  virtual void on_complete(Exchange& exchange) noexcept = 0;
  /// The content breaks a bound or its framing after on_head said kRead: fill exchange.response.
  virtual void on_refused(Exchange& exchange, const Refusal& refusal) noexcept = 0;
  /// The response's last byte went, or never will. Only for exchanges that asked for it.
  virtual void on_done(Exchange& exchange, const Outcome& outcome) noexcept = 0;
};

}  // namespace weir::http
