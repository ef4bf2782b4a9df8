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
  using Verdict = http::Verdict;

  virtual ~Service() = default;
  virtual std::unique_ptr<Exchange> make_exchange(const Limits& limits) = 0;

  /// The head is complete, the content unread.
  virtual Verdict on_head(Exchange& exchange) noexcept = 0;
  /// All that the handler waits for is here: the content, or with kStream just the head. Fill exchange.response and
  /// return kAnswered, or kPending; one that is resumed with kRead is ready once more.
  virtual Verdict on_ready(Exchange& exchange) noexcept = 0;
  /// The content breaks a bound or its framing after on_head said kRead: fill exchange.response.
  virtual void on_refused(Exchange& exchange, const Refusal& refusal) noexcept = 0;
  /// The response's last byte went, or never will. Only for exchanges that asked for it.
  virtual void on_done(Exchange& exchange, const Outcome& outcome) noexcept = 0;

  // ---- while the exchange is away; the default is for services that never let that happen ----

  /// The connection answers in the handler's place: its deadline has passed, or the content broke off. Take the right
  /// to answer, stop the handler, fill exchange.response and return true; false when it has been answered or a response
  /// in pieces has begun: then the connection is cut.
  virtual bool on_cut(Exchange& exchange, const Refusal& refusal) noexcept;
  /// The connection has gone: take the right to answer, and stop the handler.
  virtual void on_abandoned(Exchange& exchange) noexcept;
  /// The service ends soon.
  virtual void on_drain(Exchange& exchange) noexcept;
  /// There is more of a streamed content, or no more.
  virtual void on_body(Exchange& exchange) noexcept;
  /// Unsent output has fallen below the mark.
  virtual void on_drained(Exchange& exchange) noexcept;
};

}  // namespace weir::http
