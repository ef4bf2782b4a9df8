// SPDX-License-Identifier: MIT
// The HTTP connections of one loop, and what they share.
#pragma once

#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/http/body_gate.hpp>
#include <weir/http/byte_budget.hpp>
#include <weir/http/date.hpp>
#include <weir/http/response_writer.hpp>
#include <weir/http/service.hpp>
#include <weir/net/acceptor.hpp>
#include <weir/net/hangup_watcher.hpp>
#include <weir/net/transport.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace weir::http {

class Connection;

/// Owns the connections of one loop; holds the pool of exchanges, the output buffer and the Date line for all of them.
///
/// Thread:    loop thread of `loop`, but for construction and destruction while it does not run.
/// Ownership: borrows everything that it is given. Destruction closes what is open.
class ConnectionSet final : public net::ConnectionSink {
 public:
  struct Parts {
    loop::Loop& loop;
    const Limits& limits;
    Service& service;
    base::Log& log;
    base::Metrics& metrics;
    ByteBudget* budget = nullptr;  ///< Shared by all loops; null: there is no such bound.
  };

  explicit ConnectionSet(Parts parts);
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;
  ~ConnectionSet();

  /// Connections that are adopted after this are given back to `acceptor` when they close.
  void set_acceptor(net::Acceptor& acceptor) { acceptor_ = &acceptor; }

  // net::ConnectionSink
  loop::Loop& loop() override { return parts_.loop; }
  void adopt(net::Descriptor socket, net::SocketKind kind) override;
  void refuse(net::Descriptor socket, net::SocketKind kind) override;
  bool close_oldest_idle() override;

  /// Serves a stream that did not come from a listener.
  void adopt(std::unique_ptr<net::Transport> transport);

  /// From now on every answer closes its connection; idle ones may bring one last request within `idle`.
  void begin_drain(std::chrono::milliseconds idle);
  bool is_draining() const { return is_draining_; }
  /// Whether neither a connection nor a request whose handler has not ended is left.
  bool empty() const { return first_ == nullptr && orphans_.empty(); }
  /// Calls back once, when it is empty (at once when it is).
  void when_empty(std::function<void()> callback);
  /// Closes everything at once and forgets when_empty; returns how many requests were cut. Handlers that have not ended
  /// are asked to stop.
  std::size_t abort_all();

  /// Whether an event of a connection is being worked on: its answers share one output buffer.
  bool is_in_event() const { return active_ != nullptr; }

 private:
  friend class Connection;
  friend class BodyGate;
  friend class Exchange;
  static constexpr std::size_t kPooledExchangesMax = 64;
  static constexpr std::size_t kRefusalsMax = 64;
  static constexpr std::size_t kEvictionLookMax = 1'024;
  static constexpr unsigned kRefusalLogsPerSecond = 10;

  void serve(std::unique_ptr<net::Transport> transport, bool is_admitted);
  void link_last(Connection& connection);
  void unlink(Connection& connection);
  void move_last(Connection& connection);
  void remove(Connection& connection);

  std::unique_ptr<Exchange> take_exchange();
  /// Takes back one that is done with; it becomes an orphan while its handler has not ended.
  void recycle(std::unique_ptr<Exchange> exchange);
  void keep_orphan(std::unique_ptr<Exchange> exchange);
  void end_orphan(Exchange& exchange);
  /// Counts a refusal and logs it at a bounded rate.
  void report_refusal(const Refusal& refusal, const net::Transport& transport);
  void count_rejected(std::string_view reason);
  void count_buffered(std::int64_t by) {
    if (parts_.budget != nullptr) parts_.budget->add(by);
  }

  Parts parts_;
  BodyGate gate_;
  net::HangupWatcher hangups_;
  net::Acceptor* acceptor_ = nullptr;
  DateLine date_line_;
  OutputBuffer output_;
  base::TimePoint now_{};         // of the event at hand
  Connection* active_ = nullptr;  // whose event it is
  Exchange* pool_ = nullptr;      // owned; a list by next_in_pool
  std::size_t pooled_ = 0;
  std::vector<std::unique_ptr<Exchange>> done_;     // answered in this turn, for on_done
  std::vector<std::unique_ptr<Exchange>> orphans_;  // their connections have let go of them, their handlers have not
  Connection* first_ = nullptr;                     // the least recently used, to the second
  Connection* last_ = nullptr;
  std::size_t refusals_ = 0;  // connections that exist only to be told 503
  std::chrono::milliseconds drain_idle_{0};
  std::function<void()> when_empty_;
  bool is_draining_ = false;

  base::Gauge& output_bytes_;  // queued by all connections, as of their last event
  base::Gauge& orphaned_;
  std::map<std::string_view, base::Counter*> rejected_;
  base::TimePoint log_second_{};
  unsigned logs_in_second_ = 0;
};

}  // namespace weir::http
