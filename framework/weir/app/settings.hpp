// SPDX-License-Identifier: MIT
// Everything about a service that whoever runs it may set.
#pragma once

#include <weir/exec/pattern.hpp>
#include <weir/exec/worker_pool.hpp>
#include <weir/http/limits.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::app {

/// The values are the defaults of an app; code changes them before `main`, then file, environment and flags.
struct Settings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: the system chooses.
  std::string unix_path;      ///< A Unix socket instead of host and port.
  std::uint16_t loops = 0;    ///< Event loops, each with a thread; 0: one per available core.

  /// Where handlers run, whatever their routes say; a blocking pattern has one loop.
  exec::Pattern pattern = exec::Pattern::kEventDriven;
  /// The one queue of the patterns single-worker and worker-pool; 0 workers: one per available core.
  exec::PoolOptions handlers;

  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;  ///< 0: the port after `port`, or none at all when that is taken.
  bool has_admin = true;

  bool has_openapi = true;  ///< Whether there are /openapi.json and /docs.

  std::uint64_t connections = 10'000;  ///< Of this app; clamped below the descriptor limit.
  std::uint16_t backlog = 1024;
  http::Limits limits;

  std::string data = "data";      ///< Folder of the store of jobs; made when the app has some.
  bool runs_jobs = true;          ///< Whether `serve` runs jobs itself; else `worker` processes do.
  std::uint16_t job_workers = 0;  ///< Threads for jobs that are no coroutines; 0: one per available core.
  std::string job_queues;         ///< "reports=4,mail=1": what to run, and how many at a time; empty: everything.

  bool prints_json = false;                     ///< Whether the command `jobs` does.
  std::chrono::milliseconds job_lease{30'000};  ///< A worker that is silent for longer is taken for dead.
  std::chrono::milliseconds job_beat{5'000};

  std::uint64_t background_tasks = 1'024;  ///< Of App::background, at a time.

  std::chrono::milliseconds drain_delay{0};         ///< Between not-ready and closing the listeners.
  std::chrono::milliseconds drain_idle{1'000};      ///< For a last request on a kept-alive connection.
  std::chrono::milliseconds drain_timeout{30'000};  ///< Then what is left is cut.

  static constexpr std::chrono::milliseconds kWatchdogStall{50};
  /// What holds a loop for longer is logged and counted. 0: off, as is the default under the pattern single-threaded,
  /// where every handler holds the loop by choice.
  std::chrono::milliseconds watchdog_stall = kWatchdogStall;

  std::string log_level = "info";   ///< debug, info, warn, error, off
  std::string log_format = "auto";  ///< json, human, auto: human on a terminal
};

}  // namespace weir::app
