// SPDX-License-Identifier: MIT
#include <weir/jobs/job_type.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace weir::jobs {
namespace {

constexpr Milliseconds kKeepInMemory{300'000};

}  // namespace

Milliseconds usual_backoff(int attempt) {
  constexpr std::int64_t kMax = 6 * 3'600'000;
  const std::int64_t whole = std::min(kMax, std::int64_t{1'000} << std::clamp(attempt, 0, 20));
  thread_local std::minstd_rand random(std::random_device{}());
  return Milliseconds(whole / 2 + std::uniform_int_distribution<std::int64_t>(0, whole / 2)(random));
}

NewJob JobType::make(JobId id, std::string json) const {
  NewJob job;
  job.id = id;
  job.queue = queue;
  job.kind = kind;
  job.lane = lane;
  job.max_attempts = max_attempts;
  job.timeout = std::min(timeout, kLongest);
  job.lifetime = std::min(lifetime, kLongest);
  job.keep_completed = std::min(keep_completed, is_light() ? kKeepInMemory : kLongest);
  job.keep_failed = std::min(keep_failed, is_light() ? kKeepInMemory : kLongest);
  if (unique_key) job.unique_key = kind + '\n' + unique_key(json);
  job.payload = std::move(json);
  return job;
}

}  // namespace weir::jobs
