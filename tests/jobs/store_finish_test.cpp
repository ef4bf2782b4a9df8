// SPDX-License-Identifier: MIT
// How attempts end and report in every store.
#include "store_conformance.hpp"

namespace weir::jobs {
namespace {

using testing::IsEmpty;

// ---- ends ----

TEST_P(StoreConformanceTest, SuccessCompletes) {
  const ClaimedJob job = running();
  advance(seconds(3));
  const Finish::Accepted accepted = finish(job, Outcome::kSucceeded, R"({"pages":3})");
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kCompleted);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kCompleted);
  EXPECT_EQ(kept.result, R"({"pages":3})");
  EXPECT_EQ(kept.finished, now());
  EXPECT_EQ(kept.attempt, 1);
}

TEST_P(StoreConformanceTest, FailureIsRetryableWhileAttemptsAreLeft) {
  const ClaimedJob job = running();
  const Finish::Accepted accepted = finish(job, Outcome::kFailed, "no answer", seconds(4));
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kRetryable);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kRetryable);
  EXPECT_EQ(kept.error, "no answer");
  EXPECT_EQ(kept.run_at, now() + seconds(4));
  EXPECT_EQ(kept.attempt, 1);
  EXPECT_EQ(kept.finished, std::nullopt);
}

TEST_P(StoreConformanceTest, FailureOfTheLastAttemptDiscards) {
  NewJob job = new_job();
  job.max_attempts = 2;
  enqueue(job);
  EXPECT_EQ(finish(claim_one(), Outcome::kFailed, "first").state, JobState::kRetryable);
  EXPECT_EQ(finish(claim_one(), Outcome::kFailed, "second").state, JobState::kDiscarded);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kDiscarded);
  EXPECT_EQ(kept.error, "second");
  EXPECT_EQ(kept.attempt, 2);
  EXPECT_EQ(kept.finished, now());
}

TEST_P(StoreConformanceTest, FailureForGoodDiscardsAtOnce) {
  const ClaimedJob job = running();
  const Finish::Accepted accepted = finish(job, Outcome::kDiscarded, "no such user");
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kDiscarded);
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
  EXPECT_EQ(record(job.id).error, "no such user");
}

TEST_P(StoreConformanceTest, SnoozeSchedulesWithoutLossOfAnAttempt) {
  const ClaimedJob job = running();
  const Finish::Accepted accepted = finish(job, Outcome::kSnoozed, "", seconds(4));
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kScheduled);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kScheduled);
  EXPECT_EQ(kept.run_at, now() + seconds(4));
  EXPECT_EQ(kept.attempt, 0);
}

TEST_P(StoreConformanceTest, SnoozedJobRunsUnderTheNextClaim) {
  const ClaimedJob job = running();
  finish(job, Outcome::kSnoozed);
  const ClaimedJob again = claim_one();
  EXPECT_EQ(again.attempt, 1);
  EXPECT_GT(again.claim, job.claim);
}

TEST_P(StoreConformanceTest, GivenBackJobIsAvailableWithoutLossOfAnAttempt) {
  const ClaimedJob job = running();
  const Finish::Accepted accepted = finish(job, Outcome::kGivenBack);
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kAvailable);
  EXPECT_EQ(state(job.id), JobState::kAvailable);
  EXPECT_EQ(record(job.id).attempt, 0);
}

TEST_P(StoreConformanceTest, GivenBackJobRunsUnderTheNextClaim) {
  const ClaimedJob job = running();
  finish(job, Outcome::kGivenBack);
  EXPECT_GT(claim_one().claim, job.claim);
}

TEST_P(StoreConformanceTest, JobMayCancelItself) {
  const ClaimedJob job = running();
  const Finish::Accepted accepted = finish(job, Outcome::kCancelled, "not wanted any more");
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kCancelled);
  EXPECT_EQ(state(job.id), JobState::kCancelled);
  EXPECT_EQ(record(job.id).error, "not wanted any more");
  EXPECT_EQ(record(job.id).finished, now());
}

