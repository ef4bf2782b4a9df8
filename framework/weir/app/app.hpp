// SPDX-License-Identifier: MIT
// A service: its routes, its settings, and its life.
#pragma once

#include <weir/app/background.hpp>
#include <weir/app/settings.hpp>
#include <weir/http/client/client_middleware.hpp>
#include <weir/jobs/job.hpp>
#include <weir/routing/group.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::db {
class Sqlite;
}

namespace weir::app {

class JobsRun;

/// Why an app did not start: a taken port, colliding routes. The message is for the person who starts it.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

// A base, so that the table exists before the Group that is the root of it.
struct RouteTableOwner {
  routing::RouteTable table;
  exec::PoolTable pools;
  jobs::JobTable job_table;
};

}  // namespace detail

/// Declare routes on it (it is the outermost Group), then hand over to `main`, or `start` and `stop` it yourself.
///
/// Several apps can live in one process, and one can start again after it stopped. Only `main` touches what belongs
/// to the process: signals, the descriptor limit, the environment, standard output.
///
/// Thread: one.
class App : private detail::RouteTableOwner, public routing::Group {
 public:
  explicit App(std::string name, std::string version = "0.0.0");
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  /// Stops first, if it runs.
  ~App();

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }

  /// The defaults of this app. Changes count from the next start.
  Settings& settings() { return settings_; }
  const Settings& settings() const { return settings_; }

  /// Declares a pool of workers: `auto cpu = app.pool("cpu", {.workers = 4, .queue = 256})`. Routes run on it by
  /// `.on(cpu)`, single steps by `co_await ctx.offload(cpu, f, args...)`.
  /// Errors: throws std::invalid_argument for a name that is empty or taken, or a queue of 0.
  exec::Pool pool(std::string name, exec::PoolOptions options = {}) { return pools.add(std::move(name), options); }
  std::span<const exec::PoolDeclaration> declared_pools() const { return pools.all(); }
  /// Gives handlers what they share: a parameter weir::State<T> is this value. One for each type; the last one counts.
  template <class T>
  void provide(T value) {
    table.states().add(routing::detail::kStateKey<T>, std::make_shared<const T>(std::move(value)));
  }
  template <class T>
  void provide(std::shared_ptr<T> value) {
    constexpr bool kIsConstLock =
        std::is_const_v<T> && !std::is_const_v<typename routing::State<std::remove_const_t<T>>::Value>;
    static_assert(!kIsConstLock, "weir: a Guarded is provided to be changed: provide one that is not const");
    table.states().add(routing::detail::kStateKey<std::remove_const_t<T>>, std::move(value));
  }
  /// The middleware of all calls by `ctx.http()`, the first `use` outermost. Changes count from the next start:
  ///
  ///     app.http_client().use(weir::Retry{{.attempts = 3}}).use(weir::CircuitBreaker{});
  ///
  /// Each event loop, and each worker that drives coroutines, has a client and copies of these for itself.
  http::ClientChain& http_client() { return table.client_chain(); }

  /// Declares a kind of job with the type of its payload, a described one:
  ///
  ///     auto build = app.job<Report>("build-report").queue("reports").handle(build_report);
  ///     app.post("/reports").as_job(build);
  ///
  /// With the first one come the routes /jobs/{id} and /jobs/{id}/events, and a store under --data.
  /// Errors: throws std::invalid_argument for a kind that is empty or taken.
  template <class T, class R = void>
  jobs::JobBuilder<T, R> job(std::string kind) {
    add_job_routes();
    return jobs::JobBuilder<T, R>(job_table, std::move(kind));
  }
  /// The group of the routes /jobs/{id}: `app.jobs().use(...)` guards them.
  routing::Group jobs();

  /// The file of the jobs' store, for tables of the app's own beside it (their names begin with none of "job", "queue",
  /// "worker", "idempotency"), while the app runs. Needs <weir/db/sqlite.hpp>.
  /// Errors: throws StartError when it does not run, or has no jobs.
  db::Sqlite& database();

  /// Lets `task` go on after the response that it belongs to, on the loop of the caller, or the first one. It ends with
  /// the service: within the drain, then it is cancelled. What must not be lost is a job, not this. Any thread.
  /// Returns false, with the task destroyed unstarted, when nothing runs or settings().background_tasks do.
  [[nodiscard]] bool background(loop::Task<void> task) {
    BackgroundSink* const sink = background_.load();
    return sink != nullptr && sink->start_background(std::move(task));
  }

  /// Where the handlers run, whatever their routes say; --pattern overrides it.
  App& pattern(exec::Pattern pattern) {
    settings_.pattern = pattern;
    return *this;
  }

  /// The whole program: reads the command line, the environment and the configuration file, and runs the command
  /// (`serve` unless told otherwise). Returns the exit code: 0; 1 when something failed or had to be cut; 2 for usage.
  int main(int argc, char** argv);

  /// Starts to serve and returns.
  /// Errors: throws StartError, or routing::SetupError when the routes are wrong; nothing runs then.
  void start();
  /// Drains and stops; returns whether every request was answered. Does nothing when it does not run.
  bool stop();

  bool is_running() const;
  /// The port that is really listened on; 0 when it does not run.
  std::uint16_t port() const;
  /// The admin listener's port; 0 when there is none.
  std::uint16_t admin_port() const;

  /// The checked routes, built-in ones included.
  /// Errors: throws routing::SetupError.
  std::shared_ptr<const routing::Routes> build_routes() const;

 private:
  friend class TestClient;
  struct Run;
  std::unique_ptr<Run> start_run();
  void end_run();
  int run_worker();
  void add_job_routes();

  std::string name_;
  std::string version_;
  Settings settings_;
  // Shared with the handler of /readyz, whose routes may outlive a run.
  std::shared_ptr<std::atomic<bool>> is_ready_;
  std::atomic<BackgroundSink*> background_{nullptr};
  std::atomic<JobsRun*> jobs_run_{nullptr};  // for handlers, which may ask before all of the run is there
  std::optional<routing::Group> jobs_;
  bool has_job_routes_ = false;
  std::unique_ptr<Run> run_;
};

}  // namespace weir::app
