// SPDX-License-Identifier: MIT
#include <weir/jobs/job_state.hpp>

#include <gtest/gtest.h>

#include <set>

namespace weir::jobs {
namespace {

constexpr JobState kAll[] = {JobState::kWaiting, JobState::kScheduled, JobState::kRetryable, JobState::kAvailable,
                             JobState::kRunning, JobState::kCompleted, JobState::kCancelled, JobState::kDiscarded};

TEST(JobStateTest, OnlyTheLastThreeAreFinal) {
  for (const JobState state : kAll) EXPECT_EQ(is_final(state), static_cast<int>(state) >= 5) << name_of(state);
}

TEST(JobStateTest, OperatorsReadEachStatesOwnName) {
  std::set<std::string_view> names;
  for (const JobState state : kAll) names.insert(name_of(state));
  EXPECT_EQ(names, (std::set<std::string_view>{"waiting", "scheduled", "retryable", "available", "running", "completed",
                                               "cancelled", "discarded"}));
}

TEST(JobStateTest, ClientsReadThatALivingJobIsQueuedOrRunning) {
  for (const JobState state : {JobState::kWaiting, JobState::kScheduled, JobState::kRetryable, JobState::kAvailable}) {
    EXPECT_EQ(status_of(state), "queued");
  }
  EXPECT_EQ(status_of(JobState::kRunning), "running");
}

TEST(JobStateTest, ClientsReadHowAFinalJobEnded) {
  EXPECT_EQ(status_of(JobState::kCompleted), "succeeded");
  EXPECT_EQ(status_of(JobState::kCancelled), "cancelled");
  EXPECT_EQ(status_of(JobState::kDiscarded), "failed");
}

// A store written by one version is read by the next.
TEST(JobStateTest, NumbersAreTheStoredOnes) {
  for (int i = 0; i < 8; ++i) EXPECT_EQ(static_cast<int>(kAll[i]), i);
}

}  // namespace
}  // namespace weir::jobs
