// SPDX-License-Identifier: MIT
// Jobs come in, are looked at, and go.
#include <weir/jobs/internal/memory_tables.hpp>

#include <algorithm>
#include <stdexcept>
#include <variant>

namespace weir::jobs::internal {

void MemoryTables::apply(Work& work, const Moment& now) {
  now_ = now.calendar;
  uptime_ = now.uptime;
  std::visit([this](auto& one) { run(one); }, work);
}

bool MemoryTables::make_room(std::size_t more, std::size_t max) {
  const std::size_t room = max - std::min(max, more);
  for (auto job = jobs_.begin(); job != jobs_.end() && jobs_.size() > room;) {
    job = is_final(job->second.record.state) ? jobs_.erase(job) : std::next(job);
  }
  if (keys_.size() >= max) std::erase_if(keys_, [this](const auto& key) { return !has(key.second.stored.id); });
  return more <= max && jobs_.size() <= room;
}

// ---- in ----

void MemoryTables::run(Enqueue& work) {
  work.refusal = Enqueue::Refusal::kNone;
  work.stored.clear();
  work.is_replay = false;
  if (work.idempotency) {
    const auto known = keys_.find({work.idempotency->scope, work.idempotency->key});
    if (known != keys_.end() && known->second.expires > now_) {
      if (known->second.fingerprint != work.idempotency->fingerprint) {
        work.refusal = Enqueue::Refusal::kOtherRequest;
        return;
      }
      work.stored.push_back(known->second.stored);
      work.is_replay = true;
      return;
    }
  }
  if (work.queue_depth_max && !work.jobs.empty()) {
    const auto living = std::count_if(jobs_.begin(), jobs_.end(), [&work](const auto& entry) {
      const JobRecord& record = entry.second.record;
      return record.queue == work.jobs.front().queue && !is_final(record.state);
    });
    if (static_cast<std::size_t>(living) + work.jobs.size() > *work.queue_depth_max) {
      work.refusal = Enqueue::Refusal::kQueueFull;
      return;
    }
  }
  for (const NewJob& asked : work.jobs) {
    if (jobs_.contains(asked.id.number)) throw std::invalid_argument("job " + asked.id.text() + " is there already");
  }
  for (const NewJob& asked : work.jobs) work.stored.push_back(store(asked));
  if (work.idempotency && !work.stored.empty()) {
    keys_[{work.idempotency->scope, work.idempotency->key}] = {work.idempotency->fingerprint, work.stored.front(),
                                                               now_ + work.idempotency->keep};
  }
}

Enqueue::Stored MemoryTables::store(const NewJob& asked) {
  if (const Job* twin = living_with_key(asked)) return {twin->record.id, false};
  const bool is_later = asked.delay > Milliseconds(0);
  Job job{.record = {}, .asked = asked};
  job.record.id = asked.id;
  job.record.queue = asked.queue;
  job.record.kind = asked.kind;
  job.record.state = is_later ? JobState::kScheduled : JobState::kAvailable;
  job.record.lane = asked.lane;
  job.record.max_attempts = asked.max_attempts;
  job.record.version = 1;
  job.record.created = now_;
  job.record.run_at = is_later ? now_ + asked.delay : now_;
  job.record.payload = asked.payload;
  job.record.traceparent = asked.traceparent;
  if (asked.lifetime > Milliseconds(0)) job.expires = now_ + asked.lifetime;
  jobs_.emplace(asked.id.number, std::move(job));
  return {asked.id, true};
}

MemoryTables::Job* MemoryTables::living_with_key(const NewJob& asked) {
  if (!asked.unique_key) return nullptr;
  for (auto& [number, job] : jobs_) {
    if (job.asked.unique_key == asked.unique_key && !is_final(job.record.state)) return &job;
  }
  return nullptr;
}

MemoryTables::Job* MemoryTables::find(const JobId& id) {
  const auto found = jobs_.find(id.number);
  return found != jobs_.end() && found->second.record.id == id ? &found->second : nullptr;
}

// ---- wishes about a job or a queue ----

void MemoryTables::run(Cancel& work) {
  work.answer = Cancel::Answer::kNotFound;
  Job* job = find(work.id);
  if (job == nullptr) return;
  if (is_final(job->record.state)) {
    work.answer = Cancel::Answer::kFinalAlready;
  } else if (job->record.state == JobState::kRunning) {
    work.answer = Cancel::Answer::kMarked;
    if (!job->record.is_cancel_asked) ++job->record.version;
    job->record.is_cancel_asked = true;
  } else {
    work.answer = Cancel::Answer::kCancelled;
    make_final(*job, JobState::kCancelled);
  }
}

void MemoryTables::run(Retry& work) {
  work.answer = Retry::Answer::kNotFound;
  Job* job = find(work.id);
  if (job == nullptr) return;
  if (!is_final(job->record.state)) {
    work.answer = Retry::Answer::kNotFinal;
    return;
  }
  if (living_with_key(job->asked) != nullptr) {
    work.answer = Retry::Answer::kTaken;
    return;
  }
  work.answer = Retry::Answer::kAvailable;
  job->record.state = JobState::kAvailable;
  job->record.run_at = now_;
  job->record.finished.reset();
  job->record.result.clear();
  job->record.attempt = 0;
  job->record.progress = 0;
  job->record.progress_text.clear();
  job->record.crashes = job->marked_deaths = job->unmarked_deaths = 0;
  job->expires.reset();
  ++job->record.claim;
  ++job->record.version;
}

void MemoryTables::run(Pause& work) {
  if (work.is_paused) {
    paused_.insert(work.queue);
  } else {
    paused_.erase(work.queue);
  }
}

// ---- out ----

void MemoryTables::make_final(Job& job, JobState state) {
  stop_running(job, state);
  job.record.finished = now_;
  job.is_suspect = false;
}

void MemoryTables::run(Purge& work) {
  work.purged = 0;
  const auto erase_from = [&work](auto& table, auto is_over) {
    std::size_t erased = 0;
    for (auto entry = table.begin(); entry != table.end() && erased < work.limit;) {
      if (is_over(entry->second)) {
        entry = table.erase(entry);
        ++erased;
      } else {
        ++entry;
      }
    }
    work.purged += erased;
  };
  erase_from(jobs_, [this](const Job& job) {
    if (!is_final(job.record.state)) return false;
    const bool is_completed = job.record.state == JobState::kCompleted;
    return *job.record.finished + (is_completed ? job.asked.keep_completed : job.asked.keep_failed) <= now_;
  });
  erase_from(keys_, [this](const Key& key) { return key.expires <= now_; });
  erase_from(workers_,
             [this, &work](const Worker& worker) { return worker.died && *worker.died + work.keep_workers <= now_; });
}

// ---- looked at ----

void MemoryTables::run(Find& work) {
  const Job* job = find(work.id);
  work.found = job != nullptr ? std::optional(job->record) : std::nullopt;
}

void MemoryTables::run(List& work) {
  work.jobs.clear();
  for (auto entry = jobs_.rbegin(); entry != jobs_.rend() && work.jobs.size() < work.limit; ++entry) {
    const JobRecord& record = entry->second.record;
    if (record.id.number >= work.before) continue;
    if (work.state && record.state != *work.state) continue;
    if (work.queue && record.queue != *work.queue) continue;
    if (work.kind && record.kind != *work.kind) continue;
    work.jobs.push_back(record);
    work.jobs.back().payload.clear();
    work.jobs.back().traceparent.clear();
    work.jobs.back().result.clear();
  }
}

void MemoryTables::run(Stats& work) {
  std::map<std::string, Stats::Queue> queues;
  for (const std::string& name : paused_) queues[name].is_paused = true;
  for (const auto& [number, job] : jobs_) {
    Stats::Queue& queue = queues[job.record.queue];
    ++queue.count[static_cast<std::size_t>(job.record.state)];
    if (job.record.state != JobState::kAvailable) continue;
    queue.oldest_available = std::min(queue.oldest_available.value_or(job.record.run_at), job.record.run_at);
  }
  work.queues.clear();
  for (auto& [name, queue] : queues) {
    queue.name = name;
    work.queues.push_back(queue);
  }
  work.workers.clear();
  for (const auto& [number, worker] : workers_) {
    work.workers.push_back({.number = number,
                            .host = worker.host,
                            .process = worker.process,
                            .is_dead = worker.died.has_value(),
                            .lease_left = worker.died ? Milliseconds(0) : worker.lease_until - uptime_,
                            .running = running_of(number).size()});
  }
}

}  // namespace weir::jobs::internal
