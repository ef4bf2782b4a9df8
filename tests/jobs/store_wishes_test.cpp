// SPDX-License-Identifier: MIT
// Cancel, retry, and what clients may see, in every store.
#include "store_conformance.hpp"

namespace weir::jobs {
namespace {

using testing::IsEmpty;

// ---- cancel ----

TEST_P(StoreConformanceTest, CancelEndsAnAvailableJob) {
  const JobId id = enqueue();
  advance(seconds(1));
  EXPECT_EQ(cancel(id), Cancel::Answer::kCancelled);
  EXPECT_EQ(state(id), JobState::kCancelled);
  EXPECT_EQ(record(id).finished, now());
  EXPECT_THAT(claim(new_worker()), IsEmpty());
}

TEST_P(StoreConformanceTest, CancelEndsAScheduledJob) {
  const JobId id = scheduled(seconds(1));
  EXPECT_EQ(cancel(id), Cancel::Answer::kCancelled);
  advance(seconds(1));
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  EXPECT_EQ(state(id), JobState::kCancelled);
}

TEST_P(StoreConformanceTest, CancelEndsARetryableJob) {
  const ClaimedJob job = retryable(seconds(1));
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kCancelled);
  EXPECT_EQ(state(job.id), JobState::kCancelled);
  EXPECT_EQ(record(job.id).error, "failed");
}

TEST_P(StoreConformanceTest, CancelMarksARunningJob) {
  const ClaimedJob job = running();
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kMarked);
  EXPECT_EQ(state(job.id), JobState::kRunning);
  EXPECT_TRUE(record(job.id).is_cancel_asked);
}

TEST_P(StoreConformanceTest, CancelOfAMarkedJobChangesNothing) {
  const ClaimedJob job = running();
  cancel(job.id);
  const std::int64_t before = version(job.id);
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kMarked);
  EXPECT_EQ(version(job.id), before);
}

TEST_P(StoreConformanceTest, CancelOfACompletedJobChangesNothing) {
  const ClaimedJob job = completed();
  const std::int64_t before = version(job.id);
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kFinalAlready);
  EXPECT_EQ(state(job.id), JobState::kCompleted);
  EXPECT_EQ(version(job.id), before);
}

TEST_P(StoreConformanceTest, CancelOfACancelledJobChangesNothing) {
  const JobId id = cancelled();
  EXPECT_EQ(cancel(id), Cancel::Answer::kFinalAlready);
}

TEST_P(StoreConformanceTest, CancelOfADiscardedJobChangesNothing) {
  const ClaimedJob job = discarded();
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kFinalAlready);
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, CancelOfAnUnknownJobFindsNone) {
  EXPECT_EQ(cancel(new_id()), Cancel::Answer::kNotFound);
}

TEST_P(StoreConformanceTest, CancelWithAWrongSecretFindsNone) {
  JobId id = enqueue();
  ++id.secret;
  EXPECT_EQ(cancel(id), Cancel::Answer::kNotFound);
  --id.secret;
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, CancelWithAWrongSecretDoesNotMark) {
  JobId id = running().id;
  ++id.secret;
  EXPECT_EQ(cancel(id), Cancel::Answer::kNotFound);
  --id.secret;
  EXPECT_FALSE(record(id).is_cancel_asked);
}

TEST_P(StoreConformanceTest, CancelWithAWrongSecretDoesNotTellOfFinalJobs) {
  JobId id = completed().id;
  ++id.secret;
  EXPECT_EQ(cancel(id), Cancel::Answer::kNotFound);
}

TEST_P(StoreConformanceTest, CancelledJobFreesItsUniqueKey) {
  NewJob first = new_job();
  first.unique_key = "once";
  cancel(enqueue(first));
  NewJob second = new_job();
  second.unique_key = "once";
  EXPECT_TRUE(submit(second).stored.at(0).is_new);
}

// ---- retry ----

TEST_P(StoreConformanceTest, RetryRunsACompletedJobAgain) {
  const ClaimedJob job = completed();
  EXPECT_EQ(retry(job.id), Retry::Answer::kAvailable);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kAvailable);
  EXPECT_EQ(kept.result, "");
  EXPECT_EQ(kept.finished, std::nullopt);
  EXPECT_EQ(claim_one().payload, job.payload);
}

