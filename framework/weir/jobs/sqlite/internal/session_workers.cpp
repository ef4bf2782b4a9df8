// SPDX-License-Identifier: MIT
// Workers come, live and die; what is over goes.
#include <weir/base/machine.hpp>
#include <weir/jobs/sqlite/internal/session.hpp>

#include <algorithm>

namespace weir::jobs::internal {

void Session::operator()(RegisterWorker& work) {
  connection_.run("INSERT INTO worker(host, boot_id, process, lease_until, started_at) VALUES(?,?,?,?,?)", work.host,
                  base::boot_id(), work.process, uptime_ + work.lease.count(), now_);
  work.worker = connection_.last_id();
}

void Session::operator()(Beat& work) {
  work.is_alive = connection_.run("UPDATE worker SET lease_until = ? WHERE id = ? AND died_at IS NULL",
                                  uptime_ + work.lease.count(), work.worker) != 0;
}

void Session::operator()(RemoveWorker& work) {
  work.given_back = 0;
  if (!is_alive(work.worker)) return;
  std::vector<std::pair<std::int64_t, bool>> held;
  {
    db::Query query =
        connection_.query("SELECT id, is_cancel_asked FROM job WHERE state = 4 AND worker_id = ?", work.worker);
    while (query.next()) held.emplace_back(query.integer(0), query.get<bool>(1));
  }
  for (const auto& [id, is_cancel_asked] : held) {
    if (is_cancel_asked) {
      archive(id, JobState::kCancelled, "", "");
    } else {
      connection_.run(
          "UPDATE job SET state = 3, run_at = ?2, worker_id = NULL, attempt = attempt - 1, version = version + 1 "
          "WHERE id = ?1",
          id, now_);
      ++work.given_back;
    }
  }
  connection_.run("DELETE FROM worker WHERE id = ?", work.worker);
}

void Session::operator()(Rescue& work) {
  work.rescued = work.discarded = 0;
  work.declared.clear();
  std::vector<Rescue::Dead> dead = work.dead;
  {
    // An uptime means nothing after the next boot; nor does a worker of the boot before live on.
    db::Query query = connection_.query(
        "SELECT id FROM worker WHERE died_at IS NULL AND id <> ? AND (lease_until <= ? OR boot_id <> ?) ORDER BY id",
        work.self, uptime_, base::boot_id());
    while (query.next()) {
      const std::int64_t id = query.integer(0);
      if (std::none_of(dead.begin(), dead.end(), [id](const auto& known) { return known.worker == id; })) {
        dead.push_back({id, false});
      }
    }
  }
  for (const Rescue::Dead& one : dead) {
    if (connection_.run("UPDATE worker SET died_at = ? WHERE id = ? AND died_at IS NULL", now_, one.worker) == 0) {
      continue;
    }
    work.declared.push_back(one.worker);
    rescue(one.worker, one.has_crash_mark, work);
  }
}

void Session::rescue(std::int64_t worker, bool has_crash_mark, Rescue& work) {
  struct Held {
    std::int64_t id;
    int rescues, crashes, crash_marks;
    bool was_suspect, is_cancel_asked;
  };
  std::vector<Held> all;
  {
    db::Query query = connection_.query(
        "SELECT id, rescues, crashes, crash_marks, is_suspect, is_cancel_asked FROM job WHERE state = 4 AND "
        "worker_id = ? ORDER BY id",
        worker);
    while (query.next()) {
      all.push_back({query.integer(0), query.get<int>(1), query.get<int>(2), query.get<int>(3), query.get<bool>(4),
                     query.get<bool>(5)});
    }
  }
  for (Held& job : all) {
    if (job.was_suspect) ++(has_crash_mark ? job.crash_marks : job.crashes);
    const int nth = job.rescues + 1;
    const std::int64_t delay = nth == 1 ? 0 : 1'000LL << std::min(nth - 2, 6);
    connection_.run(
        "UPDATE job SET state = ?2, run_at = ?3, worker_id = NULL, is_suspect = 1, rescues = ?4, crashes = ?5, "
        "crash_marks = ?6, version = version + 1, error = 'its worker died' WHERE id = ?1",
        job.id, nth == 1 ? 3 : 2, now_ + delay, nth, job.crashes, job.crash_marks);
    if (job.is_cancel_asked) {
      archive(job.id, JobState::kCancelled, "", "");
    } else if (job.crash_marks >= work.crash_marks_max || job.crashes >= work.crashes_max) {
      archive(job.id, JobState::kDiscarded, "", "poison: its workers died of it");
      ++work.discarded;
    } else {
      ++work.rescued;
    }
  }
}

void Session::operator()(Purge& work) {
  std::vector<std::int64_t> over;
  {
    db::Query query =
        connection_.query("SELECT id FROM job_done WHERE purge_at <= ? ORDER BY purge_at LIMIT ?", now_, work.limit);
    while (query.next()) over.push_back(query.integer(0));
  }
  for (const std::int64_t id : over) {
    connection_.run("DELETE FROM job_done WHERE id = ?", id);
    connection_.run("DELETE FROM job_body WHERE id = ?", id);
    connection_.run("DELETE FROM job_checkpoint WHERE id = ?", id);
  }
  const std::int64_t keys = connection_.run(
      "DELETE FROM idempotency WHERE (scope, key) IN "
      "(SELECT scope, key FROM idempotency WHERE expires_at <= ? LIMIT ?)",
      now_, work.limit);
  const std::int64_t workers =
      connection_.run("DELETE FROM worker WHERE id IN (SELECT id FROM worker WHERE died_at <= ? LIMIT ?)",
                      now_ - work.keep_workers.count(), work.limit);
  work.purged = over.size() + static_cast<std::size_t>(keys + workers);
}

}  // namespace weir::jobs::internal
