// SPDX-License-Identifier: MIT
// One request with its response, while they are being worked on.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/body_spool.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/response.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/net/transport.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

class Connection;
class ConnectionSet;

/// What becomes of a request next.
enum class Verdict : unsigned char {
  kRead,      ///< Go on: read the content within exchange.body_limit, then Service::on_ready.
  kStream,    ///< Go on: Service::on_ready at once, the content is read piece by piece.
  kAnswered,  ///< exchange.response is the answer; content that was not read is not wanted.
  kPending,   ///< The exchange is away: the service calls Exchange::resume later.
};

/// Taken from its loop's pool when a request's first byte arrives, given back when its last byte has been answered:
/// an idle connection has none.
///
/// An exchange is away while its handler waits or runs elsewhere. Its connection then reads ahead but parses nothing
/// more; it may also end meanwhile: the exchange stays until the service lets go of it.
///
/// Thread:    loop thread, unless said otherwise.
/// Ownership: the connection holds it, then its ConnectionSet; a service derives from it to keep state of its own.
class Exchange : private loop::Completion {
 public:
  explicit Exchange(const Limits& limits) : parser(limits) {}
  ~Exchange() override = default;

  const Request& request() const { return parser.request(); }
  /// The client's address, "127.0.0.1:40412"; made when asked for. Any thread after keep_peer().
  std::string peer() const { return peer_text ? *peer_text : transport != nullptr ? transport->peer() : std::string(); }

  /// Copies what points into the loop's read slab: the response waits for the peer, the slab does not. The content of
  /// the request is gone after this, unless it was kept before.
  void detach() {
    if (!is_detached) parser.detach();
  }
  /// Ready for the next request.
  virtual void reset() {
    parser.reset();
    response.clear();
    is_begun = false;
    is_answered = false;
    wants_done = false;
    is_body_streamed = false;
    if (is_detached) reset_detached();
  }

  // ---- for the service, while the exchange is away ----

  /// To be called before on_head or on_ready starts what may return kPending: from here on nothing of the request
  /// points into the read slab, and the exchange outlives its connection.
  void go_away() {
    parser.detach_with_body();  // also when it was away before its content came
    is_detached = is_away = is_held_ = true;
  }
  /// Makes the client's address something that any thread may ask for.
  void keep_peer();
  /// It was not pending after all: only before on_head or on_ready returns.
  void come_back() { is_away = is_held_ = false; }

  /// Takes the right to answer: handler, deadline, disconnect and drain compete for it, one of them gets it.
  /// Any thread.
  [[nodiscard]] bool claim() noexcept { return !is_claimed_.exchange(true, std::memory_order_acq_rel); }
  /// Gives it back: what was to be the answer takes longer. On the loop, while it is pending.
  void unclaim() noexcept { is_claimed_.store(false, std::memory_order_release); }
  /// Any thread: false means that an answer is still wanted.
  bool is_claimed() const noexcept { return is_claimed_.load(std::memory_order_acquire); }

  /// Whether the service still refers to it: go_away without come_back or release.
  bool is_pending() const { return is_held_; }

  /// Goes on with a pending exchange, as if on_head or on_ready had returned `verdict` now. Does nothing when the
  /// connection has gone.
  void resume(Verdict verdict);
  /// Nothing of the service refers to this exchange any more; it may end at once.
  void release();
  /// Both, in this order.
  void resume_and_release(Verdict verdict);

  // ---- a response in pieces, instead of resume(kAnswered) ----

  /// Sends the head that is in `response`. Returns false when the connection has gone.
  bool begin_stream();
  /// Sends a piece of content; Service::on_drained tells when enough of it went. Returns false when the connection has
  /// gone.
  bool write_stream(std::string_view bytes);
  /// Where the system may be told to send content to directly, while nothing is unsent; -1 where that is in chunks, and
  /// once the connection has gone. What it took is told by add_sent.
  int send_descriptor() const;
  /// Returns false when the connection has gone.
  bool add_sent(std::uint64_t bytes);
  /// Says that all of it was written: resume(kAnswered) then ends the content. Without this it closes the connection
  /// behind what was written, so that the client notices.
  void complete_stream() { is_stream_complete_ = true; }
  /// Of a client that does not take what was written: resume(kAnswered) then closes without waiting for it.
  void give_up_stream() { is_stream_given_up_ = true; }
  bool is_stream_given_up() const { return is_stream_given_up_; }
  /// Output of this connection that the kernel has not taken yet.
  std::uint64_t unsent_bytes() const;
  /// All of its output so far, the unsent included.
  std::uint64_t output_bytes() const;

  // ---- content that is read piece by piece ----

  /// What has arrived and was not taken; the peer may send more then.
  std::string take_body();

  RequestParser parser;
  Response response;
  loop::StopSource stop;  ///< Of the handler: the client left, its time is up, the service ends.

  Exchange* next_in_pool = nullptr;
  const net::Transport* transport = nullptr;
  base::TimePoint head_started{};  ///< What the header deadline counts from.
  base::TimePoint body_started{};
  base::TimePoint last_input{};
  base::TimePoint deadline = base::TimePoint::max();  ///< Of its handler, set by the service: then Service::on_cut.
  std::uint64_t output_end = 0;                  ///< Where its response ends in the connection's output; for `done`.
  std::uint64_t body_limit = 0;                  ///< Set by the service's on_head where content follows.
  std::unique_ptr<BodySpool> spool;              ///< Of content that goes to a file.
  std::shared_ptr<const std::string> peer_text;  ///< Shared with the connection, which may go first.
  bool is_begun = false;                         ///< A byte of its request has come.
  bool is_answered = false;                      ///< Its response was made before its content was read.
  bool wants_done = false;                       ///< Set by the service: it wants to hear on_done.
  bool is_body_streamed = false;
  bool is_detached = false;  ///< Nothing of it points into the read slab.
  bool is_away = false;
  bool is_body_complete = false;
  bool is_stream_begun = false;  ///< The head of a response in pieces is out.
  bool is_stream_chunked = false;
  std::uint64_t stream_bytes = 0;              ///< Content of a response in pieces so far.
  std::optional<std::uint64_t> stream_length;  ///< All of it, where that is known beforehand.

 protected:
  /// The part of reset() that only those need which have been away.
  virtual void reset_detached();

 private:
  friend class BodyGate;
  friend class BodySpool;
  friend class Connection;
  friend class ConnectionSet;
  struct GateWait {
    Exchange* previous = nullptr;
    Exchange* next = nullptr;
    base::TimePoint since{};
    bool is_waiting = false;
  };
  void leave_connection();
  void on_loop() noexcept override;

  ConnectionSet* set_ = nullptr;
  Connection* connection_ = nullptr;  // null once it has gone
  std::atomic<bool> is_claimed_{false};
  bool is_held_ = false;     // the service refers to it
  bool is_at_head_ = false;  // pending since on_head, not since on_ready
  bool is_stream_complete_ = false;
  bool is_stream_given_up_ = false;
  bool is_stream_cut_ = false;  // it ended without its end, or shorter than announced
  bool stream_keeps_alive_ = false;
  bool is_orphan_ = false;      // the connection has let go of it, the service has not
  bool is_resume_due_ = false;  // on its way through the loop
  Verdict resume_verdict_ = Verdict::kPending;
  std::size_t orphan_index_ = 0;
  GateWait gate_wait_;  // of BodyGate
};

}  // namespace weir::http
