// SPDX-License-Identifier: MIT
// Jobs go to workers.
#include <weir/jobs/sqlite/internal/session.hpp>

#include <algorithm>

namespace weir::jobs::internal {
namespace {

constexpr int kDueAtOnce = 1'000;  // the rest is due with the next claim

}  // namespace

void Session::make_available() {
  connection_.run(
      "UPDATE job SET state = 3, version = version + 1 WHERE id IN "
      "(SELECT id FROM job WHERE state IN (1, 2) AND run_at <= ? ORDER BY run_at LIMIT ?)",
      now_, kDueAtOnce);
}

void Session::discard_expired() {
  std::vector<std::int64_t> expired;
  {
    db::Query query = connection_.query(
        "SELECT id FROM job WHERE expires_at IS NOT NULL AND state <> 4 AND expires_at <= ? LIMIT ?", now_, kDueAtOnce);
    while (query.next()) expired.push_back(query.integer(0));
  }
  for (const std::int64_t id : expired) archive(id, JobState::kDiscarded, "", "expired");
}

bool Session::is_alive(std::int64_t worker) {
  return connection_.query("SELECT 1 FROM worker WHERE id = ? AND died_at IS NULL", worker).next();
}

bool Session::runs_suspect(std::int64_t worker) {
  return connection_.query("SELECT 1 FROM job WHERE state = 4 AND worker_id = ? AND is_suspect = 1", worker).next();
}

std::size_t Session::running(std::int64_t queue) {
  db::Query query = connection_.query("SELECT count(*) FROM job WHERE state = 4 AND queue_id = ?", queue);
  query.next();
  return query.get<std::size_t>(0);
}

void Session::operator()(Claim& work) {
  work.jobs.clear();
  for (Claim::From& from : work.queues) {
    from.is_paused =
        connection_.query("SELECT 1 FROM queue WHERE name = ? AND paused_at IS NOT NULL", from.queue).next();
  }
  work.next_due.reset();
  work.has_more = work.has_suspects = false;
  if (!is_alive(work.worker)) return;
  discard_expired();
  make_available();
  if (!runs_suspect(work.worker) && !claim_suspect(work)) {
    for (const Claim::From& from : work.queues) claim_from(from, work.worker, from.slots, work);
  }
  look_for_more(work);
}

// Whether it gave the worker a suspect, which then is all that it has.
bool Session::claim_suspect(Claim& work) {
  if (connection_.query("SELECT 1 FROM job WHERE state = 4 AND worker_id = ?", work.worker).next()) return false;
  for (const Claim::From& from : work.queues) {
    if (from.slots == 0 || (from.running_max && running(queue_id(from.queue)) >= *from.running_max)) continue;
    db::Query claimed = connection_.query(
        "UPDATE job SET state = 4, worker_id = ?1, attempt = attempt + 1, claim = claim + 1, version = version + 1, "
        "progress = 0, progress_text = '' WHERE id = (SELECT job.id FROM job JOIN queue ON queue.id = queue_id "
        "WHERE state = 3 AND is_suspect = 1 AND queue.name = ?2 AND paused_at IS NULL ORDER BY lane, job.id LIMIT 1) "
        "RETURNING id, secret, claim, kind, attempt, max_attempts, rescues, is_suspect, timeout, "
        "created_at, lane",
        work.worker, from.queue);
    take(claimed, from.queue, work);
    if (!work.jobs.empty()) return true;
  }
  return false;
}

bool Session::keep_claimed(Claim& work) {
  touch();
  std::erase_if(work.jobs, [&](const ClaimedJob& job) {
    return !connection_
                .query("SELECT 1 FROM job WHERE id = ? AND claim = ? AND worker_id = ? AND state = 4", job.id.number,
                       job.claim, work.worker)
                .next();
  });
  return true;
}

void Session::claim_from(const Claim::From& from, std::int64_t worker, std::size_t slots, Claim& work) {
  std::int64_t queue = 0;
  {
    db::Query query = connection_.query("SELECT id FROM queue WHERE name = ? AND paused_at IS NULL", from.queue);
    if (!query.next()) return;
    queue = query.integer(0);
  }
  if (from.running_max) {
    const std::size_t others = running(queue);
    slots = std::min(slots, *from.running_max > others ? *from.running_max - others : 0);
  }
  if (slots == 0) return;
  db::Query claimed = connection_.query(
      "UPDATE job SET state = 4, worker_id = ?1, attempt = attempt + 1, claim = claim + 1, version = version + 1, "
      "progress = 0, progress_text = '' WHERE id IN (SELECT id FROM job WHERE state = 3 AND queue_id = ?2 "
      "AND is_suspect = 0 ORDER BY lane, id LIMIT ?3) "
      "RETURNING id, secret, claim, kind, attempt, max_attempts, rescues, is_suspect, timeout, "
      "created_at, lane",
      worker, queue, slots);
  take(claimed, from.queue, work);
}

// RETURNING has no order of its own.
void Session::take(db::Query& claimed, const std::string& queue, Claim& work) {
  std::vector<std::pair<int, ClaimedJob>> jobs;
  while (claimed.next()) {
    ClaimedJob job;
    job.id = {claimed.integer(0), static_cast<std::uint64_t>(claimed.integer(1))};
    job.claim = claimed.integer(2);
    job.queue = queue;
    job.kind = claimed.text(3);
    job.attempt = claimed.get<int>(4);
    job.max_attempts = claimed.get<int>(5);
    job.crashes = claimed.get<int>(6);
    job.is_suspect = claimed.get<bool>(7);
    job.timeout = Milliseconds(claimed.integer(8));
    job.created = StoreTime(Milliseconds(claimed.integer(9)));
    jobs.emplace_back(claimed.get<int>(10), std::move(job));
  }
  std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.id.number) < std::pair(b.first, b.second.id.number);
  });
  for (auto& [lane, job] : jobs) {
    {
      db::Query body = connection_.query("SELECT payload, traceparent FROM job_body WHERE id = ?", job.id.number);
      body.next();
      job.payload = body.text(0);
      job.traceparent = body.text(1);
    }
    if (job.claim > 1) {
      db::Query left = connection_.query("SELECT data FROM job_checkpoint WHERE id = ?", job.id.number);
      if (left.next()) job.checkpoint = left.text(0);
    }
    work.jobs.push_back(std::move(job));
  }
}

void Session::look_for_more(Claim& work) {
  for (const Claim::From& from : work.queues) {
    db::Query more = connection_.query(
        "SELECT 1 FROM job JOIN queue ON queue.id = queue_id WHERE state = 3 AND "
        "queue.name = ? AND paused_at IS NULL",
        from.queue);

    if (!more.next()) continue;
    work.has_more = true;
    work.has_suspects =
        work.has_suspects ||
        connection_
            .query(
                "SELECT 1 FROM job JOIN queue ON queue.id = queue_id WHERE state = 3 AND is_suspect = 1 "
                "AND queue.name = ? AND paused_at IS NULL",
                from.queue)
            .next();
  }
  db::Query due = connection_.query("SELECT min(run_at) FROM job WHERE state IN (1, 2)");
  if (due.next() && !due.is_null(0)) work.next_due = StoreTime(Milliseconds(due.integer(0)));
}

}  // namespace weir::jobs::internal
