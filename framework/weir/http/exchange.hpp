// SPDX-License-Identifier: MIT
// One request with its response, while they are being worked on.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/response.hpp>
#include <weir/net/transport.hpp>

#include <string>

namespace weir::http {

/// Taken from its loop's pool when a request's first byte arrives, given back when its last byte has been answered:
/// an idle connection has none.
///
/// Thread:    loop thread.
/// Ownership: the connection holds it; a service derives from it to keep state of its own.
class Exchange {
 public:
  explicit Exchange(const Limits& limits) : parser(limits) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  const Request& request() const { return parser.request(); }
  /// The client's address, "127.0.0.1:40412"; made when asked for.
  std::string peer() const { return transport != nullptr ? transport->peer() : std::string(); }

  /// Copies what points into the loop's read slab: the response waits for the peer, the slab does not. The content of
  /// the request is gone after this.
  void detach() { parser.detach(); }

  /// Ready for the next request.
  virtual void reset() {
    parser.reset();
    response.clear();
    is_begun = false;
    is_answered = false;
    wants_done = false;
  }

  RequestParser parser;
  Response response;

  Exchange* next_in_pool = nullptr;
  const net::Transport* transport = nullptr;
  base::TimePoint head_started{};  ///< What the header deadline counts from.
  base::TimePoint body_started{};
  base::TimePoint last_input{};
  std::uint64_t output_end = 0;  ///< Where its response ends in the connection's output; for `done`.
  std::uint64_t body_limit = 0;  ///< Set by the service's on_head where content follows.
  bool is_begun = false;         ///< A byte of its request has come.
  bool is_answered = false;      ///< Its response was made before its content was read.
  bool wants_done = false;       ///< Set by the service: it wants to hear on_done.
};

}  // namespace weir::http
