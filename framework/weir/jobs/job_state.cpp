// SPDX-License-Identifier: MIT
#include <weir/jobs/job_state.hpp>

#include <weir/base/check.hpp>

namespace weir::jobs {

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::kWaiting:
      return "waiting";
    case JobState::kScheduled:
      return "scheduled";
    case JobState::kRetryable:
      return "retryable";
    case JobState::kAvailable:
      return "available";
    case JobState::kRunning:
      return "running";
    case JobState::kCompleted:
      return "completed";
    case JobState::kCancelled:
      return "cancelled";
    case JobState::kDiscarded:
      return "discarded";
  }
  base::check_failed("a JobState", __FILE__, __LINE__);
}

std::string_view status_of(JobState state) {
  switch (state) {
    case JobState::kWaiting:
    case JobState::kScheduled:
    case JobState::kRetryable:
    case JobState::kAvailable:
      return "queued";
    case JobState::kRunning:
      return "running";
    case JobState::kCompleted:
      return "succeeded";
    case JobState::kCancelled:
      return "cancelled";
    case JobState::kDiscarded:
      return "failed";
  }
  base::check_failed("a JobState", __FILE__, __LINE__);
}

}  // namespace weir::jobs
