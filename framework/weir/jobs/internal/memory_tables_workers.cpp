// SPDX-License-Identifier: MIT
// Workers come, go and die, and what becomes of their jobs.
#include <weir/jobs/internal/memory_tables.hpp>

#include <algorithm>

namespace weir::jobs::internal {

void MemoryTables::run(RegisterWorker& work) {
  work.worker = ++last_worker_;
  workers_[work.worker] = {.host = work.host, .process = work.process, .lease_until = uptime_ + work.lease};
}

MemoryTables::Worker* MemoryTables::find_alive(std::int64_t worker) {
  const auto found = workers_.find(worker);
  return found != workers_.end() && !found->second.died ? &found->second : nullptr;
}

void MemoryTables::run(Beat& work) {
  Worker* worker = find_alive(work.worker);
  work.is_alive = worker != nullptr;
  if (worker != nullptr) worker->lease_until = uptime_ + work.lease;
}

void MemoryTables::run(RemoveWorker& work) {
  work.given_back = 0;
  if (find_alive(work.worker) == nullptr) return;
  for (Job* job : running_of(work.worker)) {
    end_attempt(*job, {.id = job->record.id, .outcome = Finish::Outcome::kGivenBack});
    if (!is_final(job->record.state)) ++work.given_back;
  }
  workers_.erase(work.worker);
}

void MemoryTables::run(Rescue& work) {
  work.rescued = work.discarded = 0;
  work.declared.clear();
  for (const Rescue::Dead& dead : work.dead) {
    if (find_alive(dead.worker) != nullptr) declare_dead(dead.worker, dead.has_crash_mark, work);
  }
  for (const auto& [number, worker] : workers_) {
    if (!worker.died && number != work.self && worker.lease_until <= uptime_) declare_dead(number, false, work);
  }
}

void MemoryTables::declare_dead(std::int64_t worker, bool has_crash_mark, Rescue& work) {
  workers_[worker].died = now_;
  work.declared.push_back(worker);
  for (Job* job : running_of(worker)) rescue(*job, has_crash_mark, work);
}

void MemoryTables::rescue(Job& job, bool has_crash_mark, Rescue& work) {
  const int crashes = ++job.record.crashes;
  job.record.error = "its worker died";
  if (job.record.is_cancel_asked) return make_final(job, JobState::kCancelled);
  if (job.is_suspect) {
    ++(has_crash_mark ? job.marked_deaths : job.unmarked_deaths);
    if (job.marked_deaths >= work.crash_marks_max || job.unmarked_deaths >= work.crashes_max) {
      job.record.error = "poison: its workers died while they ran nothing else";
      ++work.discarded;
      return make_final(job, JobState::kDiscarded);
    }
  }
  job.is_suspect = true;
  ++work.rescued;
  const bool is_first = crashes == 1;
  job.record.run_at = now_ + std::chrono::seconds(is_first ? 0 : 1 << std::min(crashes - 2, 6));
  stop_running(job, is_first ? JobState::kAvailable : JobState::kRetryable);
}

}  // namespace weir::jobs::internal
