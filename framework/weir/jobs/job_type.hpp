// SPDX-License-Identifier: MIT
// A kind of job: how it is treated, and what runs it.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/jobs/job_context.hpp>
#include <weir/jobs/store.hpp>
#include <weir/loop/task.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir::jobs {

/// A payload that is not of its job's type (any more): no attempt would read it.
class UnreadablePayload : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// min(6 h, 2^attempt s), of which a random half is left out: ten clients that failed together do not come back
/// together.
Milliseconds usual_backoff(int attempt);

/// Longer than anything may last: sums with it do not overflow.
inline constexpr Milliseconds kLongest = std::chrono::hours(24 * 365 * 100);

/// Thread: immutable once the app runs.
struct JobType {
  std::string kind;
  std::string queue = "default";
  int lane = kUsualLane;
  int max_attempts = 20;
  Milliseconds timeout{60'000};
  Milliseconds lifetime{0};
  Milliseconds keep_completed{86'400'000};
  Milliseconds keep_failed{1'209'600'000};
  std::function<Milliseconds(int attempt)> backoff = usual_backoff;
  Durability durability = Durability::kFull;
  std::optional<std::size_t> queue_depth_max;  ///< Living jobs of its queue; 503 above.
  std::optional<std::size_t> running_max;      ///< Of its queue, over all workers.
  /// Of the payload's JSON: no two living jobs have the same; null: any number.
  std::function<std::string(const std::string& payload)> unique_key;

  const base::described::TypeTable* payload = nullptr;
  const base::described::TypeTable* result = nullptr;  ///< Null: none.

  /// One of them: the JSON of the result, from the payload of the job.
  std::function<std::string(const ClaimedJob&, JobContext&)> run;
  std::function<loop::Task<std::string>(const ClaimedJob&, JobContext&)> start;

  bool is_light() const { return durability == Durability::kMemory; }
  bool is_async() const { return static_cast<bool>(start); }
  NewJob make(JobId id, std::string json) const;
};

}  // namespace weir::jobs