TEST_P(StoreConformanceTest, SeveralEndsAreAnsweredInTheirOrder) {
  enqueue_many(3);
  const std::vector<ClaimedJob> jobs = claim(new_worker(), 3);
  Finish work;
  work.ended.push_back({.id = jobs[0].id, .claim = jobs[0].claim, .outcome = Outcome::kSucceeded, .text = "1"});
  work.ended.push_back({.id = jobs[1].id, .claim = jobs[1].claim + 5, .outcome = Outcome::kSucceeded, .text = "2"});
  work.ended.push_back({.id = jobs[2].id, .claim = jobs[2].claim, .outcome = Outcome::kDiscarded, .text = "3"});
  const Finish done = ask(store(), work);
  ASSERT_EQ(done.accepted.size(), 3U);
  EXPECT_EQ(done.accepted[0].state, JobState::kCompleted);
  EXPECT_FALSE(done.accepted[1].is_accepted);
  EXPECT_EQ(done.accepted[2].state, JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, SecondEndOfAJobWithinOneFinishIsNotAccepted) {
  const ClaimedJob job = running();
  Finish work;
  work.ended.push_back({.id = job.id, .claim = job.claim, .outcome = Outcome::kSucceeded, .text = "1"});
  work.ended.push_back({.id = job.id, .claim = job.claim, .outcome = Outcome::kFailed, .text = "no"});
  const Finish done = ask(store(), work);
  EXPECT_TRUE(done.accepted.at(0).is_accepted);
  EXPECT_FALSE(done.accepted.at(1).is_accepted);
  EXPECT_EQ(state(job.id), JobState::kCompleted);
}

TEST_P(StoreConformanceTest, LastErrorStaysAfterASuccess) {
  const ClaimedJob job = retryable(seconds(0));
  succeed(claim_one());
  EXPECT_EQ(record(job.id).error, "failed");
}

TEST_P(StoreConformanceTest, FailureWithoutWordsKeepsTheLastOnes) {
  retryable(seconds(0));
  finish(claim_one(), Outcome::kFailed);
  const ClaimedJob job = claim_one();
  EXPECT_EQ(record(job.id).error, "failed");
  finish(job, Outcome::kDiscarded);
  EXPECT_EQ(record(job.id).error, "failed");
}

TEST_P(StoreConformanceTest, SnoozeAndGivingBackAreNoFailures) {
  retryable(seconds(0));
  finish(claim_one(), Outcome::kSnoozed, "words");
  ClaimedJob job = claim_one();
  finish(job, Outcome::kGivenBack, "words");
  EXPECT_EQ(record(job.id).error, "failed");
}

// ---- fencing ----

struct Fence {
  Outcome outcome;
  const char* text;
};
constexpr Fence kEnds[] = {{Outcome::kSucceeded, "1"}, {Outcome::kFailed, "x"},   {Outcome::kDiscarded, "x"},
                           {Outcome::kSnoozed, ""},    {Outcome::kGivenBack, ""}, {Outcome::kCancelled, "x"}};

TEST_P(StoreConformanceTest, EndUnderAnOldClaimChangesNothing) {
  const ClaimedJob old = retryable(seconds(0));
  claim_one();
  const std::int64_t before = version(old.id);
  for (const Fence& end : kEnds) {
    const Finish::Accepted accepted = finish(old, end.outcome, end.text);
    EXPECT_FALSE(accepted.is_accepted);
    EXPECT_EQ(accepted.state, JobState::kRunning);
  }
  EXPECT_EQ(state(old.id), JobState::kRunning);
  EXPECT_EQ(version(old.id), before);
}

TEST_P(StoreConformanceTest, EndUnderAClaimToComeChangesNothing) {
  ClaimedJob job = running();
  ++job.claim;
  for (const Fence& end : kEnds) EXPECT_FALSE(finish(job, end.outcome, end.text).is_accepted);
  EXPECT_EQ(state(job.id), JobState::kRunning);
}

TEST_P(StoreConformanceTest, EndOfAnUnknownJobIsNotAccepted) {
  ClaimedJob job;
  job.id = new_id();
  job.claim = 1;
  for (const Fence& end : kEnds) EXPECT_FALSE(finish(job, end.outcome, end.text).is_accepted);
  EXPECT_FALSE(find(job.id));
}

TEST_P(StoreConformanceTest, SecondEndIsNotAccepted) {
  const ClaimedJob job = completed();
  for (const Fence& end : kEnds) {
    const Finish::Accepted accepted = finish(job, end.outcome, end.text);
    EXPECT_FALSE(accepted.is_accepted);
    EXPECT_EQ(accepted.state, JobState::kCompleted);
  }
  EXPECT_EQ(record(job.id).result, "1");
}

TEST_P(StoreConformanceTest, EndOfADiscardedJobIsNotAccepted) {
  const ClaimedJob job = discarded();
  const Finish::Accepted accepted = succeed(job);
  EXPECT_FALSE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, SuccessIsAcceptedAfterARescueThatNobodyFollowed) {
  const ClaimedJob job = rescued();
  ASSERT_EQ(state(job.id), JobState::kAvailable);
  const Finish::Accepted accepted = finish(job, Outcome::kSucceeded, "2");
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kCompleted);
  EXPECT_EQ(record(job.id).result, "2");
  EXPECT_THAT(claim(new_worker()), IsEmpty());
}

