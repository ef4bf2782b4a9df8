// SPDX-License-Identifier: MIT
// Whom every store gives which jobs.
#include "store_conformance.hpp"

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- what a claimed job is ----

TEST_P(StoreConformanceTest, ClaimedJobRuns) {
  const JobId id = enqueue();
  claim_one();
  EXPECT_EQ(state(id), JobState::kRunning);
}

TEST_P(StoreConformanceTest, ClaimCountsTheAttemptAndItself) {
  const JobId id = enqueue();
  const ClaimedJob job = claim_one();
  EXPECT_EQ(job.attempt, 1);
  EXPECT_EQ(job.claim, 1);
  EXPECT_EQ(record(id).attempt, 1);
  EXPECT_EQ(record(id).claim, 1);
}

TEST_P(StoreConformanceTest, ClaimedJobHasWhatWasEnqueued) {
  NewJob job = new_job();
  job.kind = "monthly";
  job.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  job.max_attempts = 3;
  job.timeout = seconds(7);
  enqueue(job);
  const StoreTime created = now();
  advance(seconds(1));
  const ClaimedJob claimed = claim_one();
  EXPECT_EQ(claimed.id, job.id);
  EXPECT_EQ(claimed.queue, "default");
  EXPECT_EQ(claimed.kind, "monthly");
  EXPECT_EQ(claimed.payload, job.payload);
  EXPECT_EQ(claimed.traceparent, job.traceparent);
  EXPECT_EQ(claimed.max_attempts, 3);
  EXPECT_EQ(claimed.timeout, seconds(7));
  EXPECT_EQ(claimed.created, created);
}

TEST_P(StoreConformanceTest, ClaimedJobHasNoHistoryAtFirst) {
  const ClaimedJob job = running();
  EXPECT_EQ(job.checkpoint, "");
  EXPECT_EQ(job.crashes, 0);
  EXPECT_FALSE(job.is_suspect);
}

TEST_P(StoreConformanceTest, SecondAttemptComesUnderTheNextClaim) {
  const ClaimedJob first = retryable(seconds(1));
  advance(seconds(1));
  const ClaimedJob second = claim_one();
  EXPECT_EQ(second.attempt, 2);
  EXPECT_GT(second.claim, first.claim);
}

TEST_P(StoreConformanceTest, RunningJobIsNotClaimedAgain) {
  running();
  EXPECT_THAT(claim(new_worker()), IsEmpty());
}

TEST_P(StoreConformanceTest, FinalJobIsNotClaimed) {
  completed();
  cancelled();
  discarded();
  EXPECT_THAT(claim(new_worker(), 10), IsEmpty());
}

// ---- in which order, how many ----

TEST_P(StoreConformanceTest, ClaimGoesInTheOrderOfIds) {
  const NewJob first = new_job();
  const NewJob second = new_job();
  const NewJob third = new_job();
  enqueue(third);
  enqueue(first);
  enqueue(second);
  EXPECT_THAT(claim_ids(new_worker(), 3), ElementsAre(first.id, second.id, third.id));
}

TEST_P(StoreConformanceTest, ClaimGoesByLaneFirst) {
  std::vector<JobId> ids;
  for (const int lane : {4, 2, 0, 1, 3, 0}) {
    NewJob job = new_job();
    job.lane = lane;
    ids.push_back(enqueue(job));
  }
  EXPECT_THAT(claim_ids(new_worker(), 6), ElementsAre(ids[2], ids[5], ids[3], ids[1], ids[4], ids[0]));
}

TEST_P(StoreConformanceTest, ClaimTakesNoMoreThanTheSlots) {
  const std::vector<JobId> ids = enqueue_many(5);
  EXPECT_THAT(claim_ids(new_worker(), 2), ElementsAre(ids[0], ids[1]));
}

TEST_P(StoreConformanceTest, ClaimTakesWhatIsThereWhenSlotsAreMore) {
  enqueue_many(2);
  EXPECT_EQ(claim(new_worker(), 100).size(), 2U);
}

