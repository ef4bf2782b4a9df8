// SPDX-License-Identifier: MIT
#include <weir/jobs/job_view.hpp>

namespace weir::jobs {

JobView view_of(const JobRecord& record) {
  JobView view;
  view.id = record.id.text();
  view.kind = record.kind;
  view.queue = record.queue;
  view.status = status_of(record.state);
  view.state = name_of(record.state);
  view.attempt = record.attempt;
  view.max_attempts = record.max_attempts;
  // The last report of a handler that came to its end has nothing more to say, and may be older than the end.
  const bool is_done = record.state == JobState::kCompleted;
  view.progress = is_done ? 1 : record.progress;
  if (!is_done && !record.progress_text.empty()) view.progress_text = record.progress_text;
  view.created_at = record.created;
  const bool is_later = record.state == JobState::kScheduled || record.state == JobState::kRetryable;
  if (is_later) view.next_attempt_at = record.run_at;
  view.finished_at = record.finished;
  if (!record.error.empty()) view.error = record.error;
  if (!record.result.empty()) view.result = RawJson{record.result};
  return view;
}

std::string etag_of(const JobRecord& record) {
  return '"' + std::to_string(record.claim) + '.' + std::to_string(record.version) + '"';
}

}  // namespace weir::jobs