TEST_P(StoreConformanceTest, SuccessIsAcceptedWhileARescuedJobWaitsForItsRetry) {
  rescued();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  declare_dead(worker);
  ASSERT_EQ(state(job.id), JobState::kRetryable);
  EXPECT_TRUE(succeed(job).is_accepted);
  EXPECT_EQ(state(job.id), JobState::kCompleted);
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, std::nullopt);
}

TEST_P(StoreConformanceTest, OtherEndsAreNotAcceptedAfterARescue) {
  const ClaimedJob job = rescued();
  for (const Fence& end : kEnds) {
    if (end.outcome == Outcome::kSucceeded) continue;
    const Finish::Accepted accepted = finish(job, end.outcome, end.text);
    EXPECT_FALSE(accepted.is_accepted);
    EXPECT_EQ(accepted.state, JobState::kAvailable);
  }
  EXPECT_EQ(state(job.id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, SuccessIsNotAcceptedWhenARescuedJobWasBegunAnew) {
  const ClaimedJob old = rescued();
  const ClaimedJob job = claim_one();
  EXPECT_FALSE(succeed(old).is_accepted);
  EXPECT_EQ(state(old.id), JobState::kRunning);
  EXPECT_TRUE(succeed(job).is_accepted);
}

TEST_P(StoreConformanceTest, SuccessIsNotAcceptedWhenARescuedJobWasCancelled) {
  const ClaimedJob job = rescued();
  cancel(job.id);
  const Finish::Accepted accepted = succeed(job);
  EXPECT_FALSE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kCancelled);
}

TEST_P(StoreConformanceTest, EndOfASnoozedJobIsNotAccepted) {
  const ClaimedJob job = running();
  finish(job, Outcome::kSnoozed, "", seconds(5));
  for (const Fence& end : kEnds) {
    const Finish::Accepted accepted = finish(job, end.outcome, end.text);
    EXPECT_FALSE(accepted.is_accepted);
    EXPECT_EQ(accepted.state, JobState::kScheduled);
  }
}

TEST_P(StoreConformanceTest, EndOfBeforeARetryIsNotAccepted) {
  const ClaimedJob job = discarded();
  retry(job.id);
  EXPECT_FALSE(succeed(job).is_accepted);
  EXPECT_EQ(state(job.id), JobState::kAvailable);
}

// ---- ends of jobs that are to be cancelled ----

TEST_P(StoreConformanceTest, SuccessStaysOneAlthoughACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  EXPECT_EQ(succeed(job).state, JobState::kCompleted);
  EXPECT_EQ(state(job.id), JobState::kCompleted);
}

TEST_P(StoreConformanceTest, FailureCancelsWhereACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  const Finish::Accepted accepted = finish(job, Outcome::kFailed, "stopped", seconds(1));
  EXPECT_TRUE(accepted.is_accepted);
  EXPECT_EQ(accepted.state, JobState::kCancelled);
  EXPECT_EQ(record(job.id).error, "stopped");
}

TEST_P(StoreConformanceTest, FailureForGoodCancelsWhereACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  EXPECT_EQ(finish(job, Outcome::kDiscarded, "x").state, JobState::kCancelled);
}

TEST_P(StoreConformanceTest, SnoozeCancelsWhereACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  EXPECT_EQ(finish(job, Outcome::kSnoozed).state, JobState::kCancelled);
  EXPECT_EQ(record(job.id).attempt, 1);
}

TEST_P(StoreConformanceTest, GivingBackCancelsWhereACancelWasAsked) {
  const ClaimedJob job = running();
  cancel(job.id);
  EXPECT_EQ(finish(job, Outcome::kGivenBack).state, JobState::kCancelled);
  EXPECT_EQ(record(job.id).attempt, 1);
}

// ---- reports ----

TEST_P(StoreConformanceTest, ReportIsSeen) {
  const ClaimedJob job = running();
  const Report::Answer answer = report(job, 0.5, "half of it");
  EXPECT_TRUE(answer.is_current);
  EXPECT_FALSE(answer.is_cancel_asked);
  EXPECT_EQ(record(job.id).progress, 0.5);
  EXPECT_EQ(record(job.id).progress_text, "half of it");
}

TEST_P(StoreConformanceTest, NewestReportWins) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  report(job, 0.25);
  EXPECT_EQ(record(job.id).progress, 0.25);
  EXPECT_EQ(record(job.id).progress_text, "");
}

TEST_P(StoreConformanceTest, NewestOfSeveralReportsAtOnceWins) {
  const ClaimedJob job = running();
  Report work;
  work.said.push_back({.id = job.id, .claim = job.claim, .progress = 0.5, .text = "first"});
  work.said.push_back({.id = job.id, .claim = job.claim, .progress = 0.75, .text = "second"});
  EXPECT_EQ(ask(store(), work).answers.size(), 2U);
  EXPECT_EQ(record(job.id).progress_text, "second");
}

