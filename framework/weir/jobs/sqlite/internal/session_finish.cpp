// SPDX-License-Identifier: MIT
// Attempts end, and report meanwhile.
#include <weir/jobs/sqlite/internal/session.hpp>

namespace weir::jobs::internal {

// Whether it was there, and, with `end`, under the claim of that, and begun anew by nobody since.
bool Session::archive(std::int64_t id, JobState state, std::string_view result, std::string_view error,
                      const Finish::Ended* end) {
  std::optional<std::int64_t> claim;
  if (end != nullptr) claim = end->claim;
  const std::int64_t changed = connection_.run(
      "INSERT INTO job_done(id, secret, queue_id, kind, state, lane, run_at, attempt, max_attempts, claim, version, "
      "crashes, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, progress_text, "
      "created_at, "
      "finished_at, purge_at, result, error) "
      "SELECT id, secret, queue_id, kind, ?2, lane, run_at, attempt, max_attempts, claim, version + 1, "
      "rescues, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, "
      "progress_text, created_at, ?3, ?3 + iif(?2 = 5, keep_completed, keep_failed), ?4, iif(?5 = '', error, ?5) "
      "FROM job WHERE id = ?1 AND (?6 IS NULL OR (claim = ?6 AND secret = ?7 AND state IN (2, 3, 4)))",
      id, static_cast<int>(state), now_, result, error, claim,
      end != nullptr ? static_cast<std::int64_t>(end->id.secret) : 0);
  if (changed == 0) return false;
  connection_.run("DELETE FROM job WHERE id = ?", id);
  return true;
}

void Session::operator()(Finish& work) {
  work.accepted.clear();
  for (const Finish::Ended& ended : work.ended) work.accepted.push_back(finish(ended));
}

Finish::Accepted Session::finish(const Finish::Ended& ended) {
  using Outcome = Finish::Outcome;
  // Also when it was taken away: a success is a success.
  const bool has_succeeded = ended.outcome == Outcome::kSucceeded;
  if (has_succeeded && archive(ended.id.number, JobState::kCompleted, ended.text, "", &ended)) {
    return {true, JobState::kCompleted};
  }
  bool is_cancel_asked = false;
  bool has_attempts = false;
  const auto secret = static_cast<std::int64_t>(ended.id.secret);
  {
    db::Query query = connection_.query(
        "SELECT state, is_cancel_asked, attempt < max_attempts, claim FROM job WHERE id = ? AND secret = ?",
        ended.id.number, secret);
    if (!query.next()) return final_state(ended);
    const auto state = static_cast<JobState>(query.integer(0));
    if (has_succeeded || query.integer(3) != ended.claim || state != JobState::kRunning) return {false, state};
    is_cancel_asked = query.get<bool>(1);
    has_attempts = query.get<bool>(2);
  }
  const std::string_view error =
      ended.outcome == Outcome::kFailed || ended.outcome == Outcome::kDiscarded || ended.outcome == Outcome::kCancelled
          ? std::string_view(ended.text)
          : std::string_view();
  if (is_cancel_asked || ended.outcome == Outcome::kCancelled) {
    archive(ended.id.number, JobState::kCancelled, "", error);
    return {true, JobState::kCancelled};
  }
  if (ended.outcome == Outcome::kDiscarded || (ended.outcome == Outcome::kFailed && !has_attempts)) {
    archive(ended.id.number, JobState::kDiscarded, "", error);
    return {true, JobState::kDiscarded};
  }
  switch (ended.outcome) {
    case Outcome::kSnoozed:
      return go_on(ended, JobState::kScheduled);
    case Outcome::kGivenBack:
      return go_on(ended, JobState::kAvailable);
    default:
      return go_on(ended, JobState::kRetryable);
  }
}

Finish::Accepted Session::final_state(const Finish::Ended& ended) {
  db::Query query = connection_.query("SELECT state FROM job_done WHERE id = ? AND secret = ?", ended.id.number,
                                      static_cast<std::int64_t>(ended.id.secret));
  if (!query.next()) return {};
  return {false, static_cast<JobState>(query.integer(0))};
}

// It lives on, for another attempt; one that did not fail does not count.
Finish::Accepted Session::go_on(const Finish::Ended& ended, JobState state) {
  const bool has_failed = state == JobState::kRetryable;
  const std::int64_t delay = state == JobState::kAvailable ? 0 : ended.delay.count();
  connection_.run(
      "UPDATE job SET state = ?2, run_at = ?3, worker_id = NULL, is_suspect = iif(?2 = 3, is_suspect, 0), version = "
      "version + 1, "
      "attempt = attempt - ?4, error = iif(?4 = 0 AND ?5 <> '', ?5, error) WHERE id = ?1",
      ended.id.number, static_cast<int>(state), now_ + delay, has_failed ? 0 : 1, ended.text);
  return {true, state};
}

void Session::operator()(Report& work) {
  work.answers.clear();
  for (const Report::Said& said : work.said) {
    Report::Answer answer;
    {
      db::Query query =
          connection_.query("SELECT is_cancel_asked FROM job WHERE id = ? AND secret = ? AND claim = ? AND state = 4",
                            said.id.number, static_cast<std::int64_t>(said.id.secret), said.claim);
      answer.is_current = query.next();
      answer.is_cancel_asked = answer.is_current && query.get<bool>(0);
    }
    if (answer.is_current && (said.progress || !said.text.empty())) {
      connection_.run(
          "UPDATE job SET progress = coalesce(?2, progress), progress_text = ?3, version = version + 1 WHERE id = ?1",
          said.id.number, said.progress, said.text);
    }
    if (answer.is_current && said.checkpoint) {
      connection_.run("INSERT OR REPLACE INTO job_checkpoint(id, data) VALUES(?, ?)", said.id.number,
                      std::as_bytes(std::span(*said.checkpoint)));
    }
    work.answers.push_back(answer);
  }
}

}  // namespace weir::jobs::internal
