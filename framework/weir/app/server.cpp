// SPDX-License-Identifier: MIT
#include <weir/app/server.hpp>

#include <weir/app/internal/byte_budget.hpp>
#include <weir/app/internal/inherited_sockets.hpp>
#include <weir/base/check.hpp>
#include <weir/base/machine.hpp>
#include <weir/base/thread.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/loop/loop.hpp>
#include <weir/net/acceptor.hpp>
#include <weir/net/listener.hpp>
#include <weir/routing/routing_service.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace weir::app {
namespace {

// Kept back from connections, for files, stores and outgoing calls.
constexpr std::uint64_t kReservedDescriptors = 64;
constexpr std::uint64_t kDescriptorsPerLoop = 4;  // its poll set, its wake-up, its listener

std::uint64_t clamp_connections(std::uint64_t wanted, std::size_t loops, base::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const std::uint64_t reserved = kReservedDescriptors + kDescriptorsPerLoop * loops;
  const std::uint64_t room = limit.rlim_cur > 2 * reserved ? limit.rlim_cur - reserved : limit.rlim_cur / 2;
  if (room >= wanted) return wanted;
  log.warn("connections.clamped", {{"wanted", wanted}, {"connections", room}, {"descriptor_limit", limit.rlim_cur}});
  return room;
}

// Work of the lifecycle: it may not be refused, so it travels as a completion that owns itself.
class LifecycleWork final : public loop::Completion {
 public:
  static void run_on(loop::Loop& loop, std::function<void()> work) {
    loop.complete(*new LifecycleWork(std::move(work)));  // deletes itself in on_loop
  }

 private:
  explicit LifecycleWork(std::function<void()> work) : work_(std::move(work)) {}
  void on_loop() noexcept override {
    const std::unique_ptr<LifecycleWork> self(this);
    work_();
  }
  std::function<void()> work_;
};

}  // namespace

// What lives on one loop. Members are destroyed in reverse order: connections before the loop that they are on.
class Server::LoopThread {
 public:
  LoopThread(Server& server, const Parts& parts, std::size_t index)
      : loop({.posts_refused =
                  &parts.metrics.gauge({"weir_loop_posts_refused", "Cross-thread work that a loop had no room for."})}),
        service({loop, parts.lanes, parts.settings.limits, parts.log, parts.metrics}),
        connections({loop, parts.settings.limits, service, parts.log, parts.metrics, &server.budget_}),
        background(parts.log, [&server, this] { server.background_ended(*this); }),
        accept_errors(parts.metrics.counter({"weir_accept_errors_total", "Accepts that failed."})),
        index_(index) {}

  ~LoopThread() { join(); }

  void start() {
    thread_ = base::start_thread("weir-loop-" + std::to_string(index_), [this] { loop.run(); });
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  void listen(net::Descriptor socket, net::Acceptor& acceptor, net::ConnectionSink& sink, net::Spread spread,
              base::Log& log) {
    listeners.push_back(
        std::make_unique<net::Listener>(loop, std::move(socket), net::Listener::Reporting{log, accept_errors},
                                        [&acceptor, &sink, spread](net::Descriptor connection, net::SocketKind kind) {
                                          acceptor.admit(sink, spread, std::move(connection), kind);
                                        }));
  }

  /// The admin listener's service; on loop 0 only.
  struct Admin {
    Admin(LoopThread& owner, const Parts& parts)
        : dispatcher({.handlers = {}, .pools = {}, .clock = owner.loop.clock(), .log = parts.log, .metrics = metrics}),
          lanes({parts.admin_routes, dispatcher, parts.settings.limits, metrics}),
          service({owner.loop, lanes, parts.settings.limits, parts.log, metrics}),
          connections({owner.loop, parts.settings.limits, service, parts.log, metrics}) {}
    observe::MetricsRegistry metrics;  // apart: what operators ask is not the service's traffic
    exec::Dispatcher dispatcher;
    routing::Lanes lanes;
    routing::RoutingService service;
    http::ConnectionSet connections;
  };

  loop::Loop loop;
  routing::RoutingService service;
  http::ConnectionSet connections;
  std::unique_ptr<Admin> admin;
  BackgroundTasks background;
  std::function<void()> when_empty;  // once neither connections nor background tasks are left
  base::Counter& accept_errors;
  std::vector<std::unique_ptr<net::Listener>> listeners;

 private:
  std::size_t index_;
  std::thread thread_;
};

class Server::DrainTimer final : public loop::Timer {
 public:
  explicit DrainTimer(loop::Loop& loop) : Timer(loop.timers()), loop_(loop) {}
  void start(std::chrono::milliseconds delay, std::function<void()> then) {
    then_ = std::move(then);
    arm_at(loop_.now() + delay);
  }

