// SPDX-License-Identifier: MIT
#include <weir/app/internal/jobs_run.hpp>

#include <weir/app/app.hpp>
#include <weir/base/error.hpp>
#include <weir/base/text.hpp>
#include <weir/jobs/memory_store.hpp>
#include <weir/jobs/sqlite/sqlite_store.hpp>
#include <weir/jobs/sqlite/worker_locks.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <utility>

namespace weir::app {
namespace {

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
  throw StartError("the folder for data: " + base::Error::from_errno(errno, path).message());
}

}  // namespace

std::map<std::string, std::size_t> parse_queues(std::string_view text) {
  std::map<std::string, std::size_t> queues;
  while (!text.empty()) {
    const std::string_view one = base::trim(base::take_until(text, ','));
    const std::size_t equals = one.find('=');
    const std::string_view number = equals == std::string_view::npos ? "" : one.substr(equals + 1);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    const bool is_count = error == std::errc() && end == number.data() + number.size() && count > 0;
    if (!is_count || equals == 0) {
      throw StartError("queues: '" + std::string(one) + "' is not of the form name=4, with a number above 0");
    }
    queues[std::string(one.substr(0, equals))] = count;
  }
  return queues;
}

std::string JobsRun::path_of(const Settings& settings, const std::string& name) {
  return settings.data + "/" + name + ".db";
}

JobsRun::JobsRun(const Settings& settings, const jobs::JobTable& table, const std::string& name, base::Log& log,
                 base::Metrics& metrics)
    : link_(table.link) {
  make_folder(settings.data);
  const std::string path = path_of(settings, name);
  const base::Clock& clock = base::SystemClock::instance();
  try {
    file_ = std::make_unique<db::Sqlite>(db::Sqlite::Options(path), log, metrics);
    store_ = std::make_unique<jobs::SqliteStore>(*file_, clock);
    liveness_ = std::make_unique<jobs::WorkerLocks>(path + "-workers");
    split_for_light(settings, table, clock);
    make_service(settings, table, clock, log, metrics);
    bell_ = std::make_unique<jobs::ProcessBell>(path + "-workers", [this](const jobs::ProcessBell::Rung& rung) {
      service_->heard(rung.has_new_jobs, rung.changed);
    });
  } catch (const StartError&) {
    throw;
  } catch (const std::exception& error) {
    throw StartError(std::string("the store of jobs: ") + error.what());
  }
}

JobsRun::JobsRun(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock, base::Log& log,
                 base::Metrics& metrics)
    : link_(table.link), store_(std::make_unique<jobs::MemoryStore>(clock)) {
  make_service(settings, table, clock, log, metrics);
}

void JobsRun::split_for_light(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock) {
  for (const auto& type : table.types) {
    if (!type->is_light()) continue;
    if (!settings.runs_jobs) {
      throw StartError(
          "the job '" + type->kind +
          "' is kept in memory, where this process alone could run it: it cannot start with jobs.run=false");
    }
    if (!split_) split_ = std::make_unique<jobs::SplitStore>(*store_, clock);
  }
}

void JobsRun::make_service(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock,
                           base::Log& log, base::Metrics& metrics) {
  jobs::EngineOptions options;
  options.queues = parse_queues(settings.job_queues);
  options.workers = settings.job_workers;
  options.lease = settings.job_lease;
  options.beat = settings.job_beat;
  service_ = std::make_unique<jobs::JobService>(
      jobs::JobService::Parts{.store = store(),
                              .file_store = file_ ? static_cast<jobs::SqliteStore*>(store_.get()) : nullptr,
                              .types = {table.types.begin(), table.types.end()},
                              .engine = std::move(options),
                              .runs_jobs = settings.runs_jobs,
                              .liveness = liveness_.get(),
                              .tell_others = bell_of(*this),
                              .clock = clock,
                              .log = log,
                              .metrics = metrics});
  link_->set(service_.get());
}

std::function<void(const jobs::JobId*)> JobsRun::bell_of(JobsRun& run) {
  if (!run.file_) return {};
  return [&run](const jobs::JobId* id) {
    if (!run.bell_) return;
    id == nullptr ? run.bell_->ring_for_new() : run.bell_->ring_for(id->number);
  };
}

void JobsRun::start() {
  try {
    service_->start();
  } catch (const std::exception& error) {
    throw StartError(std::string("the store of jobs: ") + error.what());
  }
}

JobsRun::~JobsRun() {
  stop(std::chrono::nanoseconds(0));
  file_.reset();  // what cancelled requests have asked of the store ends with it, and the store only then
}

std::size_t JobsRun::stop(std::chrono::nanoseconds patience) {
  if (!service_) return 0;
  const std::size_t cut = service_->stop(patience);
  link_->unset(service_.get());
  bell_.reset();
  service_.reset();
  return cut;
}

}  // namespace weir::app
