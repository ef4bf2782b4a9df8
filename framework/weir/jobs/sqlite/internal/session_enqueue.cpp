// SPDX-License-Identifier: MIT
// Jobs come in, and are asked to stop or to run again.
#include <weir/jobs/sqlite/internal/session.hpp>

namespace weir::jobs::internal {
namespace {

std::int64_t stored(std::uint64_t secret) {
  return static_cast<std::int64_t>(secret);
}
std::uint64_t secret_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}
std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

std::int64_t Session::queue_id(const std::string& name) {
  if (known_ != nullptr) {
    if (const auto known = known_->find(name); known != known_->end()) return known->second;
  }
  {
    db::Query query = connection_.query("SELECT id FROM queue WHERE name = ?", name);
    if (query.next()) return found_[name] = query.integer(0);
  }
  connection_.run("INSERT INTO queue(name) VALUES(?)", name);
  return found_[name] = connection_.last_id();
}

void Session::operator()(Enqueue& work) {
  work.stored.clear();
  work.refusal = Enqueue::Refusal::kNone;
  work.is_replay = false;
  if (work.idempotency && take_known(work)) return;
  if (is_queue_full(work)) {
    work.refusal = Enqueue::Refusal::kQueueFull;
    return;
  }
  for (const NewJob& job : work.jobs) work.stored.push_back(store(job));
  if (!work.idempotency) return;
  const Enqueue::Idempotency& key = *work.idempotency;
  const Enqueue::Stored& first = work.stored.front();
  connection_.run(
      "INSERT OR REPLACE INTO idempotency(scope, key, fingerprint, job_id, job_secret, is_new, expires_at) "
      "VALUES(?,?,?,?,?,?,?)",
      key.scope, key.key, as_bytes(key.fingerprint), first.id.number, stored(first.id.secret), first.is_new,
      now_ + key.keep.count());
}

// Whether the key was answered before.
bool Session::take_known(Enqueue& work) {
  const Enqueue::Idempotency& key = *work.idempotency;
  db::Query query = connection_.query(
      "SELECT fingerprint, job_id, job_secret, is_new FROM idempotency WHERE scope = ? AND key = ? AND expires_at > ?",
      key.scope, key.key, now_);
  if (!query.next()) return false;
  const auto fingerprint = query.bytes(0);
  const auto asked = as_bytes(key.fingerprint);
  if (!std::equal(fingerprint.begin(), fingerprint.end(), asked.begin(), asked.end())) {
    work.refusal = Enqueue::Refusal::kOtherRequest;
    return true;
  }
  work.is_replay = true;
  work.stored.push_back({{query.integer(1), secret_of(query.integer(2))}, query.get<bool>(3)});
  return true;
}

bool Session::is_queue_full(const Enqueue& work) {
  if (!work.queue_depth_max || work.jobs.empty()) return false;
  const auto max = static_cast<std::int64_t>(*work.queue_depth_max);
  db::Query query = connection_.query("SELECT living FROM queue WHERE id = ?", queue_id(work.jobs.front().queue));
  query.next();
  return query.integer(0) + static_cast<std::int64_t>(work.jobs.size()) > max;
}

Enqueue::Stored Session::store(const NewJob& job) {
  const bool is_later = job.delay.count() > 0;
  std::optional<std::span<const std::byte>> unique;
  if (job.unique_key) unique = as_bytes(*job.unique_key);
  std::optional<std::int64_t> expires;
  if (job.lifetime.count() > 0) expires = now_ + job.lifetime.count();
  const std::int64_t changed = connection_.run(
      "INSERT INTO job(id, secret, queue_id, kind, state, lane, run_at, attempt, max_attempts, claim, version, "
      "rescues, "
      "crashes, crash_marks, is_suspect, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, "
      "progress_text, created_at, expires_at, error) "
      "VALUES(?,?,?,?,?,?,?,0,?,0,1,0,0,0,0,0,?,?,?,?,0,'',?,?,'') "
      "ON CONFLICT(unique_key) WHERE unique_key IS NOT NULL DO NOTHING",
      job.id.number, stored(job.id.secret), queue_id(job.queue), job.kind, is_later ? 1 : 3, job.lane,
      now_ + job.delay.count(), job.max_attempts, unique, job.timeout.count(), job.keep_completed.count(),
      job.keep_failed.count(), now_, expires);
  if (changed == 0) {
    db::Query query = connection_.query("SELECT id, secret FROM job WHERE unique_key = ?", *unique);
    query.next();
    return {{query.integer(0), secret_of(query.integer(1))}, false};
  }
  connection_.run("INSERT INTO job_body(id, payload, traceparent) VALUES(?,?,?)", job.id.number, job.payload,
                  job.traceparent);
  return {job.id, true};
}

// Makes the commit a real one, where SQLite would leave out what has not changed: what a broken one has left in the log
// cannot come to light any more after this.
void Session::touch() {
  const std::int64_t queue = queue_id("default");
  connection_.run("UPDATE queue SET touched = touched + 1 WHERE id = ?", queue);
}

bool Session::has(const Enqueue& work) {
  touch();
  for (const Enqueue::Stored& one : work.stored) {
    db::Query query = connection_.query(
        "SELECT 1 FROM job WHERE id = ?1 UNION ALL SELECT 1 FROM job_done WHERE id = ?1", one.id.number);
    if (!query.next()) return false;
  }
  return true;
}

// ---- cancel, retry, pause ----

void Session::operator()(Cancel& work) {
  work.answer = Cancel::Answer::kNotFound;
  std::int64_t state = 0;
  {
    db::Query query =
        connection_.query("SELECT state FROM job WHERE id = ? AND secret = ?", work.id.number, stored(work.id.secret));
    if (!query.next()) {
      db::Query done = connection_.query("SELECT 1 FROM job_done WHERE id = ? AND secret = ?", work.id.number,
                                         stored(work.id.secret));
      if (done.next()) work.answer = Cancel::Answer::kFinalAlready;
      return;
    }
    state = query.integer(0);
  }
  if (state == 4) {
    connection_.run("UPDATE job SET is_cancel_asked = 1, version = version + 1 WHERE id = ? AND is_cancel_asked = 0",
                    work.id.number);
    work.answer = Cancel::Answer::kMarked;
    return;
  }
  archive(work.id.number, JobState::kCancelled, "", "");
  work.answer = Cancel::Answer::kCancelled;
}

void Session::operator()(Retry& work) {
  work.answer = Retry::Answer::kNotFound;
  {
    db::Query query = connection_.query("SELECT 1 FROM job_done WHERE id = ?1 AND secret = ?2", work.id.number,
                                        stored(work.id.secret));
    if (!query.next()) {
      db::Query living =
          connection_.query("SELECT 1 FROM job WHERE id = ? AND secret = ?", work.id.number, stored(work.id.secret));
      if (living.next()) work.answer = Retry::Answer::kNotFinal;
      return;
    }
  }
  const std::int64_t changed = connection_.run(
      "INSERT INTO job(id, secret, queue_id, kind, state, lane, run_at, attempt, max_attempts, claim, version, "
      "rescues, "
      "crashes, crash_marks, is_suspect, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, "
      "progress_text, created_at, expires_at, error) "
      "SELECT id, secret, queue_id, kind, 3, lane, ?2, 0, max_attempts, claim + 1, version + 1, 0, 0, 0, 0, 0, "
      "unique_key, "
      "timeout, keep_completed, keep_failed, 0, '', created_at, NULL, error FROM job_done WHERE id = ?1 "
      "ON CONFLICT(unique_key) WHERE unique_key IS NOT NULL DO NOTHING",
      work.id.number, now_);
  work.answer = changed == 0 ? Retry::Answer::kTaken : Retry::Answer::kAvailable;
  if (changed != 0) connection_.run("DELETE FROM job_done WHERE id = ?", work.id.number);
}

void Session::operator()(Pause& work) {
  queue_id(work.queue);
  std::optional<std::int64_t> at;
  if (work.is_paused) at = now_;
  connection_.run("UPDATE queue SET paused_at = ? WHERE name = ?", at, work.queue);
}

}  // namespace weir::jobs::internal