 private:
  void on_expiry() noexcept override { std::exchange(then_, nullptr)(); }
  loop::Loop& loop_;
  std::function<void()> then_;
};

Server::Server(Parts parts)
    : parts_(std::move(parts)), budget_(make_byte_budget(parts_.settings.limits, parts_.metrics)) {}

Server::~Server() {
  if (loops_.empty()) return;
  begin_stop({});
  wait();
  drain_timer_.reset();
}

base::Result<std::unique_ptr<Server>> Server::start(Parts parts) {
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  base::Result<void> opened;
  try {
    opened = server->open();
    if (opened) server->run_threads();
  } catch (const std::exception& error) {
    // No descriptors for a loop, no thread to be had.
    opened = base::Error(base::ErrorCode::kExhausted, error.what());
  }
  if (opened) return server;
  server->abandon();
  return std::move(opened).error();
}

// Ends what a failed start has begun; nothing has been accepted that could be drained.
void Server::abandon() {
  for (auto& loop : loops_) loop->loop.stop();
  for (auto& loop : loops_) loop->join();
  watchdog_.reset();
  drain_timer_.reset();
  loops_.clear();
}

base::Result<void> Server::open() {
  const Settings& settings = parts_.settings;
  const bool has_many = settings.pattern == exec::Pattern::kEventDriven;
  const std::size_t wanted = settings.loops != 0 ? settings.loops : base::available_cores();
  const std::size_t count = has_many ? wanted : 1;
  const std::uint64_t connections_max = clamp_connections(settings.connections, count, parts_.log);
  acceptor_ = std::make_unique<net::Acceptor>(connections_max, parts_.metrics);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<LoopThread>(*this, parts_, i));
    loops_.back()->connections.set_acceptor(*acceptor_);
    acceptor_->add_sink(loops_.back()->connections);
  }
  LoopThread& first = *loops_.front();
  drain_timer_ = std::make_unique<DrainTimer>(first.loop);

  auto inherited = take_inherited_sockets();
  if (!inherited) return std::move(inherited).error();
  endpoint_ = {settings.unix_path.empty() ? settings.host : "", settings.port, settings.unix_path};
  if (!inherited->empty()) {
    for (net::Descriptor& socket : *inherited) {
      if (auto endpoint = net::local_endpoint(socket.get())) endpoint_ = *endpoint;
      first.listen(std::move(socket), *acceptor_, first.connections, net::Spread::kLeastLoaded, parts_.log);
    }
    return open_admin();
  }
  // A port of its own per loop, spread by the kernel; a Unix socket cannot be shared that way.
  const bool is_shared = !endpoint_.is_unix() && count > 1;
  if (is_shared) {
    // Without SO_REUSEPORT on this first look, a port that somebody else shares would go unnoticed.
    if (auto probe = net::listen_on(endpoint_, {settings.backlog, false}); !probe) return std::move(probe).error();
  }
  for (auto& loop : loops_) {
    auto socket = net::listen_on(endpoint_, {settings.backlog, is_shared});
    if (!socket) return std::move(socket).error();
    if (auto endpoint = net::local_endpoint(socket->get())) endpoint_ = *endpoint;
    const auto spread = endpoint_.is_unix() ? net::Spread::kLeastLoaded : net::Spread::kOwnLoop;
    loop->listen(std::move(*socket), *acceptor_, loop->connections, spread, parts_.log);
    if (!is_shared) break;
  }
  return open_admin();
}

base::Result<void> Server::open_admin() {
  const Settings& settings = parts_.settings;
  if (!settings.has_admin) return {};
  const bool is_asked_for = settings.admin_port != 0;
  const auto follower = static_cast<std::uint16_t>(settings.port == 0 ? 0 : endpoint_.port + 1);
  if (!is_asked_for && (endpoint_.is_unix() || endpoint_.port == UINT16_MAX)) {
    parts_.log.warn("admin.unavailable", {{"error", "no port follows; set admin.port"}});
    return {};
  }
  const net::Endpoint wanted{settings.admin_host, is_asked_for ? settings.admin_port : follower, ""};
  auto socket = net::listen_on(wanted, {settings.backlog, false});
  if (!socket) {
    if (is_asked_for) return std::move(socket).error().with_context("admin listener");
    parts_.log.warn("admin.unavailable", {{"error", socket.error().message()}});
    return {};
  }
  if (auto endpoint = net::local_endpoint(socket->get())) admin_endpoint_ = *endpoint;
  LoopThread& first = *loops_.front();
  first.admin = std::make_unique<LoopThread::Admin>(first, parts_);
  constexpr std::uint64_t kAdminConnectionsMax = 64;
  admin_acceptor_ = std::make_unique<net::Acceptor>(kAdminConnectionsMax, first.admin->metrics);
  first.admin->connections.set_acceptor(*admin_acceptor_);
  first.listen(std::move(*socket), *admin_acceptor_, first.admin->connections, net::Spread::kOwnLoop, parts_.log);
  return {};
}

