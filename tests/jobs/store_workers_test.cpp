// SPDX-License-Identifier: MIT
// Workers and their deaths in every store.
#include "store_conformance.hpp"

#include <algorithm>
#include <set>

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// ---- leases ----

TEST_P(StoreConformanceTest, EachWorkerHasANumberOfItsOwn) {
  std::set<std::int64_t> numbers;
  for (int i = 0; i < 10; ++i) numbers.insert(new_worker());
  EXPECT_EQ(numbers.size(), 10U);
}

TEST_P(StoreConformanceTest, BeatOfAWorkerThatIsAliveIsAnswered) {
  EXPECT_TRUE(beat(new_worker(), seconds(15)));
}

TEST_P(StoreConformanceTest, BeatOfAnUnknownWorkerIsNot) {
  EXPECT_FALSE(beat(12'345, seconds(15)));
}

TEST_P(StoreConformanceTest, BeatOfADeadWorkerIsNot) {
  const std::int64_t worker = new_worker();
  declare_dead(worker);
  EXPECT_FALSE(beat(worker, seconds(15)));
  EXPECT_FALSE(beat(worker, seconds(15)));
}

TEST_P(StoreConformanceTest, BeatOfARemovedWorkerIsNot) {
  const std::int64_t worker = new_worker();
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_FALSE(beat(worker, seconds(15)));
}

TEST_P(StoreConformanceTest, WorkerIsNotDeclaredDeadBeforeItsLeaseIsOver) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(15) - Milliseconds(1));
  EXPECT_THAT(rescue().declared, IsEmpty());
  EXPECT_TRUE(beat(worker, seconds(15)));
}

TEST_P(StoreConformanceTest, WorkerIsDeclaredDeadAsSoonAsItsLeaseIsOver) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(15));
  EXPECT_THAT(rescue().declared, ElementsAre(worker));
  EXPECT_FALSE(beat(worker, seconds(15)));
}

TEST_P(StoreConformanceTest, WhoRescuesLivesWhateverItsLeaseSays) {
  const std::int64_t self = new_worker(seconds(15));
  const std::int64_t other = new_worker(seconds(15));
  advance(seconds(60));
  Rescue rescue;
  rescue.self = self;
  EXPECT_THAT(ask(store(), std::move(rescue)).declared, ElementsAre(other));
  EXPECT_TRUE(beat(self, seconds(15)));
}

TEST_P(StoreConformanceTest, LeaseLastsHoweverTheCalendarIsSet) {
  const std::int64_t worker = new_worker(seconds(15));
  set_calendar(hours(24));
  EXPECT_THAT(rescue().declared, IsEmpty());
  set_calendar(hours(-48));
  EXPECT_THAT(rescue().declared, IsEmpty());
  advance(seconds(15));
  EXPECT_THAT(rescue().declared, ElementsAre(worker));
}

TEST_P(StoreConformanceTest, AttemptGoesOnWhenTheCalendarIsSet) {
  for (const auto by : {hours(24), hours(-48)}) {
    const JobId id = enqueue();
    const ClaimedJob job = claim(new_worker()).at(0);
    set_calendar(by);
    rescue();
    EXPECT_TRUE(succeed(job).is_accepted);
    EXPECT_EQ(state(id), JobState::kCompleted);
  }
}

TEST_P(StoreConformanceTest, WhatIsDueFollowsTheCalendar) {
  NewJob job = new_job();
  job.delay = hours(1);
  const JobId id = enqueue(std::move(job));
  const std::int64_t worker = new_worker();
  set_calendar(hours(-5));
  EXPECT_THAT(claim(worker), IsEmpty());
  set_calendar(hours(6));
  EXPECT_EQ(claim(worker).at(0).id, id);
}

TEST_P(StoreConformanceTest, WorkerIsDeclaredDeadLongAfterItsLease) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(hours(10));
  EXPECT_THAT(rescue().declared, ElementsAre(worker));
}

