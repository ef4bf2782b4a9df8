// SPDX-License-Identifier: MIT
#include <weir/app/app.hpp>

#include <weir/app/built_in_routes.hpp>
#include <weir/app/internal/run.hpp>
#include <weir/jobs/job_routes.hpp>

#include <csignal>
#include <utility>

namespace weir::app {
namespace {

// A peer that has gone must not end the process; a handler that the host program set stays.
void ignore_sigpipe() {
  struct sigaction action {};
  if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

observe::LoggerOptions logger_options(const Settings& settings, const std::string& name, base::Metrics& metrics) {
  auto level = observe::parse_log_level(settings.log_level);
  if (!level) throw StartError(level.error().message());
  auto format = observe::parse_log_format(settings.log_format);
  if (!format) throw StartError(format.error().message());
  observe::LoggerOptions options;
  options.level = *level;
  options.format = *format;
  options.name = name;
  options.output = stdout;
  options.dropped_lines = &metrics.counter({"weir_log_lines_dropped_total", "Log lines that found no room."});
  return options;
}

App::App(std::string name, std::string version)
    : Group(table, table.root()),
      name_(std::move(name)),
      version_(std::move(version)),
      is_ready_(std::make_shared<std::atomic<bool>>(false)) {
  add_health_routes(table, is_ready_);
  openapi().title(name_).version(version_);
}

App::~App() {
  stop();
}

routing::Group App::jobs() {
  if (!jobs_) jobs_ = group("");
  return *jobs_;
}

db::Sqlite& App::database() {
  JobsRun* const jobs = jobs_run_.load();
  if (jobs == nullptr) throw StartError("the app '" + name_ + "' does not run, or has no jobs: it has no database");
  return jobs->file();
}

void App::add_job_routes() {
  if (std::exchange(has_job_routes_, true)) return;
  jobs::add_job_routes(jobs(), job_table.link);
}

std::shared_ptr<const routing::Routes> App::build_routes() const {
  return settings_.has_openapi ? build_documented(table, DocumentRendering::kWhenAsked) : table.build();
}

std::unique_ptr<App::Run> App::start_run() {
  struct Unset {
    std::atomic<JobsRun*>* jobs;
    ~Unset() {
      if (jobs != nullptr) jobs->store(nullptr);
    }
  } unset{&jobs_run_};
  auto run = std::make_unique<Run>();
  run->settings = settings_;
  auto routes = settings_.has_openapi ? build_documented(table, DocumentRendering::kNow) : table.build();
  run->log = std::make_unique<observe::Logger>(logger_options(settings_, name_, run->metrics));
  ignore_sigpipe();
  run->lanes = std::make_unique<RunLanes>(run->settings, pools.all(), std::move(routes), *run->log, run->metrics);
  if (!job_table.types.empty()) {
    run->jobs = std::make_unique<JobsRun>(run->settings, job_table, name_, *run->log, run->metrics);
    jobs_run_.store(run->jobs.get());  // handlers may ask for the database as soon as there are some
  }
  auto server = Server::start({run->settings, run->lanes->lanes, make_admin_routes(run->metrics, job_table), *run->log,
                               run->metrics, *is_ready_});
  if (!server) throw StartError(server.error().message());
  run->server = std::move(*server);
  if (run->jobs) run->jobs->start();
  background_.store(run->server.get());
  unset.jobs = nullptr;
  return run;
}

void App::start() {
  if (run_) throw StartError("the app '" + name_ + "' runs already");
  run_ = start_run();
}

bool App::stop() {
  if (!run_) return true;
  if (run_->jobs) run_->jobs->begin_stop();
  run_->server->begin_stop({});
  const DrainReport report = run_->server->wait();
  if (run_->jobs) run_->jobs->stop(run_->settings.drain_timeout);
  end_run();
  return report.is_clean();
}

void App::end_run() {
  background_.store(nullptr);
  jobs_run_.store(nullptr);
  run_.reset();
}

bool App::is_running() const {
  return run_ != nullptr;
}
std::uint16_t App::port() const {
  return run_ ? run_->server->endpoint().port : std::uint16_t{0};
}
std::uint16_t App::admin_port() const {
  return run_ ? run_->server->admin_endpoint().port : std::uint16_t{0};
}

}  // namespace weir::app