void Server::run_threads() {
  start_watchdog();
  for (auto& loop : loops_) loop->start();
  parts_.is_ready.store(true);
}

void Server::start_watchdog() {
  const Settings& settings = parts_.settings;
  const bool is_default = settings.watchdog_stall == Settings::kWatchdogStall;
  const bool is_off = settings.pattern == exec::Pattern::kSingleThreaded && is_default;
  if (is_off || settings.watchdog_stall.count() <= 0) return;
  std::vector<loop::ActivitySlot*> activities;
  for (auto& loop : loops_) activities.push_back(&loop->loop.activity());
  watchdog_ = std::make_unique<observe::StallWatchdog>(
      observe::StallDetector::Parts{std::move(activities), settings.watchdog_stall, parts_.log, parts_.metrics});
}

void Server::begin_stop(std::function<void()> on_drained) {
  if (is_stopping_.exchange(true)) return;
  parts_.is_ready.store(false);
  LifecycleWork::run_on(loops_.front()->loop, [this, on_drained = std::move(on_drained)] {
    on_drained_ = on_drained;
    if (parts_.settings.drain_delay.count() == 0) return close_listeners();
    drain_timer_->start(parts_.settings.drain_delay, [this] { close_listeners(); });
  });
}

void Server::close_listeners() {
  drain_timer_->start(parts_.settings.drain_timeout, [this] { finish(); });
  on_every_loop(
      [](LoopThread& loop) {
        for (auto& listener : loop.listeners) listener->drain_and_close();
      },
      [this] { drain(); });
}

void Server::drain() {
  on_every_loop(
      [this](LoopThread& loop) {
        loop.connections.begin_drain(parts_.settings.drain_idle);
        call_when_empty(loop, [this] { loop_is_empty(); });
      },
      [this] {
        parts_.log.info("drain.waiting", {{"at_most_ms", parts_.settings.drain_timeout.count()}});
      });
}

// `then` runs on loop 0, once neither connections nor background tasks are left.
void Server::call_when_empty(LoopThread& loop, std::function<void()> then) {
  loop.when_empty = [this, then = std::move(then)] { LifecycleWork::run_on(loops_.front()->loop, then); };
  loop.connections.when_empty([this, &loop] { look_if_empty(loop); });
}

void Server::look_if_empty(LoopThread& loop) {
  if (loop.when_empty && loop.connections.empty() && loop.background.empty()) std::exchange(loop.when_empty, nullptr)();
}

void Server::background_ended(LoopThread& loop) {
  --background_tasks_;
  look_if_empty(loop);
}

bool Server::start_background(loop::Task<void> task) {
  if (background_tasks_.fetch_add(1) < parts_.settings.background_tasks) {
    for (auto& loop : loops_) {
      if (&loop->loop != loop::Loop::find_current()) continue;
      loop->background.spawn(std::move(task));
      return true;
    }
    LoopThread& first = *loops_.front();
    if (first.loop.try_post([&first, task = std::move(task)]() mutable { first.background.spawn(std::move(task)); })) {
      return true;
    }
  }
  --background_tasks_;
  return false;
}

void Server::loop_is_empty() {
  if (++empty_loops_ == loops_.size()) finish();
}

void Server::finish() {
  if (std::exchange(is_finished_, true)) return;
  drain_timer_->disarm();
  on_every_loop(
      [this](LoopThread& loop) {
        requests_cut_ += loop.connections.abort_all();
        if (loop.admin) loop.admin->connections.abort_all();
        loop.background.request_stop();
        // Handlers that were asked to stop still use the loop until they have.
        call_when_empty(loop, [this] { loop_has_ended(); });
      },
      [] {});
}

void Server::loop_has_ended() {
  if (++ended_loops_ != loops_.size()) return;
  if (on_drained_) on_drained_();
  for (auto& loop : loops_) loop->loop.stop();
}

void Server::on_every_loop(std::function<void(LoopThread&)> work, std::function<void()> then) {
  struct Round {
    std::function<void(LoopThread&)> work;
    std::function<void()> then;
    std::size_t left;  // loop 0
  };
  // Shared by the loops until the last of them has told.
  const auto round = std::make_shared<Round>(Round{std::move(work), std::move(then), loops_.size()});
  for (auto& entry : loops_) {
    LoopThread& loop = *entry;
    LifecycleWork::run_on(loop.loop, [this, &loop, round] {
      round->work(loop);
      LifecycleWork::run_on(loops_.front()->loop, [round] {
        if (--round->left == 0) round->then();
      });
    });
  }
}

DrainReport Server::wait() {
  for (auto& loop : loops_) loop->join();
  watchdog_.reset();
  return {requests_cut_.load()};
}

}  // namespace weir::app
