// SPDX-License-Identifier: MIT
// Attempts begin, say how they are doing, and end.
#include <weir/jobs/internal/memory_tables.hpp>

#include <algorithm>
#include <tuple>

namespace weir::jobs::internal {

// ---- begin ----

void MemoryTables::run(Claim& work) {
  work.jobs.clear();
  work.next_due.reset();
  work.has_more = work.has_suspects = false;
  for (Claim::From& from : work.queues) from.is_paused = paused_.contains(from.queue);
  if (find_alive(work.worker) == nullptr) return;
  discard_expired();
  make_available();
  const std::vector<Job*> running = running_of(work.worker);
  const bool runs_suspect = std::any_of(running.begin(), running.end(), [](const Job* job) { return job->is_suspect; });
  const bool is_alone = runs_suspect || (running.empty() && claim_suspect(work));
  if (!is_alone) {
    for (const Claim::From& from : work.queues) claim_from(from, work);
  }
  look_for_more(work);
}

void MemoryTables::discard_expired() {
  for (auto& [number, job] : jobs_) {
    const JobState state = job.record.state;
    if (is_final(state) || state == JobState::kRunning || !job.expires || *job.expires > now_) continue;
    job.record.error = "expired";
    make_final(job, JobState::kDiscarded);
  }
}

void MemoryTables::make_available() {
  for (auto& [number, job] : jobs_) {
    JobState& state = job.record.state;
    if (state != JobState::kScheduled && state != JobState::kRetryable) continue;
    if (job.record.run_at > now_) continue;
    state = JobState::kAvailable;
    ++job.record.version;
  }
}

// Those that may be claimed, in their order.
std::vector<MemoryTables::Job*> MemoryTables::available_in(const std::string& queue) {
  std::vector<Job*> available;
  if (paused_.contains(queue)) return available;
  for (auto& [number, job] : jobs_) {
    if (job.record.queue == queue && job.record.state == JobState::kAvailable) available.push_back(&job);
  }
  std::sort(available.begin(), available.end(), [](const Job* a, const Job* b) {
    return std::tuple(a->record.lane, a->record.id.number) < std::tuple(b->record.lane, b->record.id.number);
  });
  return available;
}

std::vector<MemoryTables::Job*> MemoryTables::running_of(std::int64_t worker) {
  std::vector<Job*> running;
  for (auto& [number, job] : jobs_) {
    if (job.record.state == JobState::kRunning && job.worker == worker) running.push_back(&job);
  }
  return running;
}

std::size_t MemoryTables::room_in(const Claim::From& from) const {
  if (!from.running_max) return from.slots;
  const auto running = static_cast<std::size_t>(std::count_if(jobs_.begin(), jobs_.end(), [&from](const auto& entry) {
    const JobRecord& record = entry.second.record;
    return record.queue == from.queue && record.state == JobState::kRunning;
  }));
  return std::min(from.slots, *from.running_max - std::min(*from.running_max, running));
}

// Whether it gave the worker a suspect, which then is all that it has.
bool MemoryTables::claim_suspect(Claim& work) {
  for (const Claim::From& from : work.queues) {
    if (room_in(from) == 0) continue;
    for (Job* job : available_in(from.queue)) {
      if (!job->is_suspect) continue;
      take(*job, work);
      return true;
    }
  }
  return false;
}

void MemoryTables::claim_from(const Claim::From& from, Claim& work) {
  std::size_t room = room_in(from);
  for (Job* job : available_in(from.queue)) {
    if (room == 0) return;
    if (job->is_suspect) continue;
    take(*job, work);
    --room;
  }
}

void MemoryTables::take(Job& job, Claim& work) {
  job.record.state = JobState::kRunning;
  job.worker = work.worker;
  ++job.record.attempt;
  ++job.record.claim;
  ++job.record.version;
  job.record.progress = 0;
  job.record.progress_text.clear();
  work.jobs.push_back({.id = job.record.id,
                       .claim = job.record.claim,
                       .queue = job.record.queue,
                       .kind = job.record.kind,
                       .payload = job.record.payload,
                       .traceparent = job.record.traceparent,
                       .checkpoint = job.checkpoint,
                       .attempt = job.record.attempt,
                       .max_attempts = job.record.max_attempts,
                       .crashes = job.record.crashes,
                       .is_suspect = job.is_suspect,
                       .timeout = job.asked.timeout,
                       .created = job.record.created});
}

void MemoryTables::look_for_more(Claim& work) {
  for (const Claim::From& from : work.queues) {
    for (const Job* job : available_in(from.queue)) {
      work.has_more = true;
      work.has_suspects = work.has_suspects || job->is_suspect;
    }
  }
  for (const auto& [number, job] : jobs_) {
    const JobState state = job.record.state;
    if (state != JobState::kScheduled && state != JobState::kRetryable) continue;
    work.next_due = std::min(work.next_due.value_or(job.record.run_at), job.record.run_at);
  }
}

// ---- say ----

void MemoryTables::run(Report& work) {
  work.answers.clear();
  for (const Report::Said& said : work.said) {
    const auto found = jobs_.find(said.id.number);
    if (found == jobs_.end() || found->second.record.state != JobState::kRunning ||
        found->second.record.claim != said.claim) {
      work.answers.push_back({});
      continue;
    }
    Job& job = found->second;
    if (said.progress || !said.text.empty()) {
      if (said.progress) job.record.progress = *said.progress;
      job.record.progress_text = said.text;
      ++job.record.version;
    }
    if (said.checkpoint) job.checkpoint = *said.checkpoint;
    work.answers.push_back({.is_current = true, .is_cancel_asked = job.record.is_cancel_asked});
  }
}

// ---- end ----

void MemoryTables::run(Finish& work) {
  work.accepted.clear();
  for (const Finish::Ended& ended : work.ended) work.accepted.push_back(finish(ended));
}

Finish::Accepted MemoryTables::finish(const Finish::Ended& ended) {
  const auto found = jobs_.find(ended.id.number);
  if (found == jobs_.end()) return {};
  Job& job = found->second;
  const JobState state = job.record.state;
  const bool is_running = state == JobState::kRunning;
  const bool was_taken = state == JobState::kAvailable || state == JobState::kRetryable;
  const bool is_success = ended.outcome == Finish::Outcome::kSucceeded;
  if (ended.claim != job.record.claim || !(is_running || (was_taken && is_success))) return {false, state};
  end_attempt(job, ended);
  return {true, job.record.state};
}

void MemoryTables::end_attempt(Job& job, const Finish::Ended& ended) {
  using Outcome = Finish::Outcome;
  const bool is_failure =
      ended.outcome == Outcome::kFailed || ended.outcome == Outcome::kDiscarded || ended.outcome == Outcome::kCancelled;
  if (is_failure && !ended.text.empty()) job.record.error = ended.text;
  if (ended.outcome == Outcome::kSucceeded) {
    job.record.result = ended.text;
    return make_final(job, JobState::kCompleted);
  }
  if (job.record.is_cancel_asked || ended.outcome == Outcome::kCancelled) {
    return make_final(job, JobState::kCancelled);
  }
  const bool has_attempts_left = job.record.attempt < job.record.max_attempts;
  if (ended.outcome == Outcome::kDiscarded || (ended.outcome == Outcome::kFailed && !has_attempts_left)) {
    return make_final(job, JobState::kDiscarded);
  }
  if (ended.outcome != Outcome::kGivenBack) job.is_suspect = false;
  if (ended.outcome == Outcome::kFailed) {
    job.record.run_at = now_ + ended.delay;
    stop_running(job, JobState::kRetryable);
  } else {
    const bool is_snoozed = ended.outcome == Outcome::kSnoozed;
    job.record.run_at = is_snoozed ? now_ + ended.delay : now_;
    --job.record.attempt;
    stop_running(job, is_snoozed ? JobState::kScheduled : JobState::kAvailable);
  }
}

void MemoryTables::stop_running(Job& job, JobState state) {
  job.record.state = state;
  job.record.is_cancel_asked = false;
  job.worker = 0;
  ++job.record.version;
}

}  // namespace weir::jobs::internal