TEST_P(StoreConformanceTest, RetryRunsADiscardedJobAgain) {
  const ClaimedJob job = discarded();
  EXPECT_EQ(retry(job.id), Retry::Answer::kAvailable);
  EXPECT_EQ(record(job.id).error, "no use");
  EXPECT_EQ(claim_one().id, job.id);
}

TEST_P(StoreConformanceTest, RetryRunsACancelledJobAgain) {
  const JobId id = cancelled();
  EXPECT_EQ(retry(id), Retry::Answer::kAvailable);
  EXPECT_EQ(claim_one().id, id);
}

TEST_P(StoreConformanceTest, RetryForgetsThatACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  finish(job, Outcome::kFailed, "stopped");
  retry(job.id);
  const ClaimedJob again = claim_one();
  EXPECT_FALSE(record(job.id).is_cancel_asked);
  EXPECT_EQ(finish(again, Outcome::kFailed, "x").state, JobState::kRetryable);
}

TEST_P(StoreConformanceTest, RetryRaisesTheClaim) {
  const ClaimedJob job = discarded();
  retry(job.id);
  EXPECT_EQ(record(job.id).claim, job.claim + 1);
  EXPECT_EQ(claim_one().claim, job.claim + 2);
}

TEST_P(StoreConformanceTest, RetryCountsAttemptsAnew) {
  NewJob job = new_job();
  job.max_attempts = 1;
  enqueue(job);
  finish(claim_one(), Outcome::kFailed, "x");
  ASSERT_EQ(state(job.id), JobState::kDiscarded);
  retry(job.id);
  EXPECT_EQ(record(job.id).attempt, 0);
  EXPECT_EQ(claim_one().attempt, 1);
}

TEST_P(StoreConformanceTest, RetryCountsCrashesAnew) {
  rescued();
  const ClaimedJob job = claim_one();
  finish(job, Outcome::kDiscarded, "x");
  ASSERT_EQ(record(job.id).crashes, 1);
  retry(job.id);
  EXPECT_EQ(record(job.id).crashes, 0);
  const std::int64_t worker = new_worker();
  claim(worker);
  declare_dead(worker);
  EXPECT_EQ(state(job.id), JobState::kAvailable);  // the first rescue again
}

TEST_P(StoreConformanceTest, RetryForgetsProgress) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  succeed(job);
  retry(job.id);
  EXPECT_EQ(record(job.id).progress, 0);
  EXPECT_EQ(record(job.id).progress_text, "");
}

TEST_P(StoreConformanceTest, RetryOfAnExpiredJobGivesItALifeForEver) {
  NewJob job = new_job();
  job.lifetime = seconds(1);
  enqueue(job);
  advance(seconds(1));
  promote();
  ASSERT_EQ(state(job.id), JobState::kDiscarded);
  EXPECT_EQ(retry(job.id), Retry::Answer::kAvailable);
  advance(hours(1));
  EXPECT_EQ(claim_one().id, job.id);
}

TEST_P(StoreConformanceTest, RetriedJobMayEndAndBeRetriedAgain) {
  const ClaimedJob job = completed();
  retry(job.id);
  finish(claim_one(), Outcome::kSucceeded, "2");
  EXPECT_EQ(record(job.id).result, "2");
  EXPECT_EQ(retry(job.id), Retry::Answer::kAvailable);
}

TEST_P(StoreConformanceTest, RetryOfAnAvailableJobIsNotFinal) {
  const JobId id = enqueue();
  EXPECT_EQ(retry(id), Retry::Answer::kNotFinal);
}

TEST_P(StoreConformanceTest, RetryOfAScheduledJobIsNotFinal) {
  const JobId id = scheduled();
  EXPECT_EQ(retry(id), Retry::Answer::kNotFinal);
  EXPECT_EQ(state(id), JobState::kScheduled);
}

TEST_P(StoreConformanceTest, RetryOfARetryableJobIsNotFinal) {
  const ClaimedJob job = retryable();
  EXPECT_EQ(retry(job.id), Retry::Answer::kNotFinal);
  EXPECT_EQ(state(job.id), JobState::kRetryable);
}

TEST_P(StoreConformanceTest, RetryOfARunningJobIsNotFinal) {
  const ClaimedJob job = running();
  EXPECT_EQ(retry(job.id), Retry::Answer::kNotFinal);
  EXPECT_TRUE(succeed(job).is_accepted);
}

TEST_P(StoreConformanceTest, RetryOfAnUnknownJobFindsNone) {
  EXPECT_EQ(retry(new_id()), Retry::Answer::kNotFound);
}