TEST_P(StoreConformanceTest, NextClaimGoesOnWhereTheLastEnded) {
  const std::vector<JobId> ids = enqueue_many(3);
  claim(new_worker(), 2);
  EXPECT_THAT(claim_ids(new_worker(), 2), ElementsAre(ids[2]));
}

TEST_P(StoreConformanceTest, ClaimWithoutSlotsTakesNothing) {
  enqueue();
  EXPECT_THAT(claim(new_worker(), 0), IsEmpty());
}

TEST_P(StoreConformanceTest, SlotsAreFreeOnesWhateverTheWorkerHas) {
  enqueue_many(4);
  const std::int64_t worker = new_worker();
  claim(worker, 2);
  EXPECT_EQ(claim(worker, 2).size(), 2U);
}

TEST_P(StoreConformanceTest, ClaimGoesQueueByQueueAsAsked) {
  const JobId a = enqueue(new_job_in("a"));
  const JobId b = enqueue(new_job_in("b"));
  const JobId a2 = enqueue(new_job_in("a"));
  const Claim done = claim_from(new_worker(), {{.queue = "b", .slots = 2}, {.queue = "a", .slots = 2}});
  EXPECT_THAT(ids_of(done.jobs), ElementsAre(b, a, a2));
  EXPECT_EQ(done.jobs[0].queue, "b");
}

TEST_P(StoreConformanceTest, SlotsAreCountedForEachQueue) {
  for (int i = 0; i < 3; ++i) {
    enqueue(new_job_in("a"));
    enqueue(new_job_in("b"));
  }
  const Claim done = claim_from(new_worker(), {{.queue = "a", .slots = 1}, {.queue = "b", .slots = 2}});
  ASSERT_EQ(done.jobs.size(), 3U);
  EXPECT_EQ(done.jobs[0].queue, "a");
  EXPECT_EQ(done.jobs[1].queue, "b");
  EXPECT_EQ(done.jobs[2].queue, "b");
}

TEST_P(StoreConformanceTest, ClaimTakesNothingFromOtherQueues) {
  enqueue(new_job_in("other"));
  EXPECT_THAT(claim(new_worker(), 10), IsEmpty());
}

TEST_P(StoreConformanceTest, ClaimFromAnUnknownQueueTakesNothing) {
  enqueue();
  const Claim done = claim_from(new_worker(), {{.queue = "nowhere", .slots = 1}});
  EXPECT_THAT(done.jobs, IsEmpty());
  EXPECT_FALSE(done.has_more);
}

// ---- pauses ----

TEST_P(StoreConformanceTest, PausedQueueGivesNothing) {
  enqueue();
  pause("default");
  EXPECT_THAT(claim(new_worker()), IsEmpty());
}

TEST_P(StoreConformanceTest, PausedQueueLeavesOthersAlone) {
  enqueue();
  pause("other");
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

TEST_P(StoreConformanceTest, ResumedQueueGivesAgain) {
  enqueue();
  pause("default");
  pause("default", false);
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

TEST_P(StoreConformanceTest, PausedQueueTakesJobsIn) {
  pause("default");
  EXPECT_EQ(state(enqueue()), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, PausedQueueLetsItsRunningJobsFinish) {
  const ClaimedJob job = running();
  pause("default");
  EXPECT_TRUE(succeed(job).is_accepted);
}

TEST_P(StoreConformanceTest, PausedQueueMakesAvailableWhatIsDue) {
  const JobId id = scheduled(seconds(1));
  pause("default");
  advance(seconds(1));
  promote();
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, QueueMayBePausedBeforeItHasJobs) {
  pause("early");
  enqueue(new_job_in("early"));
  EXPECT_THAT(claim_from(new_worker(), {{.queue = "early", .slots = 1}}).jobs, IsEmpty());
}

TEST_P(StoreConformanceTest, ResumeOfAQueueThatWasNotPausedChangesNothing) {
  pause("default", false);
  enqueue();
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

// ---- no more than so many at once ----

TEST_P(StoreConformanceTest, RunningMaxHoldsWithinAClaim) {
  enqueue_many(5);
  EXPECT_EQ(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 2}}).jobs.size(), 2U);
}

TEST_P(StoreConformanceTest, RunningMaxHoldsOverAllWorkers) {
  enqueue_many(5);
  claim(new_worker(), 2);
  EXPECT_EQ(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 3}}).jobs.size(), 1U);
}

