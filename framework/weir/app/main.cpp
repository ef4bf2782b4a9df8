// SPDX-License-Identifier: MIT
// App::main: the program around a service.
#include <weir/app/app.hpp>
#include <weir/app/command_line.hpp>
#include <weir/app/config.hpp>
#include <weir/app/internal/bind_settings.hpp>
#include <weir/app/internal/health_check.hpp>
#include <weir/app/internal/route_listing.hpp>
#include <weir/app/internal/run.hpp>
#include <weir/loop/signal_watcher.hpp>
#include <weir/routing/openapi/document.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

namespace weir::app {
namespace {

constexpr int kFailure = 1;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
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
                       {"routes", "Print the route table."},
                       {"openapi", "Print the OpenAPI document of the routes."},
                       {"healthcheck", "Ask /readyz of the configured port; exit code 0 when it is ready."}}};
}

// Waits on the main thread for the signal to stop. Watches from its construction, which must come before the server's:
// a signal that arrives while that starts would end the process, and with it the connections that it has accepted.
class StopSignals {
 public:
  // A second signal does not wait for anything.
  int serve(Server& server, base::Log& log, const Settings& settings) {
    server_ = &server;
    log_ = &log;
    patience_ = settings.drain_delay + settings.drain_timeout + std::chrono::seconds(1);
    control_.run();
    const DrainReport report = server.wait();
    log.info("drain.end", {{"requests_cut", report.requests_cut}});
    return report.is_clean() ? EXIT_SUCCESS : kFailure;
  }

 private:
  // Called from control_.run() only: so the server is there.
  void on_signal() {
    if (std::exchange(is_stopping_, true)) {
      std::fputs("second signal: ending at once\n", stderr);
      ::_exit(kFailure);
    }
    log_->info("drain.begin");
    overdue_.arm_at(control_.now() + patience_);
    server_->begin_stop([this] { control_.stop(); });
  }

  // A handler that never returns holds its loop, and the drain with it; nothing can stop it but the end of the process.
  class Overdue final : public loop::Timer {
   public:
    using Timer::Timer;

   private:
    void on_expiry() noexcept override {
      std::fputs("the drain is overdue, a handler holds its loop: ending with requests cut\n", stderr);
      ::_exit(kFailure);
    }
  };

  Server* server_ = nullptr;
  base::Log* log_ = nullptr;
  bool is_stopping_ = false;
  std::chrono::milliseconds patience_{0};
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
    raise_descriptor_limit();
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
    const int exit_code = signals.serve(*run_->server, *run_->log, run_->settings);
    background_.store(nullptr);
    run_.reset();
    return exit_code;
  } catch (const std::exception& error) {
    std::cerr << name_ << ": " << error.what() << std::endl;
    return kFailure;
  }
}

}  // namespace weir::app