TEST_P(StoreConformanceTest, ReportOfWordsAloneKeepsTheProgress) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  report(job, std::nullopt, "still at it");
  EXPECT_EQ(record(job.id).progress, 0.5);
  EXPECT_EQ(record(job.id).progress_text, "still at it");
}

TEST_P(StoreConformanceTest, ReportOfNothingKeepsAll) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  const std::int64_t before = version(job.id);
  EXPECT_TRUE(report(job, std::nullopt).is_current);
  EXPECT_EQ(record(job.id).progress, 0.5);
  EXPECT_EQ(record(job.id).progress_text, "half of it");
  EXPECT_EQ(version(job.id), before);
}

TEST_P(StoreConformanceTest, ReportTellsOfACancel) {
  const ClaimedJob job = running();
  cancel(job.id);
  const Report::Answer answer = report(job, 0.5);
  EXPECT_TRUE(answer.is_current);
  EXPECT_TRUE(answer.is_cancel_asked);
}

TEST_P(StoreConformanceTest, ReportUnderAnOldClaimIsNotAccepted) {
  const ClaimedJob old = retryable(seconds(0));
  const ClaimedJob job = claim_one();
  report(job, 0.25, "new", "new");
  EXPECT_FALSE(report(old, 0.75, "old", "old").is_current);
  EXPECT_EQ(record(job.id).progress, 0.25);
  EXPECT_EQ(record(job.id).progress_text, "new");
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "new");
}

TEST_P(StoreConformanceTest, ReportUnderAnOldClaimDoesNotTellOfACancel) {
  const ClaimedJob old = retryable(seconds(0));
  cancel(claim_one().id);
  EXPECT_FALSE(report(old, 0.75).is_cancel_asked);
}

TEST_P(StoreConformanceTest, ReportAfterARescueIsNotAccepted) {
  const ClaimedJob job = rescued();
  EXPECT_FALSE(report(job, 0.75).is_current);
  EXPECT_EQ(record(job.id).progress, 0);
}

TEST_P(StoreConformanceTest, ReportAfterTheEndIsNotAccepted) {
  const ClaimedJob job = completed();
  EXPECT_FALSE(report(job, 0.75).is_current);
}

TEST_P(StoreConformanceTest, ReportOfAnUnknownJobIsNotAccepted) {
  ClaimedJob job;
  job.id = new_id();
  job.claim = 1;
  EXPECT_FALSE(report(job, 0.75).is_current);
}

TEST_P(StoreConformanceTest, EachAttemptBeginsWithoutProgress) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  finish(job, Outcome::kFailed, "x");
  claim_one();
  EXPECT_EQ(record(job.id).progress, 0);
  EXPECT_EQ(record(job.id).progress_text, "");
}

TEST_P(StoreConformanceTest, ProgressStaysWhenTheJobIsFinal) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  succeed(job);
  EXPECT_EQ(record(job.id).progress, 0.5);
  EXPECT_EQ(record(job.id).progress_text, "half of it");
}

// ---- checkpoints ----

TEST_P(StoreConformanceTest, CheckpointIsThereForTheNextAttempt) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, CheckpointMayHoldAnyBytes) {
  const ClaimedJob job = running();
  const std::string bytes("\0\xFF\x80 x", 5);
  report(job, std::nullopt, "", bytes);
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, bytes);
}

TEST_P(StoreConformanceTest, CheckpointIsKeptByReportsWithoutOne) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  report(job, 0.5, "half of it");
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, NewestCheckpointWins) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  report(job, std::nullopt, "", "page 4");
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "page 4");
}

TEST_P(StoreConformanceTest, CheckpointMayBeTakenBack) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  report(job, std::nullopt, "", "");
  finish(job, Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "");
}

TEST_P(StoreConformanceTest, CheckpointIsKeptOverSeveralAttempts) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  finish(job, Outcome::kFailed, "x");
  finish(claim_one(), Outcome::kFailed, "x");
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, CheckpointIsKeptOverASnooze) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  finish(job, Outcome::kSnoozed);
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, CheckpointIsKeptWhenTheJobIsGivenBack) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  finish(job, Outcome::kGivenBack);
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, CheckpointIsKeptOverARescue) {
  enqueue();
  const std::int64_t worker = new_worker();
  report(claim_one(worker), std::nullopt, "", "page 3");
  declare_dead(worker);
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, CheckpointIsKeptOverARetry) {
  const ClaimedJob job = running();
  report(job, std::nullopt, "", "page 3");
  finish(job, Outcome::kDiscarded, "x");
  retry(job.id);
  EXPECT_EQ(claim_one().checkpoint, "page 3");
}

}  // namespace
}  // namespace weir::jobs
