// SPDX-License-Identifier: MIT
// What a store does, as statements on one connection.
#pragma once

#include <weir/db/connection.hpp>
#include <weir/jobs/internal/moment.hpp>
#include <weir/jobs/store.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace weir::jobs::internal {

/// The numbers of queues, which never change once their transaction has been committed.
using QueueNumbers = std::map<std::string, std::int64_t, std::less<>>;

/// One piece of work within a transaction of its caller's. May be done twice: what it fills in, it empties first.
///
/// Thread: its connection's.
/// Errors: DatabaseError.
class Session {
 public:
  /// `known`: of committed transactions; may be null.
  Session(db::Connection& connection, const Moment& now, const QueueNumbers* known = nullptr)
      : connection_(connection),
        now_(now.calendar.time_since_epoch().count()),
        uptime_(now.uptime.count()),
        known_(known) {}

  void operator()(Enqueue& work);
  void operator()(Claim& work);
  void operator()(Finish& work);
  void operator()(Report& work);
  void operator()(Cancel& work);
  void operator()(Retry& work);
  void operator()(Pause& work);
  void operator()(RegisterWorker& work);
  void operator()(Beat& work);
  void operator()(RemoveWorker& work);
  void operator()(Rescue& work);
  void operator()(Purge& work);
  void operator()(Find& work);
  void operator()(List& work);
  void operator()(Stats& work);

  /// Whether all jobs of an enqueue whose commit broke off are there.
  bool has(const Enqueue& work);
  /// Leaves of a claim whose commit broke off what is there.
  bool keep_claimed(Claim& work);

  /// Those that had to be looked up or made: to be known from the commit on.
  QueueNumbers& found() { return found_; }

 private:
  void touch();
  std::int64_t queue_id(const std::string& name);
  bool is_queue_full(const Enqueue& work);
  Enqueue::Stored store(const NewJob& job);
  bool take_known(Enqueue& work);

  void make_available();
  void discard_expired();
  bool is_alive(std::int64_t worker);
  void claim_from(const Claim::From& from, std::int64_t worker, std::size_t slots, Claim& work);
  bool claim_suspect(Claim& work);
  bool runs_suspect(std::int64_t worker);
  void take(db::Query& claimed, const std::string& queue, Claim& work);
  void look_for_more(Claim& work);
  std::size_t running(std::int64_t queue);

  Finish::Accepted finish(const Finish::Ended& ended);
  Finish::Accepted final_state(const Finish::Ended& ended);
  Finish::Accepted go_on(const Finish::Ended& ended, JobState state);
  bool archive(std::int64_t id, JobState state, std::string_view result, std::string_view error,
               const Finish::Ended* end = nullptr);
  void rescue(std::int64_t worker, bool has_crash_mark, Rescue& work);

  void list(const char* columns, const std::string& table, std::optional<std::int64_t> queue,
            std::optional<JobState> state, List& work);
  void list_final(std::optional<std::int64_t> queue, List& work);

  db::Connection& connection_;
  std::int64_t now_;
  std::int64_t uptime_;
  const QueueNumbers* known_;
  QueueNumbers found_;
};

}  // namespace weir::jobs::internal
