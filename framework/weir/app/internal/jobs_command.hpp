// SPDX-License-Identifier: MIT
// `myservice jobs ...`: jobs from the command line, beside services that run.
#pragma once

#include <weir/app/settings.hpp>
#include <weir/jobs/job.hpp>

#include <span>
#include <string>

namespace weir::app {

/// list, show, retry, cancel, pause, resume, purge, stats, backup, help. Prints a table, or JSON with --json. Returns
/// the exit code: 2 for usage, 1 when it was not done. Errors: throws StartError when there is no store.
int run_jobs_command(const Settings& settings, const jobs::JobTable& table, const std::string& name,
                     std::span<const std::string> arguments);

}  // namespace weir::app