TEST_P(StoreConformanceTest, RunningMaxMayHaveBeenPassed) {
  enqueue_many(5);
  claim(new_worker(), 3);
  EXPECT_THAT(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 2}}).jobs, IsEmpty());
}

TEST_P(StoreConformanceTest, RunningMaxCountsOnlyItsQueue) {
  enqueue(new_job_in("other"));
  enqueue();
  claim_from(new_worker(), {{.queue = "other", .slots = 1}});
  EXPECT_EQ(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 1}}).jobs.size(), 1U);
}

TEST_P(StoreConformanceTest, RunningMaxMakesRoomWhenAJobEnds) {
  const ClaimedJob job = running();
  enqueue();
  succeed(job);
  EXPECT_EQ(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 1}}).jobs.size(), 1U);
}

TEST_P(StoreConformanceTest, RunningMaxOfNoneStopsTheQueue) {
  enqueue();
  EXPECT_THAT(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 0}}).jobs, IsEmpty());
}

// ---- what is due ----

TEST_P(StoreConformanceTest, ScheduledJobIsNotClaimedBeforeItIsDue) {
  const JobId id = scheduled(seconds(30));
  advance(seconds(30) - Milliseconds(1));
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  EXPECT_EQ(state(id), JobState::kScheduled);
}

TEST_P(StoreConformanceTest, ScheduledJobIsClaimedWhenItIsDue) {
  scheduled(seconds(30));
  advance(seconds(30));
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

TEST_P(StoreConformanceTest, RetryableJobIsNotClaimedBeforeItIsDue) {
  const ClaimedJob job = retryable(seconds(30));
  advance(seconds(30) - Milliseconds(1));
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  EXPECT_EQ(state(job.id), JobState::kRetryable);
}

TEST_P(StoreConformanceTest, RetryableJobIsClaimedWhenItIsDue) {
  retryable(seconds(30));
  advance(seconds(30));
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

TEST_P(StoreConformanceTest, ClaimMakesAvailableWhatIsDueInAnyQueue) {
  NewJob job = new_job_in("other");
  job.delay = seconds(1);
  enqueue(job);
  advance(seconds(1));
  claim(new_worker(), 0);
  EXPECT_EQ(state(job.id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, DueJobTakesItsPlaceInTheOrder) {
  const JobId first = scheduled(seconds(1));
  const JobId second = enqueue();
  advance(seconds(1));
  EXPECT_THAT(claim_ids(new_worker(), 2), ElementsAre(first, second));
}

TEST_P(StoreConformanceTest, NextDueIsTheEarliestOfAllQueues) {
  retryable(seconds(20));
  NewJob other = new_job_in("other");
  other.delay = seconds(10);
  enqueue(other);
  scheduled(seconds(30));
  EXPECT_EQ(claim_from(new_worker(), {{.queue = "default", .slots = 1}}).next_due, now() + seconds(10));
}

TEST_P(StoreConformanceTest, NextDueIsAlsoThatOfARetryableJob) {
  retryable(seconds(20));
  scheduled(seconds(30));
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, now() + seconds(20));
}

TEST_P(StoreConformanceTest, NextDueIsNoneWithoutJobsToCome) {
  enqueue();
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, std::nullopt);
}

TEST_P(StoreConformanceTest, NextDueIsNotThatOfWhatHasBecomeDue) {
  scheduled(seconds(10));
  scheduled(seconds(20));
  advance(seconds(10));
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, now() + seconds(10));
}

TEST_P(StoreConformanceTest, NextDueIsNotThatOfACancelledJob) {
  cancel(scheduled(seconds(10)));
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, std::nullopt);
}