TEST_P(StoreConformanceTest, RetryWithAWrongSecretFindsNone) {
  JobId id = completed().id;
  ++id.secret;
  EXPECT_EQ(retry(id), Retry::Answer::kNotFound);
  --id.secret;
  EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_P(StoreConformanceTest, RetryWithAWrongSecretDoesNotTellOfLivingJobs) {
  JobId id = enqueue();
  ++id.secret;
  EXPECT_EQ(retry(id), Retry::Answer::kNotFound);
}

TEST_P(StoreConformanceTest, RetryIsRefusedWhileALivingJobHasTheUniqueKey) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  succeed(claim_one());
  NewJob second = new_job();
  second.unique_key = "once";
  enqueue(second);
  EXPECT_EQ(retry(first.id), Retry::Answer::kTaken);
  EXPECT_EQ(state(first.id), JobState::kCompleted);
  EXPECT_EQ(record(first.id).result, "1");
}

TEST_P(StoreConformanceTest, RetryGoesOnWhenTheUniqueKeyIsFreeAgain) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  succeed(claim_one());
  NewJob second = new_job();
  second.unique_key = "once";
  enqueue(second);
  succeed(claim_one());
  EXPECT_EQ(retry(first.id), Retry::Answer::kAvailable);
}

TEST_P(StoreConformanceTest, RetriedJobHasItsUniqueKeyAgain) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  succeed(claim_one());
  retry(first.id);
  NewJob second = new_job();
  second.unique_key = "once";
  EXPECT_EQ(submit(second).stored.at(0).id, first.id);
}

// ---- versions ----

TEST_P(StoreConformanceTest, VersionGrowsWithAClaim) {
  const JobId id = enqueue();
  const std::int64_t before = version(id);
  claim_one();
  EXPECT_GT(version(id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWhenAJobBecomesAvailable) {
  const JobId id = scheduled(seconds(1));
  const std::int64_t before = version(id);
  advance(seconds(1));
  promote();
  EXPECT_GT(version(id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWithEachEnd) {
  for (const auto& [outcome, text] : {std::pair(Outcome::kSnoozed, ""), std::pair(Outcome::kGivenBack, ""),
                                      std::pair(Outcome::kFailed, "x"), std::pair(Outcome::kSucceeded, "1"),
                                      std::pair(Outcome::kDiscarded, "x"), std::pair(Outcome::kCancelled, "x")}) {
    const ClaimedJob job = running();
    const std::int64_t before = version(job.id);
    finish(job, outcome, text);
    EXPECT_GT(version(job.id), before) << text;
    cancel(job.id);
  }
}

TEST_P(StoreConformanceTest, VersionGrowsWithAReport) {
  const ClaimedJob job = running();
  const std::int64_t before = version(job.id);
  report(job, 0.5);
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWithACancel) {
  const JobId id = enqueue();
  const std::int64_t before = version(id);
  cancel(id);
  EXPECT_GT(version(id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWithACancelMark) {
  const ClaimedJob job = running();
  const std::int64_t before = version(job.id);
  cancel(job.id);
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWithARetry) {
  const ClaimedJob job = completed();
  const std::int64_t before = version(job.id);
  retry(job.id);
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWithARescue) {
  enqueue();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  const std::int64_t before = version(job.id);
  declare_dead(worker);
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWhenAWorkerGivesBack) {
  enqueue();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  const std::int64_t before = version(job.id);
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionGrowsWhenALifetimeIsOver) {
  NewJob job = new_job();
  job.lifetime = seconds(1);
  enqueue(job);
  const std::int64_t before = version(job.id);
  advance(seconds(1));
  promote();
  EXPECT_GT(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionStaysWhenOnlyACheckpointIsLeft) {
  const ClaimedJob job = running();
  const std::int64_t before = version(job.id);
  report(job, std::nullopt, "", "page 3");
  EXPECT_EQ(version(job.id), before);
}

TEST_P(StoreConformanceTest, VersionStaysWhileNothingHappensToTheJob) {
  const JobId id = enqueue();
  const std::int64_t before = version(id);
  pause("default");
  enqueue();
  const std::int64_t worker = new_worker();
  claim(worker, 5);
  beat(worker, seconds(15));
  rescue();
  purge();
  retry(id);
  advance(seconds(60));
  promote();
  EXPECT_EQ(version(id), before);
}

}  // namespace
}  // namespace weir::jobs
