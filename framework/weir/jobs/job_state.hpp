// SPDX-License-Identifier: MIT
// The states of a job, and how they follow each other.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::jobs {

/// Below kCompleted a job lives, from there on it is final. The numbers are stored.
///
///   enqueue                     -> kAvailable, or kScheduled when it is due later
///   kScheduled, kRetryable      -> kAvailable   when due                                  (Claim)
///   kAvailable                  -> kRunning     attempt + 1, claim + 1                    (Claim)
///   kRunning                    -> kCompleted                                             (Finish: kSucceeded)
///                               -> kRetryable   failed, attempts left                     (Finish: kFailed)
///                               -> kDiscarded   failed for good                           (Finish: kFailed,
///                               kDiscarded)
///                               -> kScheduled   asks for later, attempt - 1               (Finish: kSnoozed)
///                               -> kAvailable   given back untouched, attempt - 1         (Finish: kGivenBack)
///                               -> kCancelled                                             (Finish: kCancelled)
///                               -> kAvailable, kRetryable, kDiscarded: its worker died    (Rescue)
///   kScheduled, kRetryable, kAvailable, kWaiting -> kCancelled                            (Cancel)
///   final                       -> kAvailable   an operator wants it again                (Retry)
///   living                      -> kDiscarded   its lifetime is over                      (Claim)
enum class JobState : std::uint8_t {
  kWaiting = 0,  ///< Held by an operator or a gate.
  kScheduled = 1,
  kRetryable = 2,
  kAvailable = 3,
  kRunning = 4,
  kCompleted = 5,
  kCancelled = 6,
  kDiscarded = 7,
};

constexpr bool is_final(JobState state) {
  return state >= JobState::kCompleted;
}
/// "available": what operators read.
std::string_view name_of(JobState state);
/// "queued", "running", "succeeded", "cancelled" or "failed": what clients read.
std::string_view status_of(JobState state);

}  // namespace weir::jobs