// ---- what is left ----

TEST_P(StoreConformanceTest, HasMoreWhenSlotsWereTooFew) {
  enqueue_many(2);
  const Claim done = claim_from(new_worker(), {{.queue = "default", .slots = 1}});
  EXPECT_TRUE(done.has_more);
  EXPECT_FALSE(done.has_suspects);
}

TEST_P(StoreConformanceTest, HasNoMoreWhenAllWereTaken) {
  enqueue_many(2);
  EXPECT_FALSE(claim_from(new_worker(), {{.queue = "default", .slots = 2}}).has_more);
}

TEST_P(StoreConformanceTest, HasMoreInAnyAskedQueue) {
  enqueue(new_job_in("b"));
  EXPECT_TRUE(claim_from(new_worker(), {{.queue = "a", .slots = 1}, {.queue = "b", .slots = 0}}).has_more);
}

TEST_P(StoreConformanceTest, HasNoMoreInQueuesThatWereNotAsked) {
  enqueue(new_job_in("other"));
  EXPECT_FALSE(claim_from(new_worker(), {{.queue = "default", .slots = 1}}).has_more);
}

TEST_P(StoreConformanceTest, HasNoMoreInAPausedQueue) {
  enqueue();
  pause("default");
  EXPECT_FALSE(claim_from(new_worker(), {{.queue = "default", .slots = 0}}).has_more);
}

TEST_P(StoreConformanceTest, HasMoreBeyondRunningMax) {
  enqueue_many(2);
  EXPECT_TRUE(claim_from(new_worker(), {{.queue = "default", .slots = 5, .running_max = 1}}).has_more);
}

TEST_P(StoreConformanceTest, HasNoMoreOfWhatIsNotDue) {
  scheduled();
  EXPECT_FALSE(claim_from(new_worker(), {{.queue = "default", .slots = 0}}).has_more);
}

TEST_P(StoreConformanceTest, HasMoreOfWhatHasBecomeDue) {
  scheduled(seconds(1));
  advance(seconds(1));
  EXPECT_TRUE(claim_from(new_worker(), {{.queue = "default", .slots = 0}}).has_more);
}

// ---- lifetimes ----

TEST_P(StoreConformanceTest, JobWithinItsLifetimeIsClaimed) {
  NewJob job = new_job();
  job.lifetime = seconds(10);
  enqueue(job);
  advance(seconds(10) - Milliseconds(1));
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

TEST_P(StoreConformanceTest, AvailableJobIsDiscardedWhenItsLifetimeIsOver) {
  NewJob job = new_job();
  job.lifetime = seconds(10);
  enqueue(job);
  advance(seconds(10));
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kDiscarded);
  EXPECT_THAT(kept.error, testing::HasSubstr("expired"));
  EXPECT_EQ(kept.finished, now());
}

TEST_P(StoreConformanceTest, ScheduledJobIsDiscardedWhenItsLifetimeIsOver) {
  NewJob job = new_job();
  job.delay = hours(1);
  job.lifetime = seconds(10);
  enqueue(job);
  advance(seconds(10));
  EXPECT_EQ(claim_from(new_worker(), {}).next_due, std::nullopt);
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, JobThatBecomesDueAsItsLifetimeEndsIsDiscarded) {
  NewJob job = new_job();
  job.delay = seconds(10);
  job.lifetime = seconds(10);
  enqueue(job);
  advance(seconds(10));
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, RetryableJobIsDiscardedWhenItsLifetimeIsOver) {
  NewJob job = new_job();
  job.lifetime = seconds(10);
  enqueue(job);
  finish(claim_one(), Outcome::kFailed, "failed", seconds(5));
  advance(seconds(10));
  promote();
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, RunningJobIsLeftAloneWhenItsLifetimeIsOver) {
  NewJob job = new_job();
  job.lifetime = seconds(10);
  enqueue(job);
  const ClaimedJob claimed = claim_one();
  advance(seconds(10));
  promote();
  EXPECT_EQ(state(job.id), JobState::kRunning);
  EXPECT_EQ(succeed(claimed).state, JobState::kCompleted);
}

