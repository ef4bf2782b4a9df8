// SPDX-License-Identifier: MIT
// The jobs of an app while it runs: their store under --data, and what runs them.
#pragma once

#include <weir/app/settings.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/db/sqlite.hpp>
#include <weir/jobs/job.hpp>
#include <weir/jobs/liveness.hpp>
#include <weir/jobs/service.hpp>
#include <weir/jobs/split_store.hpp>
#include <weir/jobs/sqlite/process_bell.hpp>
#include <weir/jobs/store.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace weir::app {

/// "reports=4,mail=1". Errors: throws StartError.
std::map<std::string, std::size_t> parse_queues(std::string_view text);

/// Thread: one. The handles of the app's jobs work while it lives.
class JobsRun {
 public:
  /// In a file under settings.data. Errors: throws StartError.
  JobsRun(const Settings& settings, const jobs::JobTable& table, const std::string& name, base::Log& log,
          base::Metrics& metrics);
  /// In memory, for tests.
  JobsRun(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock, base::Log& log,
          base::Metrics& metrics);
  JobsRun(const JobsRun&) = delete;
  JobsRun& operator=(const JobsRun&) = delete;
  ~JobsRun();

  /// Where the store of the app of that name is.
  static std::string path_of(const Settings& settings, const std::string& name);

  /// Begins to run them: once the app serves. Errors: throws StartError.
  void start();
  void begin_stop() { service_->begin_stop(); }
  /// Returns how many jobs had to be given back.
  std::size_t stop(std::chrono::nanoseconds patience);

  jobs::JobService& service() { return *service_; }
  jobs::Store& store() { return split_ ? *split_ : *store_; }
  /// Of a store in a file.
  db::Sqlite& file() { return *file_; }

 private:
  static std::function<void(const jobs::JobId*)> bell_of(JobsRun& run);
  void split_for_light(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock);
  void make_service(const Settings& settings, const jobs::JobTable& table, const base::Clock& clock, base::Log& log,
                    base::Metrics& metrics);

  std::shared_ptr<jobs::JobLink> link_;
  std::unique_ptr<db::Sqlite> file_;  // null when in memory
  std::unique_ptr<jobs::Liveness> liveness_;
  std::unique_ptr<jobs::Store> store_;
  std::unique_ptr<jobs::SplitStore> split_;  // over it, when some jobs are in memory
  std::unique_ptr<jobs::JobService> service_;
  std::unique_ptr<jobs::ProcessBell> bell_;  // ends first: it calls the service, which rings it through `bell_`
};

}  // namespace weir::app
