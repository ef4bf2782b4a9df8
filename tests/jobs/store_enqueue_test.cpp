// SPDX-License-Identifier: MIT
// What every store does with new jobs.
#include "store_conformance.hpp"

namespace weir::jobs {
namespace {

TEST_P(StoreConformanceTest, EnqueuedJobIsAvailable) {
  EXPECT_EQ(state(enqueue()), JobState::kAvailable);
}

TEST_P(StoreConformanceTest, EnqueueAnswersTheJobsOwnId) {
  const NewJob job = new_job();
  const Enqueue done = submit(job);
  EXPECT_EQ(done.stored.at(0).id, job.id);
  EXPECT_TRUE(done.stored.at(0).is_new);
  EXPECT_FALSE(done.is_replay);
}

TEST_P(StoreConformanceTest, EnqueueKeepsWhatItWasGiven) {
  NewJob job = new_job_in("reports");
  job.kind = "monthly";
  job.payload = R"({"name":"J\u00fcrgen","zero":"\u0000"})";
  job.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  job.lane = 4;
  job.max_attempts = 3;
  const JobRecord kept = record(enqueue(job));
  EXPECT_EQ(kept.id, job.id);
  EXPECT_EQ(kept.queue, "reports");
  EXPECT_EQ(kept.kind, "monthly");
  EXPECT_EQ(kept.payload, job.payload);
  EXPECT_EQ(kept.traceparent, job.traceparent);
  EXPECT_EQ(kept.lane, 4);
  EXPECT_EQ(kept.max_attempts, 3);
  EXPECT_EQ(kept.created, now());
}

TEST_P(StoreConformanceTest, EnqueuedJobHasNoHistory) {
  const JobRecord kept = record(enqueue());
  EXPECT_EQ(kept.attempt, 0);
  EXPECT_EQ(kept.crashes, 0);
  EXPECT_EQ(kept.claim, 0);
  EXPECT_EQ(kept.progress, 0);
  EXPECT_EQ(kept.progress_text, "");
  EXPECT_FALSE(kept.is_cancel_asked);
  EXPECT_EQ(kept.finished, std::nullopt);
  EXPECT_EQ(kept.result, "");
  EXPECT_EQ(kept.error, "");
}

TEST_P(StoreConformanceTest, EnqueueTakesSeveralAtOnce) {
  Enqueue enqueue;
  for (int i = 0; i < 100; ++i) enqueue.jobs.push_back(new_job());
  const Enqueue done = ask(store(), enqueue);
  ASSERT_EQ(done.stored.size(), 100U);
  for (std::size_t i = 0; i < done.stored.size(); ++i) {
    EXPECT_EQ(done.stored[i].id, enqueue.jobs[i].id);
    EXPECT_TRUE(done.stored[i].is_new);
    EXPECT_TRUE(find(enqueue.jobs[i].id));
  }
}

TEST_P(StoreConformanceTest, EnqueueOfNothingStoresNothing) {
  const Enqueue done = ask(store(), Enqueue{});
  EXPECT_TRUE(done.stored.empty());
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
  EXPECT_TRUE(ask(store(), List{}).jobs.empty());
}

TEST_P(StoreConformanceTest, EnqueueWithADelayIsScheduled) {
  const JobRecord kept = record(scheduled(seconds(30)));
  EXPECT_EQ(kept.state, JobState::kScheduled);
  EXPECT_EQ(kept.run_at, now() + seconds(30));
}

// ---- unique keys ----

TEST_P(StoreConformanceTest, EnqueueNamesTheLivingTwinInPlaceOfTheNewOne) {
  NewJob first = new_job();
  first.unique_key = "once";
  NewJob second = new_job();
  second.unique_key = "once";
  enqueue(first);
  const Enqueue done = submit(second);
  EXPECT_EQ(done.stored.at(0).id, first.id);
  EXPECT_FALSE(done.stored.at(0).is_new);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
  EXPECT_FALSE(find(second.id));
}

TEST_P(StoreConformanceTest, UniqueKeyHoldsAcrossQueuesAndKinds) {
  NewJob first = new_job_in("a");
  first.unique_key = "once";
  NewJob second = new_job_in("b");
  second.kind = "other";
  second.unique_key = "once";
  enqueue(first);
  EXPECT_FALSE(submit(second).stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, UniqueKeyHoldsWithinOneEnqueue) {
  Enqueue enqueue;
  for (int i = 0; i < 2; ++i) {
    enqueue.jobs.push_back(new_job());
    enqueue.jobs.back().unique_key = "once";
  }
  enqueue.jobs.push_back(new_job());
  const Enqueue done = ask(store(), enqueue);
  ASSERT_EQ(done.stored.size(), 3U);
  EXPECT_TRUE(done.stored[0].is_new);
  EXPECT_EQ(done.stored[1].id, enqueue.jobs[0].id);
  EXPECT_FALSE(done.stored[1].is_new);
  EXPECT_TRUE(done.stored[2].is_new);
}

TEST_P(StoreConformanceTest, UniqueKeyIsTakenWhileTheJobRuns) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  claim_one();
  NewJob second = new_job();
  second.unique_key = "once";
  EXPECT_FALSE(submit(second).stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, UniqueKeyIsFreeWhenTheJobIsFinal) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  succeed(claim_one());
  NewJob second = new_job();
  second.unique_key = "once";
  EXPECT_TRUE(submit(second).stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, EmptyUniqueKeyIsAKeyToo) {
  NewJob first = new_job();
  first.unique_key = "";
  NewJob second = new_job();
  second.unique_key = "";
  enqueue(first);
  EXPECT_FALSE(submit(second).stored.at(0).is_new);
}

// ---- idempotency keys ----

class Keyed {
 public:
  explicit Keyed(NewJob job) {
    work.jobs.push_back(std::move(job));
    work.idempotency = {.scope = "user 1", .key = "key", .fingerprint = "print"};
  }
  Keyed&& scope(const char* scope) && {
    work.idempotency->scope = scope;
    return std::move(*this);
  }
  Keyed&& fingerprint(const char* fingerprint) && {
    work.idempotency->fingerprint = fingerprint;
    return std::move(*this);
  }
  Keyed&& keep(Milliseconds keep) && {
    work.idempotency->keep = keep;
    return std::move(*this);
  }
  Enqueue work;
};

TEST_P(StoreConformanceTest, FirstUseOfAnIdempotencyKeyIsNoReplay) {
  const Enqueue done = ask(store(), Keyed(new_job()).work);
  EXPECT_FALSE(done.is_replay);
  EXPECT_TRUE(done.stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, KnownIdempotencyKeyReplaysTheFirstAnswer) {
  const Enqueue first = ask(store(), Keyed(new_job()).work);
  const NewJob second = new_job();
  const Enqueue done = ask(store(), Keyed(second).work);
  EXPECT_TRUE(done.is_replay);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
  ASSERT_EQ(done.stored.size(), 1U);
  EXPECT_EQ(done.stored[0].id, first.stored.at(0).id);
  EXPECT_TRUE(done.stored[0].is_new);
  EXPECT_FALSE(find(second.id));
}

TEST_P(StoreConformanceTest, ReplayOfATwinsNameIsThatAnswerAgain) {
  NewJob first = new_job();
  first.unique_key = "once";
  enqueue(first);
  NewJob second = new_job();
  second.unique_key = "once";
  ask(store(), Keyed(second).work);
  const Enqueue done = ask(store(), Keyed(new_job()).work);
  EXPECT_TRUE(done.is_replay);
  EXPECT_EQ(done.stored.at(0).id, first.id);
  EXPECT_FALSE(done.stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, ReplayGoesOnAfterTheJobIsFinal) {
  const Enqueue first = ask(store(), Keyed(new_job()).work);
  succeed(claim_one());
  EXPECT_EQ(ask(store(), Keyed(new_job()).work).stored.at(0).id, first.stored.at(0).id);
}

TEST_P(StoreConformanceTest, ReplayGoesOnAfterTheJobIsPurged) {
  NewJob job = new_job();
  job.keep_completed = seconds(1);
  const Enqueue first = ask(store(), Keyed(job).work);
  succeed(claim_one());
  advance(seconds(1));
  purge();
  ASSERT_FALSE(find(job.id));
  const Enqueue done = ask(store(), Keyed(new_job()).work);
  EXPECT_TRUE(done.is_replay);
  EXPECT_EQ(done.stored.at(0).id, job.id);
}

TEST_P(StoreConformanceTest, OtherRequestUnderAKnownKeyIsRefused) {
  ask(store(), Keyed(new_job()).work);
  const NewJob second = new_job();
  const Enqueue done = ask(store(), Keyed(second).fingerprint("other").work);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kOtherRequest);
  EXPECT_FALSE(done.is_replay);
  EXPECT_TRUE(done.stored.empty());
  EXPECT_FALSE(find(second.id));
}

TEST_P(StoreConformanceTest, RefusedOtherRequestLeavesTheKeyAsItWas) {
  ask(store(), Keyed(new_job()).work);
  ask(store(), Keyed(new_job()).fingerprint("other").work);
  EXPECT_TRUE(ask(store(), Keyed(new_job()).work).is_replay);
}

TEST_P(StoreConformanceTest, IdempotencyKeysOfOtherScopesAreOthers) {
  ask(store(), Keyed(new_job()).work);
  const Enqueue done = ask(store(), Keyed(new_job()).scope("user 2").work);
  EXPECT_FALSE(done.is_replay);
  EXPECT_TRUE(done.stored.at(0).is_new);
}

TEST_P(StoreConformanceTest, IdempotencyKeyIsKnownUntilItsTimeIsOver) {
  ask(store(), Keyed(new_job()).keep(seconds(10)).work);
  advance(seconds(10) - Milliseconds(1));
  EXPECT_TRUE(ask(store(), Keyed(new_job()).work).is_replay);
}

TEST_P(StoreConformanceTest, IdempotencyKeyIsNewWhenItsTimeIsOver) {
  ask(store(), Keyed(new_job()).keep(seconds(10)).work);
  advance(seconds(10));
  const NewJob second = new_job();
  const Enqueue done = ask(store(), Keyed(second).fingerprint("other").work);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
  EXPECT_FALSE(done.is_replay);
  EXPECT_EQ(done.stored.at(0).id, second.id);
}

TEST_P(StoreConformanceTest, IdempotencyKeyUsedAnewIsKeptAnew) {
  ask(store(), Keyed(new_job()).keep(seconds(10)).work);
  advance(seconds(10));
  const NewJob second = new_job();
  ask(store(), Keyed(second).keep(seconds(10)).work);
  advance(seconds(9));
  EXPECT_EQ(ask(store(), Keyed(new_job()).work).stored.at(0).id, second.id);
}

TEST_P(StoreConformanceTest, ReplayDoesNotProlongTheKey) {
  ask(store(), Keyed(new_job()).keep(seconds(10)).work);
  advance(seconds(9));
  ask(store(), Keyed(new_job()).keep(seconds(10)).work);
  advance(seconds(1));
  EXPECT_FALSE(ask(store(), Keyed(new_job()).work).is_replay);
}

// ---- depth ----

TEST_P(StoreConformanceTest, QueueTakesJobsUpToItsDepth) {
  enqueue_many(2);
  Enqueue one;
  one.jobs.push_back(new_job());
  one.queue_depth_max = 3;
  EXPECT_EQ(ask(store(), one).refusal, Enqueue::Refusal::kNone);
}

TEST_P(StoreConformanceTest, QueueRefusesJobsBeyondItsDepth) {
  enqueue_many(3);
  Enqueue one;
  one.jobs.push_back(new_job());
  one.queue_depth_max = 3;
  const Enqueue done = ask(store(), one);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kQueueFull);
  EXPECT_TRUE(done.stored.empty());
  EXPECT_FALSE(find(one.jobs[0].id));
}

TEST_P(StoreConformanceTest, QueueTakesAllOfAnEnqueueOrNone) {
  enqueue();
  Enqueue many;
  for (int i = 0; i < 3; ++i) many.jobs.push_back(new_job());
  many.queue_depth_max = 3;
  EXPECT_EQ(ask(store(), many).refusal, Enqueue::Refusal::kQueueFull);
  EXPECT_FALSE(find(many.jobs[0].id));
  many.queue_depth_max = 4;
  EXPECT_EQ(ask(store(), many).refusal, Enqueue::Refusal::kNone);
}

TEST_P(StoreConformanceTest, QueueDepthCountsScheduledAndRunningJobs) {
  running();
  scheduled();
  Enqueue one;
  one.jobs.push_back(new_job());
  one.queue_depth_max = 2;
  EXPECT_EQ(ask(store(), one).refusal, Enqueue::Refusal::kQueueFull);
}

TEST_P(StoreConformanceTest, QueueDepthDoesNotCountFinalJobs) {
  completed();
  cancelled();
  Enqueue one;
  one.jobs.push_back(new_job());
  one.queue_depth_max = 1;
  EXPECT_EQ(ask(store(), one).refusal, Enqueue::Refusal::kNone);
}

TEST_P(StoreConformanceTest, QueueDepthDoesNotCountOtherQueues) {
  enqueue(new_job_in("other"));
  Enqueue one;
  one.jobs.push_back(new_job());
  one.queue_depth_max = 1;
  EXPECT_EQ(ask(store(), one).refusal, Enqueue::Refusal::kNone);
}

TEST_P(StoreConformanceTest, EnqueueRefusedForDepthDoesNotUseUpItsIdempotencyKey) {
  enqueue();
  Enqueue one = Keyed(new_job()).work;
  one.queue_depth_max = 1;
  ask(store(), one);
  one.queue_depth_max = 2;
  const Enqueue done = ask(store(), one);
  EXPECT_FALSE(done.is_replay);
  EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
}

TEST_P(StoreConformanceTest, ReplayIsAnsweredByAFullQueueToo) {
  ask(store(), Keyed(new_job()).work);
  Enqueue again = Keyed(new_job()).work;
  again.queue_depth_max = 1;
  EXPECT_TRUE(ask(store(), again).is_replay);
}

}  // namespace
}  // namespace weir::jobs