TEST_P(StoreConformanceTest, JobThatOutlivedItsLifetimeRunningDoesNotRunAgain) {
  NewJob job = new_job();
  job.lifetime = seconds(10);
  enqueue(job);
  const ClaimedJob claimed = claim_one();
  advance(seconds(10));
  EXPECT_EQ(finish(claimed, Outcome::kFailed, "failed").state, JobState::kRetryable);
  EXPECT_THAT(claim(new_worker()), IsEmpty());
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, LifetimeOfNoneIsForEver) {
  enqueue();
  advance(hours(24 * 365 * 10));
  EXPECT_EQ(claim(new_worker()).size(), 1U);
}

// ---- who gets nothing ----

TEST_P(StoreConformanceTest, UnknownWorkerGetsNothing) {
  const JobId id = enqueue();
  EXPECT_THAT(claim(12'345), IsEmpty());
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, DeadWorkerGetsNothing) {
  enqueue();
  const std::int64_t worker = new_worker();
  declare_dead(worker);
  EXPECT_THAT(claim(worker), IsEmpty());
}

TEST_P(StoreConformanceTest, RemovedWorkerGetsNothing) {
  enqueue();
  const std::int64_t worker = new_worker();
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_THAT(claim(worker), IsEmpty());
}

TEST_P(StoreConformanceTest, ForAWorkerThatIsNotAliveNothingHappens) {
  const JobId id = scheduled(seconds(1));
  NewJob other = new_job();
  other.lifetime = seconds(1);
  enqueue(other);
  const std::int64_t worker = new_worker();
  declare_dead(worker);
  advance(seconds(1));
  const Claim done = claim_from(worker, {{.queue = "default", .slots = 1}});
  EXPECT_FALSE(done.has_more);
  EXPECT_EQ(done.next_due, std::nullopt);
  EXPECT_EQ(state(id), JobState::kScheduled);
  EXPECT_EQ(state(other.id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, WorkerPastItsLeaseGetsJobsUntilItIsDeclaredDead) {
  enqueue_many(2);
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(60));
  EXPECT_EQ(claim(worker).size(), 1U);
  rescue();
  EXPECT_THAT(claim(worker), IsEmpty());
}

// ---- suspects ----

TEST_P(StoreConformanceTest, SuspectIsGivenAsOne) {
  rescued();
  EXPECT_TRUE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, SuspectIsGivenByItselfBeforeAllOthers) {
  NewJob first = new_job();
  first.lane = 0;
  const ClaimedJob suspect = rescued();
  enqueue(first);
  EXPECT_THAT(claim_ids(new_worker(), 10), ElementsAre(suspect.id));
}

TEST_P(StoreConformanceTest, SuspectOfALaterQueueGoesBeforeAllOthers) {
  const ClaimedJob suspect = rescued();
  enqueue(new_job_in("a"));
  const Claim done = claim_from(new_worker(), {{.queue = "a", .slots = 5}, {.queue = "default", .slots = 5}});
  EXPECT_THAT(ids_of(done.jobs), ElementsAre(suspect.id));
}

TEST_P(StoreConformanceTest, SuspectIsPassedOverForAWorkerThatRunsSomething) {
  NewJob other = new_job_in("other");
  enqueue(other);
  const std::int64_t busy = new_worker();
  claim_from(busy, {{.queue = "other", .slots = 1}});
  rescued();
  const JobId next = enqueue();
  EXPECT_THAT(claim_ids(busy, 10), ElementsAre(next));
}

TEST_P(StoreConformanceTest, PassedOverSuspectIsTold) {
  enqueue(new_job_in("other"));
  const std::int64_t busy = new_worker();
  claim_from(busy, {{.queue = "other", .slots = 1}});
  rescued();
  const Claim done = claim_from(busy, {{.queue = "default", .slots = 1}});
  EXPECT_THAT(done.jobs, IsEmpty());
  EXPECT_TRUE(done.has_more);
  EXPECT_TRUE(done.has_suspects);
}

TEST_P(StoreConformanceTest, SuspectOfAPausedQueueIsNotTold) {
  rescued();
  pause("default");
  const Claim done = claim_from(new_worker(), {{.queue = "default", .slots = 1}});
  EXPECT_THAT(done.jobs, IsEmpty());
  EXPECT_FALSE(done.has_more);
  EXPECT_FALSE(done.has_suspects);
}

TEST_P(StoreConformanceTest, WorkerThatRunsASuspectGetsNothing) {
  rescued();
  const std::int64_t worker = new_worker();
  claim(worker);
  enqueue();
  EXPECT_THAT(claim(worker, 10), IsEmpty());
}

TEST_P(StoreConformanceTest, WorkerGetsOtherJobsWhenTheSuspectHasEnded) {
  rescued();
  const std::int64_t worker = new_worker();
  const ClaimedJob suspect = claim_one(worker);
  enqueue_many(2);
  succeed(suspect);
  EXPECT_EQ(claim(worker, 10).size(), 2U);
}

TEST_P(StoreConformanceTest, EachOfSeveralSuspectsGoesToAWorkerOfItsOwn) {
  enqueue_many(3);
  const std::int64_t worker = new_worker();
  claim(worker, 3);
  declare_dead(worker);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(claim(new_worker(), 10).size(), 1U);
  EXPECT_THAT(claim(new_worker(), 10), IsEmpty());
}

TEST_P(StoreConformanceTest, SuspectsGoByLaneThenId) {
  enqueue_many(2);
  NewJob urgent = new_job();
  urgent.lane = 0;
  enqueue(urgent);
  const std::int64_t worker = new_worker();
  const std::vector<ClaimedJob> jobs = claim(worker, 3);
  declare_dead(worker);
  EXPECT_THAT(claim_ids(new_worker(), 10), ElementsAre(urgent.id));
  EXPECT_THAT(claim_ids(new_worker(), 10), ElementsAre(jobs[1].id));
}

TEST_P(StoreConformanceTest, SuspectKeepsToRunningMax) {
  rescued();
  enqueue(new_job_in("other"));
  const Claim done =
      claim_from(new_worker(), {{.queue = "default", .slots = 1, .running_max = 0}, {.queue = "other", .slots = 1}});
  ASSERT_EQ(done.jobs.size(), 1U);
  EXPECT_EQ(done.jobs[0].queue, "other");
}

TEST_P(StoreConformanceTest, SuspectNeedsASlot) {
  rescued();
  EXPECT_THAT(claim(new_worker(), 0), IsEmpty());
}

TEST_P(StoreConformanceTest, SuspectThatFailedIsNoneAnyMore) {
  rescued();
  finish(claim_one(), Outcome::kFailed, "failed");
  EXPECT_FALSE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, SuspectThatSnoozedIsNoneAnyMore) {
  rescued();
  finish(claim_one(), Outcome::kSnoozed);
  EXPECT_FALSE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, SuspectGivenBackIsStillOne) {
  rescued();
  finish(claim_one(), Outcome::kGivenBack);
  EXPECT_TRUE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, SuspectOfARemovedWorkerIsStillOne) {
  rescued();
  const std::int64_t worker = new_worker();
  claim(worker);
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_TRUE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, SuspectThatIsRetriedIsNoneAnyMore) {
  const ClaimedJob job = rescued();
  cancel(job.id);
  retry(job.id);
  EXPECT_FALSE(claim_one().is_suspect);
}

}  // namespace
}  // namespace weir::jobs
