// SPDX-License-Identifier: MIT
// What is asked of jobs without changing them.
#include <weir/jobs/sqlite/internal/session.hpp>

#include <algorithm>
#include <map>

namespace weir::jobs::internal {
namespace {

StoreTime at(std::int64_t milliseconds) {
  return StoreTime(Milliseconds(milliseconds));
}

// Of `record`, in the order of the columns below.
constexpr const char* kLiving =
    "SELECT job.id, secret, queue.name, kind, state, lane, attempt, max_attempts, rescues, claim, "
    "version, "
    "progress, progress_text, is_cancel_asked, created_at, run_at, NULL, error, '' "
    "FROM job JOIN queue ON queue.id = queue_id ";
constexpr const char* kFinal =
    "SELECT job_done.id, secret, queue.name, kind, state, lane, attempt, max_attempts, crashes, claim, version, "
    "progress, progress_text, is_cancel_asked, created_at, run_at, finished_at, error, result "
    "FROM job_done JOIN queue ON queue.id = queue_id ";

JobRecord record(const db::Query& row) {
  JobRecord job;
  job.id = {row.integer(0), static_cast<std::uint64_t>(row.integer(1))};
  job.queue = row.text(2);
  job.kind = row.text(3);
  job.state = static_cast<JobState>(row.integer(4));
  job.lane = row.get<int>(5);
  job.attempt = row.get<int>(6);
  job.max_attempts = row.get<int>(7);
  job.crashes = row.get<int>(8);
  job.claim = row.integer(9);
  job.version = row.integer(10);
  job.progress = row.real(11);
  job.progress_text = row.text(12);
  job.is_cancel_asked = row.get<bool>(13);
  job.created = at(row.integer(14));
  job.run_at = at(row.integer(15));
  if (!row.is_null(16)) job.finished = at(row.integer(16));
  job.error = row.text(17);
  job.result = row.text(18);
  return job;
}

}  // namespace

void Session::operator()(Find& work) {
  work.found.reset();
  for (const auto& [columns, table] : {std::pair(kLiving, "job"), std::pair(kFinal, "job_done")}) {
    db::Query row = connection_.query(std::string(columns) + "WHERE " + table + ".id = ?", work.id.number);
    if (!row.next()) continue;
    JobRecord job = record(row);
    // Of equal length whatever is wrong: nothing is learned from how long it takes.
    if ((job.id.secret ^ work.id.secret) != 0) return;
    db::Query body = connection_.query("SELECT payload, traceparent FROM job_body WHERE id = ?", work.id.number);
    if (body.next()) {
      job.payload = body.text(0);
      job.traceparent = body.text(1);
    }
    work.found = std::move(job);
    return;
  }
}

// What was not asked for is left out of the statement, and a state is written out in it: else no index would be used.
void Session::list(const char* columns, const std::string& table, std::optional<std::int64_t> queue,
                   std::optional<JobState> state, List& work) {
  // Few run, and they have an index of their own; the plus keeps the order by id from being used in its place.
  const std::string id = (state == JobState::kRunning ? "+" : "") + table + ".id";
  std::string sql = columns + ("WHERE " + id) + " < ?1";
  if (state) sql += " AND state = " + std::to_string(static_cast<int>(*state));
  if (queue) sql += " AND queue_id = ?2";
  if (work.kind) sql += " AND kind = ?3";
  sql += " ORDER BY " + id + " DESC LIMIT ?4";
  db::Query row = connection_.query(sql, work.before, queue, work.kind, work.limit);
  while (row.next()) {
    work.jobs.push_back(record(row));
    work.jobs.back().result.clear();
  }
}

// The index of final jobs is by queue and state: each pair that may be asked for gives its newest.
void Session::list_final(std::optional<std::int64_t> queue, List& work) {
  if (!queue && !work.state) return list(kFinal, "job_done", queue, work.state, work);
  std::vector<std::int64_t> queues;
  if (queue) queues.push_back(*queue);
  std::vector<JobState> states{JobState::kCompleted, JobState::kDiscarded, JobState::kCancelled};
  if (work.state) states = {*work.state};
  if (!queue) {
    db::Query all = connection_.query("SELECT id FROM queue");
    while (all.next()) queues.push_back(all.integer(0));
  }
  for (const std::int64_t one : queues) {
    for (const JobState state : states) list(kFinal, "job_done", one, state, work);
  }
}

void Session::operator()(List& work) {
  work.jobs.clear();
  std::optional<std::int64_t> queue;
  if (work.queue) {
    db::Query row = connection_.query("SELECT id FROM queue WHERE name = ?", *work.queue);
    if (!row.next()) return;
    queue = row.integer(0);
  }
  if (!work.state || !is_final(*work.state)) list(kLiving, "job", queue, work.state, work);
  if (!work.state || is_final(*work.state)) list_final(queue, work);
  std::sort(work.jobs.begin(), work.jobs.end(),
            [](const JobRecord& a, const JobRecord& b) { return a.id.number > b.id.number; });
  if (work.jobs.size() > work.limit) work.jobs.resize(work.limit);
}

void Session::operator()(Stats& work) {
  work.queues.clear();
  work.workers.clear();
  std::map<std::int64_t, Stats::Queue> queues;
  {
    db::Query row = connection_.query("SELECT id, name, paused_at IS NOT NULL FROM queue");
    while (row.next()) {
      Stats::Queue& queue = queues[row.integer(0)];
      queue.name = row.text(1);
      queue.is_paused = row.get<bool>(2);
    }
  }
  for (const char* const counts : {"SELECT queue_id, state, count(*) FROM job GROUP BY 1, 2",
                                   "SELECT queue_id, state, count(*) FROM job_done GROUP BY 1, 2"}) {
    db::Query row = connection_.query(counts);
    while (row.next()) queues[row.integer(0)].count[row.integer(1)] = row.get<std::size_t>(2);
  }
  {
    db::Query row = connection_.query("SELECT queue_id, min(run_at) FROM job WHERE state = 3 GROUP BY 1");
    while (row.next()) queues[row.integer(0)].oldest_available = at(row.integer(1));
  }
  for (auto& [id, queue] : queues) work.queues.push_back(std::move(queue));
  std::sort(work.queues.begin(), work.queues.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  db::Query row = connection_.query(
      "SELECT id, host, process, died_at IS NOT NULL, lease_until, (SELECT count(*) FROM job WHERE state = 4 AND "
      "worker_id = "
      "worker.id) "
      "FROM worker ORDER BY id");
  while (row.next()) {
    work.workers.push_back({row.integer(0), row.get<std::string>(1), row.integer(2), row.get<bool>(3),
                            row.get<bool>(3) ? Milliseconds(0) : Milliseconds(row.integer(4) - uptime_),
                            row.get<std::size_t>(5)});
  }
}

}  // namespace weir::jobs::internal
