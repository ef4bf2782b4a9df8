// SPDX-License-Identifier: MIT
// App::main: the program around a service.
#include <weir/app/app.hpp>
#include <weir/app/command_line.hpp>
#include <weir/app/config.hpp>
#include <weir/app/internal/bind_settings.hpp>
#include <weir/app/internal/health_check.hpp>
#include <weir/app/internal/jobs_command.hpp>
#include <weir/app/internal/route_listing.hpp>
#include <weir/app/internal/run.hpp>
#include <weir/base/thread.hpp>
#include <weir/jobs/sqlite/worker_locks.hpp>
#include <weir/loop/signal_watcher.hpp>
#include <weir/routing/openapi/document.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

namespace weir::app {
namespace {

constexpr int kFailure = 1;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A job that ends its process by a signal of its own doing is told from one whose process was ended.
void mark_crashes() {
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    jobs::mark_crash();
    ::raise(signal);  // now by its default: this handler was for once
  };
  action.sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    struct sigaction before {};
    // Whoever watches them already, a sanitizer or the app itself, stays.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      ::sigaction(signal, &action, nullptr);
  }
}

// What code set wrong, before anybody else could.
std::optional<std::string> find_problem(const Settings& settings) {
  if (auto level = observe::parse_log_level(settings.log_level); !level) return level.error().message();
  if (auto format = observe::parse_log_format(settings.log_format); !format) return format.error().message();
  return std::nullopt;
}

CommandLineSpec describe_program(const App& app) {
  return {.name = app.name(),
          .version = app.version(),
          .description = "A service made with Weir.",
          .commands = {{"serve", "Serve until SIGTERM or SIGINT, then drain."},
                       {"worker", "Run jobs, without serving, until SIGTERM or SIGINT."},
                       {"jobs", "Look at jobs and queues, and act on them; see `jobs help`.", "ACTION ..."},
                       {"routes", "Print the route table."},
                       {"openapi", "Print the OpenAPI document of the routes."},
                       {"healthcheck", "Ask /readyz of the configured port; exit code 0 when it is ready."}}};
}

// Waits on the main thread for the signal to stop. Watches from its construction, which must come before the server's:
// a signal that arrives while that starts would end the process, and with it the connections that it has accepted.
class StopSignals {
 public:
  // A second signal does not wait for anything.
  int serve(Server& server, JobsRun* jobs, base::Log& log, const Settings& settings) {
    server_ = &server;
    jobs_ = jobs;
    log_ = &log;
    patience_ = settings.drain_delay + settings.drain_timeout + std::chrono::seconds(1);
    if (jobs != nullptr) patience_ += kJobsLast;
    drain_timeout_ = settings.drain_timeout;
    control_.run();
    ending_.join();
    log.info("drain.end", {{"requests_cut", report_.requests_cut}, {"jobs_given_back", given_back_}});
    return report_.is_clean() ? EXIT_SUCCESS : kFailure;
  }
  /// The same without a server.
  int work(JobsRun& jobs, base::Log& log, const Settings& settings) {
    jobs_ = &jobs;
    log_ = &log;
    patience_ = settings.drain_timeout + std::chrono::seconds(1) + kJobsLast;
    drain_timeout_ = settings.drain_timeout;
    control_.run();
    ending_.join();
    log.info("drain.end", {{"jobs_given_back", given_back_}});
    return EXIT_SUCCESS;
  }

 private:
  // For handlers of jobs to stop when they are asked to, and for their ends to be stored.
  static constexpr std::chrono::seconds kJobsLast{5};

  // Called from control_.run() only: so the server is there.
  void on_signal() {
    if (std::exchange(is_stopping_, true)) {
      std::fputs("second signal: ending at once\n", stderr);
      ::_exit(kFailure);
    }
    log_->info("drain.begin");
    overdue_.arm_at(control_.now() + patience_);
    drain_began_ = control_.now();
    if (jobs_ != nullptr) jobs_->begin_stop();
    if (server_ != nullptr) server_->begin_stop({});
    // On a thread of its own: this one goes on to hear the second signal, and to end what is overdue.
    ending_ = base::start_thread("weir-drain", [this] {
      if (server_ != nullptr) report_ = server_->wait();
      stop_jobs();
      control_.stop();
    });
  }

