// SPDX-License-Identifier: MIT
// What an App holds while it runs.
#pragma once

#include <weir/app/app.hpp>
#include <weir/app/internal/jobs_run.hpp>
#include <weir/app/server.hpp>
#include <weir/observe/logger.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/lanes.hpp>

#include <memory>
#include <span>
#include <utility>

namespace weir::app {

/// Errors: throws StartError for a level or format that is none.
observe::LoggerOptions logger_options(const Settings& settings, const std::string& name, base::Metrics& metrics);

/// The pools of a run and the lanes of its routes: what all of its loops share.
struct RunLanes {
  RunLanes(const Settings& settings, std::span<const exec::PoolDeclaration> pools,
           std::shared_ptr<const routing::Routes> routes, base::Log& log, base::Metrics& metrics,
           const base::Clock& clock = base::SystemClock::instance())
      : dispatcher({.pattern = settings.pattern,
                    .handlers = settings.handlers,
                    .pools = pools,
                    .clock = clock,
                    .log = log,
                    .metrics = metrics}),
        lanes({std::move(routes), dispatcher, settings.limits, metrics}) {}

  exec::Dispatcher dispatcher;
  routing::Lanes lanes;
};

/// Logger and metrics belong to the run, not to the process: two apps never mix theirs.
struct App::Run {
  Settings settings;  // as they were at the start
  observe::MetricsRegistry metrics;
  std::unique_ptr<observe::Logger> log;
  std::unique_ptr<RunLanes> lanes;
  std::unique_ptr<JobsRun> jobs;  // null where an app has none
  std::unique_ptr<Server> server;
};

}  // namespace weir::app
