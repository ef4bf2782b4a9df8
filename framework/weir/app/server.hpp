// SPDX-License-Identifier: MIT
// One run of an app, from its listeners to its last connection.
#pragma once

#include <weir/app/background.hpp>
#include <weir/app/settings.hpp>
#include <weir/base/error.hpp>
#include <weir/base/log.hpp>
#include <weir/http/byte_budget.hpp>
#include <weir/net/acceptor.hpp>
#include <weir/net/socket.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/observe/stall_watchdog.hpp>
#include <weir/routing/lanes.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace weir::app {

/// How a run ended.
struct DrainReport {
  std::size_t requests_cut = 0;  ///< Connections with something unanswered or unsent when drain_timeout ran out.
  bool is_clean() const { return requests_cut == 0; }
};

/// Owns the loops, their threads, the listeners and the acceptor of one run. The drain goes like this, on loop 0:
///
///   begin_stop      not ready; wait drain_delay
///   close_listeners each listener accepts until EAGAIN, then closes; each loop tells
///   drain           answers close their connection, idle ones get drain_idle; each loop tells when it is empty
///   finish          all are empty, or drain_timeout is over: what is left is cut, its handlers are asked to stop
///   loop_has_ended  the last handler has ended: the loops stop
///
/// Thread: construction, wait and destruction on one thread; begin_stop anywhere.
class Server final : public BackgroundSink {
 public:
  struct Parts {
    const Settings& settings;
    const routing::Lanes& lanes;
    std::shared_ptr<const routing::Routes> admin_routes;
    base::Log& log;
    observe::MetricsRegistry& metrics;
    std::atomic<bool>& is_ready;
  };

  /// Opens the listeners and starts the threads.
  /// Errors: kInUse, kPermission and so on, naming the endpoint.
  static base::Result<std::unique_ptr<Server>> start(Parts parts);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Drains first, if nobody did.
  ~Server();

  /// Where the first listener listens: with the real port.
  const net::Endpoint& endpoint() const { return endpoint_; }
  /// The admin listener's endpoint; port 0 when there is none.
  const net::Endpoint& admin_endpoint() const { return admin_endpoint_; }
  std::size_t loop_count() const { return loops_.size(); }

  bool start_background(loop::Task<void> task) override;

  /// Begins to drain; `on_drained` runs on loop 0 when that is done (for the first caller only). Returns at once.
  void begin_stop(std::function<void()> on_drained);
  /// Waits for the end of the drain and joins the threads.
  DrainReport wait();

 private:
  class LoopThread;
  class DrainTimer;
  struct Sockets;

  explicit Server(Parts parts);
  base::Result<void> open();
  base::Result<void> open_admin();
  void run_threads();
  void start_watchdog();
  void abandon();

  void close_listeners();
  void drain();
  void call_when_empty(LoopThread& loop, std::function<void()> then);
  void look_if_empty(LoopThread& loop);
  void background_ended(LoopThread& loop);
  void loop_is_empty();
  void finish();
  void loop_has_ended();
  /// Runs `work` on every loop, then `then` on loop 0.
  void on_every_loop(std::function<void(LoopThread&)> work, std::function<void()> then);

  Parts parts_;
  http::ByteBudget budget_;
  net::Endpoint endpoint_;
  net::Endpoint admin_endpoint_{"", 0, ""};
  std::unique_ptr<net::Acceptor> acceptor_;
  std::unique_ptr<net::Acceptor> admin_acceptor_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  std::unique_ptr<observe::StallWatchdog> watchdog_;  // of all loops; null when it is off
  std::unique_ptr<DrainTimer> drain_timer_;           // loop 0
  std::function<void()> on_drained_;
  std::size_t empty_loops_ = 0;  // loop 0
  std::size_t ended_loops_ = 0;  // loop 0
  bool is_finished_ = false;     // loop 0
  std::atomic<std::size_t> requests_cut_{0};
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::uint64_t> background_tasks_{0};
};

}  // namespace weir::app
