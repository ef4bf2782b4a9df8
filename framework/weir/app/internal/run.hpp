// SPDX-License-Identifier: MIT
// What an App holds while it runs.
#pragma once

#include <weir/app/app.hpp>
#include <weir/app/server.hpp>
#include <weir/observe/logger.hpp>
#include <weir/observe/metrics_registry.hpp>

#include <memory>

namespace weir::app {

/// Logger and metrics belong to the run, not to the process: two apps never mix theirs.
struct App::Run {
  Settings settings;  // as they were at the start
  observe::MetricsRegistry metrics;
  std::unique_ptr<observe::Logger> log;
  std::unique_ptr<Server> server;
};

}  // namespace weir::app
