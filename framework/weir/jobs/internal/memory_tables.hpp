// SPDX-License-Identifier: MIT
// What a store in memory keeps, and what it does with it.
#pragma once

#include <weir/jobs/internal/moment.hpp>
#include <weir/jobs/store.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::jobs::internal {

/// Jobs, keys and workers; each kind of work is done by looking through all of them.
///
/// Thread: one at a time.
class MemoryTables {
 public:
  /// Errors: std::invalid_argument for an enqueue with an id that is there already; then nothing happened.
  void apply(Work& work, const Moment& now);
  /// Forgets the oldest final jobs so that with `more` there are `max` at most; false when that cannot be.
  bool make_room(std::size_t more, std::size_t max);
  bool has(const JobId& id) const { return jobs_.contains(id.number); }
  std::size_t count() const { return jobs_.size(); }

 private:
  struct Job {
    JobRecord record;
    NewJob asked;
    std::int64_t worker = 0;  ///< Of running ones.
    std::string checkpoint = {};
    bool is_suspect = false;
    int marked_deaths = 0;    ///< Of workers that ran it alone, with a crash mark.
    int unmarked_deaths = 0;  ///< Likewise, without.
    std::optional<StoreTime> expires = {};
  };
  struct Key {
    std::string fingerprint;
    Enqueue::Stored stored;
    StoreTime expires;
  };
  struct Worker {
    std::string host;
    std::int64_t process = 0;
    Milliseconds lease_until{};  ///< Of the uptime.
    std::optional<StoreTime> died = {};
  };

  // memory_tables.cpp
  void run(Enqueue& work);
  void run(Cancel& work);
  void run(Retry& work);
  void run(Pause& work);
  void run(Purge& work);
  void run(Find& work);
  void run(List& work);
  void run(Stats& work);
  Enqueue::Stored store(const NewJob& asked);
  Job* find(const JobId& id);
  Job* living_with_key(const NewJob& asked);

  // memory_tables_run.cpp
  void run(Claim& work);
  void run(Finish& work);
  void run(Report& work);
  bool claim_suspect(Claim& work);
  void claim_from(const Claim::From& from, Claim& work);
  void take(Job& job, Claim& work);
  std::vector<Job*> available_in(const std::string& queue);
  std::vector<Job*> running_of(std::int64_t worker);
  std::size_t room_in(const Claim::From& from) const;
  void look_for_more(Claim& work);
  void discard_expired();
  void make_available();
  Finish::Accepted finish(const Finish::Ended& ended);
  void end_attempt(Job& job, const Finish::Ended& ended);

  // memory_tables_workers.cpp
  void run(RegisterWorker& work);
  void run(Beat& work);
  void run(RemoveWorker& work);
  void run(Rescue& work);
  Worker* find_alive(std::int64_t worker);
  void declare_dead(std::int64_t worker, bool has_crash_mark, Rescue& work);
  void rescue(Job& job, bool has_crash_mark, Rescue& work);

  void stop_running(Job& job, JobState state);
  void make_final(Job& job, JobState state);

  StoreTime now_{};
  Milliseconds uptime_{};
  std::map<std::int64_t, Job> jobs_;  ///< By the number of their ids.
  std::map<std::pair<std::string, std::string>, Key> keys_;
  std::map<std::int64_t, Worker> workers_;
  std::int64_t last_worker_ = 0;
  std::set<std::string> paused_;
};

}  // namespace weir::jobs::internal