TEST_P(StoreConformanceTest, BeatProlongsTheLease) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(10));
  beat(worker, seconds(15));
  advance(seconds(15) - Milliseconds(1));
  EXPECT_THAT(rescue().declared, IsEmpty());
  advance(Milliseconds(1));
  EXPECT_THAT(rescue().declared, ElementsAre(worker));
}

TEST_P(StoreConformanceTest, BeatPastTheLeaseKeepsAWorkerThatWasNotDeclaredDead) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(60));
  EXPECT_TRUE(beat(worker, seconds(15)));
  EXPECT_THAT(rescue().declared, IsEmpty());
}

TEST_P(StoreConformanceTest, JobOfALapsedLeaseIsRescued) {
  enqueue();
  const std::int64_t worker = new_worker(seconds(15));
  const ClaimedJob job = claim_one(worker);
  advance(seconds(15));
  EXPECT_EQ(rescue().rescued, 1U);
  EXPECT_EQ(state(job.id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, OnlyTheJobsOfTheDeadAreTaken) {
  enqueue_many(2);
  const std::int64_t worker = new_worker(seconds(15));
  claim_one(worker);
  const ClaimedJob other = claim_one(new_worker(seconds(16)));
  advance(seconds(15));
  EXPECT_EQ(rescue().rescued, 1U);
  EXPECT_EQ(state(other.id), JobState::kRunning);
}

// ---- an orderly end ----

TEST_P(StoreConformanceTest, RemovedWorkerGivesBackWithoutLossOfAnAttempt) {
  enqueue_many(3);
  const std::int64_t worker = new_worker();
  const std::vector<ClaimedJob> jobs = claim(worker, 3);
  EXPECT_EQ(ask(store(), RemoveWorker{.worker = worker}).given_back, 3U);
  for (const ClaimedJob& job : jobs) {
    EXPECT_EQ(state(job.id), JobState::kAvailable);
    EXPECT_EQ(record(job.id).attempt, 0);
    EXPECT_EQ(record(job.id).crashes, 0);
  }
}

TEST_P(StoreConformanceTest, RemovedWorkersJobsAreNoSuspects) {
  enqueue();
  const std::int64_t worker = new_worker();
  claim(worker);
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_FALSE(claim_one().is_suspect);
}

TEST_P(StoreConformanceTest, RemovedWorkersMarkedJobsAreCancelled) {
  enqueue_many(2);
  const std::int64_t worker = new_worker();
  const std::vector<ClaimedJob> jobs = claim(worker, 2);
  cancel(jobs[0].id);
  EXPECT_EQ(ask(store(), RemoveWorker{.worker = worker}).given_back, 1U);
  EXPECT_EQ(state(jobs[0].id), JobState::kCancelled);
  EXPECT_EQ(state(jobs[1].id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, RemovedWorkerKeepsNothingOfWhatHasEnded) {
  enqueue();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  succeed(job);
  EXPECT_EQ(ask(store(), RemoveWorker{.worker = worker}).given_back, 0U);
  EXPECT_EQ(state(job.id), JobState::kCompleted);
}

TEST_P(StoreConformanceTest, RemovedWorkerLeavesTheJobsOfOthers) {
  enqueue();
  const ClaimedJob job = claim_one();
  ask(store(), RemoveWorker{.worker = new_worker()});
  EXPECT_EQ(state(job.id), JobState::kRunning);
}

TEST_P(StoreConformanceTest, RemovalOfAnUnknownWorkerGivesNothingBack) {
  EXPECT_EQ(ask(store(), RemoveWorker{.worker = 12'345}).given_back, 0U);
}

TEST_P(StoreConformanceTest, RemovalOfADeadWorkerChangesNothing) {
  const std::int64_t worker = new_worker();
  declare_dead(worker);
  EXPECT_EQ(ask(store(), RemoveWorker{.worker = worker}).given_back, 0U);
  EXPECT_EQ(stats().workers.size(), 1U);
}

TEST_P(StoreConformanceTest, RemovedWorkerIsNotDeclaredDead) {
  const std::int64_t worker = new_worker(seconds(1));
  ask(store(), RemoveWorker{.worker = worker});
  advance(seconds(60));
  EXPECT_THAT(rescue().declared, IsEmpty());
}

TEST_P(StoreConformanceTest, NumberOfARemovedWorkerIsNotGivenAgain) {
  const std::int64_t worker = new_worker();
  ask(store(), RemoveWorker{.worker = worker});
  EXPECT_NE(new_worker(), worker);
  EXPECT_FALSE(beat(worker, seconds(15)));
}

TEST_P(StoreConformanceTest, NumberOfAPurgedWorkerIsNotGivenAgain) {
  const std::int64_t worker = new_worker();
  declare_dead(worker);
  advance(hours(24));
  purge();
  ASSERT_THAT(stats().workers, IsEmpty());
  EXPECT_NE(new_worker(), worker);
}

// ---- rescue ----

TEST_P(StoreConformanceTest, NamedWorkerIsDeclaredDead) {
  const std::int64_t worker = new_worker();
  const std::int64_t other = new_worker();
  EXPECT_THAT(declare_dead(worker).declared, ElementsAre(worker));
  EXPECT_FALSE(beat(worker, hours(1)));
  EXPECT_TRUE(beat(other, hours(1)));
}

TEST_P(StoreConformanceTest, NamedAndLapsedWorkersAreDeclaredDead) {
  const std::int64_t named = new_worker();
  const std::int64_t lapsed = new_worker(seconds(1));
  new_worker();
  advance(seconds(1));
  EXPECT_THAT(declare_dead(named).declared, UnorderedElementsAre(named, lapsed));
}

TEST_P(StoreConformanceTest, WorkerBothNamedAndLapsedIsDeclaredDeadOnce) {
  enqueue();
  const std::int64_t worker = new_worker(seconds(1));
  claim(worker);
  advance(seconds(1));
  const Rescue done = declare_dead(worker);
  EXPECT_THAT(done.declared, ElementsAre(worker));
  EXPECT_EQ(done.rescued, 1U);
}

TEST_P(StoreConformanceTest, DeadWorkerIsNotDeclaredDeadAgain) {
  const std::int64_t worker = new_worker(seconds(1));
  declare_dead(worker);
  EXPECT_THAT(declare_dead(worker).declared, IsEmpty());
  advance(seconds(60));
  EXPECT_THAT(rescue().declared, IsEmpty());
}

TEST_P(StoreConformanceTest, UnknownWorkerIsNotDeclaredDead) {
  EXPECT_THAT(declare_dead(12'345).declared, IsEmpty());
}

TEST_P(StoreConformanceTest, FirstRescueMakesAvailableAtOnce) {
  const ClaimedJob job = rescued();
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kAvailable);
  EXPECT_EQ(kept.crashes, 1);
  EXPECT_NE(kept.error, "");
}

TEST_P(StoreConformanceTest, RescueKeepsTheAttemptCounted) {
  const ClaimedJob job = rescued();
  EXPECT_EQ(record(job.id).attempt, 1);
  EXPECT_EQ(claim_one().attempt, 2);
}

TEST_P(StoreConformanceTest, RescueDoesNotRaiseTheClaim) {
  const ClaimedJob job = rescued();
  EXPECT_EQ(record(job.id).claim, job.claim);
}

TEST_P(StoreConformanceTest, RescueDoesNotEndAJobForItsAttempts) {
  NewJob job = new_job();
  job.max_attempts = 1;
  enqueue(job);
  const std::int64_t worker = new_worker();
  claim(worker);
  EXPECT_EQ(declare_dead(worker).rescued, 1U);
  EXPECT_EQ(state(job.id), JobState::kAvailable);
  EXPECT_EQ(claim_one().attempt, 2);
}

TEST_P(StoreConformanceTest, FailureBeyondTheAttemptsDiscardsARescuedJob) {
  NewJob job = new_job();
  job.max_attempts = 1;
  enqueue(job);
  const std::int64_t worker = new_worker();
  claim(worker);
  declare_dead(worker);
  EXPECT_EQ(finish(claim_one(), Outcome::kFailed, "x").state, JobState::kDiscarded);
}

TEST_P(StoreConformanceTest, FurtherRescuesWaitTwiceAsLongEachUpTo64Seconds) {
  const ClaimedJob job = rescued();
  for (const int delay : {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
    const std::int64_t worker = new_worker();
    ASSERT_EQ(claim(worker).size(), 1U);
    declare_dead(worker);
    const JobRecord kept = record(job.id);
    EXPECT_EQ(kept.state, JobState::kRetryable);
    EXPECT_EQ(kept.run_at, now() + seconds(delay));
    advance(seconds(delay));
  }
}

TEST_P(StoreConformanceTest, CrashesCountTheDeathsOfItsWorkers) {
  rescued();
  die_of_it(false);
  die_of_it(true);
  advance(seconds(64));
  const ClaimedJob job = claim_one();
  EXPECT_EQ(job.crashes, 3);
  EXPECT_EQ(record(job.id).crashes, 3);
}

TEST_P(StoreConformanceTest, RescueWaitsLongerAlsoWhenAttemptsEndedMeanwhile) {
  rescued();
  finish(claim_one(), Outcome::kFailed, "x");
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  declare_dead(worker);
  EXPECT_EQ(record(job.id).run_at, now() + seconds(1));
}

TEST_P(StoreConformanceTest, RescueCancelsWhereACancelWasAsked) {
  enqueue_many(2);
  const std::int64_t worker = new_worker();
  const std::vector<ClaimedJob> jobs = claim(worker, 2);
  cancel(jobs[0].id);
  const Rescue done = declare_dead(worker);
  EXPECT_EQ(done.rescued, 1U);
  EXPECT_EQ(done.discarded, 0U);
  EXPECT_EQ(state(jobs[0].id), JobState::kCancelled);
  EXPECT_EQ(record(jobs[0].id).finished, now());
  EXPECT_NE(record(jobs[0].id).error, "");
  EXPECT_EQ(state(jobs[1].id), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, RescueOfAWorkerWithoutJobsRescuesNone) {
  const Rescue done = declare_dead(new_worker());
  EXPECT_EQ(done.rescued, 0U);
  EXPECT_EQ(done.discarded, 0U);
}

TEST_P(StoreConformanceTest, RescueKeepsTheUniqueKeyTaken) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  const std::int64_t worker = new_worker();
  claim(worker);
  declare_dead(worker);
  NewJob second = new_job();
  second.unique_key = "once";
  EXPECT_FALSE(submit(second).stored.at(0).is_new);
}

// ---- poison ----

TEST_P(StoreConformanceTest, ThirdDeathWithACrashMarkWhileAloneDiscards) {
  const ClaimedJob job = rescued();
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  const Rescue third = die_of_it(true);
  EXPECT_EQ(third.rescued, 0U);
  EXPECT_EQ(third.discarded, 1U);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.state, JobState::kDiscarded);
  EXPECT_THAT(kept.error, HasSubstr("poison"));
  EXPECT_EQ(kept.finished, now());
}

TEST_P(StoreConformanceTest, DeathAmongOthersDoesNotCount) {
  enqueue();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  declare_dead(worker, true);
  die_of_it(true);
  die_of_it(true);
  EXPECT_EQ(state(job.id), JobState::kRetryable);
}

TEST_P(StoreConformanceTest, TwentiethDeathWithoutACrashMarkWhileAloneDiscards) {
  const ClaimedJob job = rescued();
  for (int i = 0; i < 19; ++i) ASSERT_EQ(die_of_it(false).rescued, 1U) << i;
  EXPECT_EQ(die_of_it(false).discarded, 1U);
  EXPECT_EQ(state(job.id), JobState::kDiscarded);
  EXPECT_THAT(record(job.id).error, HasSubstr("poison"));
}

TEST_P(StoreConformanceTest, DeathsWithAndWithoutAMarkAreCountedApart) {
  rescued();
  for (int i = 0; i < 19; ++i) ASSERT_EQ(die_of_it(false).rescued, 1U) << i;
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).discarded, 1U);
}

TEST_P(StoreConformanceTest, LapsedLeaseIsADeathWithoutACrashMark) {
  const ClaimedJob job = rescued();
  for (int i = 0; i < 4; ++i) {
    advance(seconds(64));
    claim(new_worker(seconds(15)));
    advance(seconds(15));
    ASSERT_EQ(rescue().rescued, 1U);
  }
  EXPECT_EQ(state(job.id), JobState::kRetryable);
}

TEST_P(StoreConformanceTest, LimitsOfDeathsAreThoseOfTheRescue) {
  rescued();
  advance(seconds(64));
  const std::int64_t worker = new_worker();
  claim(worker);
  Rescue work;
  work.dead.push_back({.worker = worker, .has_crash_mark = true});
  work.crash_marks_max = 1;
  EXPECT_EQ(ask(store(), work).discarded, 1U);
}

TEST_P(StoreConformanceTest, LimitOfUnmarkedDeathsIsThatOfTheRescue) {
  rescued();
  advance(seconds(64));
  const std::int64_t worker = new_worker();
  claim(worker);
  Rescue work;
  work.dead.push_back({.worker = worker});
  work.crashes_max = 1;
  EXPECT_EQ(ask(store(), work).discarded, 1U);
}

TEST_P(StoreConformanceTest, DeathAfterAnEndIsAmongOthersAgain) {
  rescued();
  die_of_it(true);
  die_of_it(true);
  advance(seconds(64));
  finish(claim_one(), Outcome::kFailed, "x");
  EXPECT_EQ(die_of_it(true).rescued, 1U);    // no suspect then
  EXPECT_EQ(die_of_it(true).discarded, 1U);  // the third while alone
}

TEST_P(StoreConformanceTest, RetryCountsDeathsAnew) {
  const ClaimedJob job = rescued();
  for (int i = 0; i < 3; ++i) die_of_it(true);
  ASSERT_EQ(state(job.id), JobState::kDiscarded);
  retry(job.id);
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).rescued, 1U);
  EXPECT_EQ(die_of_it(true).discarded, 1U);
}

TEST_P(StoreConformanceTest, CancelledPoisonIsCancelled) {
  rescued();
  die_of_it(true);
  die_of_it(true);
  advance(seconds(64));
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  cancel(job.id);
  EXPECT_EQ(declare_dead(worker, true).discarded, 0U);
  EXPECT_EQ(state(job.id), JobState::kCancelled);
}

// Sixteen jobs in a process, one of which kills it: the others run, and keep what they had.
TEST_P(StoreConformanceTest, PoisonDoesNotHarmItsNeighbours) {
  const std::vector<JobId> ids = enqueue_many(16);
  const JobId poison = ids[7];
  std::set<JobId> succeeded;
  for (int processes = 0; processes < 100 && succeeded.size() < 15; ++processes) {
    const std::int64_t worker = new_worker();
    std::vector<ClaimedJob> jobs = claim(worker, 16);
    bool has_poison = std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) { return job.id == poison; });
    if (has_poison) {
      declare_dead(worker, true);
    } else {
      for (const ClaimedJob& job : jobs) {
        if (succeed(job).is_accepted) succeeded.insert(job.id);
      }
    }
    advance(seconds(64));
  }
  EXPECT_EQ(succeeded.size(), 15U);
  for (int i = 0; i < 3 && state(poison) != JobState::kDiscarded; ++i) die_of_it(true);
  for (const JobId& id : ids) {
    EXPECT_EQ(state(id), id == poison ? JobState::kDiscarded : JobState::kCompleted);
  }
}

}  // namespace
}  // namespace weir::jobs