  // Requests and jobs share one deadline.
  void stop_jobs() {
    if (jobs_ == nullptr) return;
    const auto spent = base::SystemClock::instance().now() - drain_began_;
    given_back_ = jobs_->stop(std::max<std::chrono::nanoseconds>(drain_timeout_ - spent, std::chrono::nanoseconds(0)));
  }

  // A handler that never returns holds the drain; nothing can stop it but the end of the process.
  class Overdue final : public loop::Timer {
   public:
    using Timer::Timer;

   private:
    void on_expiry() noexcept override {
      std::fputs("the drain is overdue, a handler does not return: ending with work cut\n", stderr);
      ::_exit(kFailure);
    }
  };

  Server* server_ = nullptr;
  JobsRun* jobs_ = nullptr;
  base::TimePoint drain_began_{};
  base::Log* log_ = nullptr;
  bool is_stopping_ = false;
  std::chrono::milliseconds patience_{0};
  std::chrono::nanoseconds drain_timeout_{0};
  std::thread ending_;  // what follows is its, until it is joined
  DrainReport report_;
  std::size_t given_back_ = 0;
  loop::Loop control_;
  Overdue overdue_{control_.timers()};
  loop::SignalWatcher on_term_{control_, SIGTERM, [this] { on_signal(); }};
  loop::SignalWatcher on_int_{control_, SIGINT, [this] { on_signal(); }};
};

}  // namespace

int App::main(int argc, char** argv) {
  if (const auto problem = find_problem(settings_)) {
    std::cerr << name_ << ": " << *problem << std::endl;
    return kFailure;
  }
  Config config;
  bind_settings(config, settings_);
  const Invocation invocation = parse_command_line(config, describe_program(*this), argc, argv, process_environment());
  std::cout << invocation.out << std::flush;
  std::cerr << invocation.err << std::flush;
  if (invocation.exit_code) return *invocation.exit_code;
  try {
    if (invocation.command == "healthcheck") return check_health(settings_);
    if (invocation.command == "routes") {
      std::cout << list_routes(*build_routes(), settings_.pattern, pools.all()) << std::flush;
      return EXIT_SUCCESS;
    }
    if (invocation.command == "openapi") {
      std::cout << routing::openapi_document(*build_routes(), routing::JsonLayout::kIndented) << std::endl;
      return EXIT_SUCCESS;
    }
    if (invocation.command == "jobs") return run_jobs_command(settings_, job_table, name_, invocation.arguments);
    raise_descriptor_limit();
    if (!job_table.types.empty()) mark_crashes();
    if (invocation.command == "worker") return run_worker();
    StopSignals signals;
    run_ = start_run();
    const Server& server = *run_->server;
    run_->log->info("serving",
                    {{"app", name_},
                     {"version", version_},
                     {"address", server.endpoint().to_string()},
                     {"pattern", to_string(run_->settings.pattern)},
                     {"loops", server.loop_count()},
                     {"admin", server.admin_endpoint().port != 0 ? server.admin_endpoint().to_string() : "off"}});
    const int exit_code = signals.serve(*run_->server, run_->jobs.get(), *run_->log, run_->settings);
    end_run();
    return exit_code;
  } catch (const std::exception& error) {
    std::cerr << name_ << ": " << error.what() << std::endl;
    return kFailure;
  }
}

// The jobs without the service.
int App::run_worker() {
  if (job_table.types.empty()) throw StartError("the app has no jobs");
  StopSignals signals;
  settings_.runs_jobs = true;
  observe::MetricsRegistry metrics;
  observe::Logger log(logger_options(settings_, name_, metrics));
  JobsRun jobs(settings_, job_table, name_, log, metrics);
  jobs_run_.store(&jobs);
  jobs.start();
  log.info("working", {{"app", name_}, {"version", version_}, {"data", settings_.data}});
  const int exit_code = signals.work(jobs, log, settings_);
  jobs_run_.store(nullptr);
  return exit_code;
}

}  // namespace weir::app
