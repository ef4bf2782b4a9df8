// SPDX-License-Identifier: MIT
// What every store shows of its jobs, how long it keeps them, and that it keeps them.
#include "store_conformance.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- find ----

TEST_P(StoreConformanceTest, FindOfAnUnknownJobFindsNone) {
  EXPECT_FALSE(find(new_id()));
}

TEST_P(StoreConformanceTest, FindWithAWrongSecretFindsNone) {
  JobId id = enqueue();
  for (const std::uint64_t bit : {1ULL, 1ULL << 63U}) {
    EXPECT_FALSE(find(JobId{id.number, id.secret ^ bit}));
  }
}

TEST_P(StoreConformanceTest, FindOfAFinalJobWithAWrongSecretFindsNone) {
  const JobId id = completed().id;
  EXPECT_TRUE(find(id));
  EXPECT_FALSE(find(JobId{id.number, id.secret ^ 1U}));
}

TEST_P(StoreConformanceTest, FindOfAFinalJobShowsWhatItWas) {
  NewJob job = new_job_in("default");
  job.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  job.lane = 1;
  job.max_attempts = 3;
  enqueue(job);
  const StoreTime created = now();
  advance(seconds(1));
  succeed(claim_one());
  const JobRecord kept = record(job.id);
  EXPECT_EQ(kept.id, job.id);
  EXPECT_EQ(kept.queue, "default");
  EXPECT_EQ(kept.kind, "test");
  EXPECT_EQ(kept.lane, 1);
  EXPECT_EQ(kept.max_attempts, 3);
  EXPECT_EQ(kept.claim, 1);
  EXPECT_EQ(kept.created, created);
  EXPECT_EQ(kept.payload, job.payload);
  EXPECT_EQ(kept.traceparent, job.traceparent);
}

// ---- list ----

std::vector<JobId> listed(const List& list) {
  std::vector<JobId> ids;
  for (const JobRecord& job : list.jobs) ids.push_back(job.id);
  return ids;
}

TEST_P(StoreConformanceTest, ListOfAnEmptyStoreIsEmpty) {
  EXPECT_THAT(ask(store(), List{}).jobs, IsEmpty());
}

TEST_P(StoreConformanceTest, ListShowsTheNewestFirst) {
  const std::vector<JobId> ids = enqueue_many(3);
  EXPECT_THAT(listed(ask(store(), List{})), ElementsAre(ids[2], ids[1], ids[0]));
}

TEST_P(StoreConformanceTest, ListMixesLivingAndFinalJobs) {
  const JobId first = completed().id;
  const JobId second = scheduled();
  const JobId third = cancelled();
  const JobId fourth = enqueue();
  EXPECT_THAT(listed(ask(store(), List{})), ElementsAre(fourth, third, second, first));
}

TEST_P(StoreConformanceTest, ListLeavesOutPayloadsTraceparentsAndResults) {
  completed();
  NewJob traced = new_job();
  traced.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  enqueue(traced);
  for (const JobRecord& job : ask(store(), List{}).jobs) {
    EXPECT_EQ(job.payload, "");
    EXPECT_EQ(job.traceparent, "");
    EXPECT_EQ(job.result, "");
    EXPECT_EQ(job.kind, "test");
  }
}

TEST_P(StoreConformanceTest, ListShowsWhatFindShows) {
  const ClaimedJob job = running();
  report(job, 0.5, "half of it");
  const List list = ask(store(), List{});
  ASSERT_EQ(list.jobs.size(), 1U);
  const JobRecord kept = record(job.id);
  EXPECT_EQ(list.jobs[0].state, kept.state);
  EXPECT_EQ(list.jobs[0].attempt, kept.attempt);
  EXPECT_EQ(list.jobs[0].version, kept.version);
  EXPECT_EQ(list.jobs[0].progress_text, kept.progress_text);
  EXPECT_EQ(list.jobs[0].created, kept.created);
}

TEST_P(StoreConformanceTest, ListGoesByState) {
  const JobId done = completed().id;
  const JobId later = scheduled();
  enqueue();
  List list;
  list.state = JobState::kCompleted;
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(done));
  list.state = JobState::kScheduled;
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(later));
  list.state = JobState::kDiscarded;
  EXPECT_THAT(listed(ask(store(), list)), IsEmpty());
}

TEST_P(StoreConformanceTest, ListGoesByQueue) {
  enqueue();
  const JobId other = enqueue(new_job_in("other"));
  List list;
  list.queue = "other";
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(other));
  list.queue = "nowhere";
  EXPECT_THAT(listed(ask(store(), list)), IsEmpty());
}

TEST_P(StoreConformanceTest, ListGoesByKind) {
  enqueue();
  NewJob other = new_job();
  other.kind = "other";
  enqueue(other);
  List list;
  list.kind = "other";
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(other.id));
}

TEST_P(StoreConformanceTest, ListGoesByAllAtOnce) {
  NewJob one = new_job_in("a");
  one.kind = "x";
  NewJob two = new_job_in("a");
  two.kind = "y";
  NewJob three = new_job_in("b");
  three.kind = "x";
  for (const NewJob& job : {one, two, three}) enqueue(job);
  List list;
  list.state = JobState::kAvailable;
  list.queue = "a";
  list.kind = "x";
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(one.id));
}

TEST_P(StoreConformanceTest, ListShowsNoMoreThanItsLimit) {
  const std::vector<JobId> ids = enqueue_many(5);
  List list;
  list.limit = 2;
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(ids[4], ids[3]));
}

TEST_P(StoreConformanceTest, ListGoesOnBeforeTheLastPage) {
  const std::vector<JobId> ids = enqueue_many(5);
  List list;
  list.limit = 2;
  list.before = ids[3].number;
  EXPECT_THAT(listed(ask(store(), list)), ElementsAre(ids[2], ids[1]));
}

TEST_P(StoreConformanceTest, PagesShowEachJobOnce) {
  for (int i = 0; i < 10; ++i) {
    completed();
    scheduled();
  }
  std::vector<JobId> seen;
  List list;
  list.limit = 3;
  do {
    list = ask(store(), list);
    for (const JobId& id : listed(list)) seen.push_back(id);
    if (!list.jobs.empty()) list.before = list.jobs.back().id.number;
  } while (!list.jobs.empty());
  EXPECT_EQ(seen.size(), 20U);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

// ---- stats ----

std::optional<Stats::Queue> queue_in(const Stats& stats, const std::string& name) {
  for (const Stats::Queue& queue : stats.queues) {
    if (queue.name == name) return queue;
  }
  return std::nullopt;
}

TEST_P(StoreConformanceTest, StatsCountByQueueAndState) {
  completed();
  discarded();
  retryable();
  running();
  scheduled();
  cancelled();
  enqueue_many(2);
  enqueue(new_job_in("other"));
  const std::optional<Stats::Queue> queue = queue_in(stats(), "default");
  ASSERT_TRUE(queue);
  EXPECT_THAT(queue->count, ElementsAre(0, 1, 1, 2, 1, 1, 1, 1));
  ASSERT_TRUE(queue_in(stats(), "other"));
  EXPECT_THAT(queue_in(stats(), "other")->count, ElementsAre(0, 0, 0, 1, 0, 0, 0, 0));
}

TEST_P(StoreConformanceTest, StatsDoNotCountPurgedJobs) {
  completed();
  enqueue();
  advance(hours(24));
  purge();
  EXPECT_THAT(queue_in(stats(), "default")->count, ElementsAre(0, 0, 0, 1, 0, 0, 0, 0));
}

TEST_P(StoreConformanceTest, StatsTellWhichQueuesArePaused) {
  enqueue();
  enqueue(new_job_in("other"));
  pause("other");
  EXPECT_FALSE(queue_in(stats(), "default")->is_paused);
  EXPECT_TRUE(queue_in(stats(), "other")->is_paused);
  pause("other", false);
  EXPECT_FALSE(queue_in(stats(), "other")->is_paused);
}

TEST_P(StoreConformanceTest, StatsTellOfAPausedQueueWithoutJobs) {
  pause("early");
  ASSERT_TRUE(queue_in(stats(), "early"));
  EXPECT_TRUE(queue_in(stats(), "early")->is_paused);
}

TEST_P(StoreConformanceTest, StatsTellSinceWhenTheOldestWaits) {
  enqueue();
  const StoreTime first = now();
  advance(seconds(5));
  enqueue();
  EXPECT_EQ(queue_in(stats(), "default")->oldest_available, first);
}

TEST_P(StoreConformanceTest, StatsTellOfAScheduledJobThatItWaitsSinceItWasDue) {
  scheduled(seconds(10));
  const StoreTime due = now() + seconds(10);
  advance(seconds(60));
  promote();
  EXPECT_EQ(queue_in(stats(), "default")->oldest_available, due);
}

TEST_P(StoreConformanceTest, StatsTellOfNoOldestWhenNoneWaits) {
  running();
  scheduled();
  EXPECT_EQ(queue_in(stats(), "default")->oldest_available, std::nullopt);
}

TEST_P(StoreConformanceTest, StatsShowWorkers) {
  const std::int64_t worker =
      ask(store(), RegisterWorker{.host = "alpha", .process = 4711, .lease = seconds(15)}).worker;
  enqueue_many(3);
  claim(worker, 2);
  const Stats shown = stats();
  ASSERT_EQ(shown.workers.size(), 1U);
  EXPECT_EQ(shown.workers[0].number, worker);
  EXPECT_EQ(shown.workers[0].host, "alpha");
  EXPECT_EQ(shown.workers[0].process, 4711);
  EXPECT_FALSE(shown.workers[0].is_dead);
  EXPECT_EQ(shown.workers[0].lease_left, seconds(15));
  EXPECT_EQ(shown.workers[0].running, 2U);
}

TEST_P(StoreConformanceTest, StatsShowDeadWorkers) {
  const std::int64_t worker = new_worker();
  enqueue();
  claim(worker);
  declare_dead(worker);
  const Stats shown = stats();
  ASSERT_EQ(shown.workers.size(), 1U);
  EXPECT_TRUE(shown.workers[0].is_dead);
  EXPECT_EQ(shown.workers[0].running, 0U);
}

TEST_P(StoreConformanceTest, StatsDoNotShowRemovedWorkers) {
  ask(store(), RemoveWorker{.worker = new_worker()});
  EXPECT_THAT(stats().workers, IsEmpty());
}

TEST_P(StoreConformanceTest, StatsShowAProlongedLease) {
  const std::int64_t worker = new_worker(seconds(15));
  advance(seconds(5));
  beat(worker, seconds(20));
  EXPECT_EQ(stats().workers.at(0).lease_left, seconds(20));
}

// ---- purge ----

TEST_P(StoreConformanceTest, CompletedJobIsKeptForItsTime) {
  NewJob job = new_job();
  job.keep_completed = seconds(10);
  job.keep_failed = seconds(1);
  enqueue(job);
  advance(seconds(100));  // counted from the end
  succeed(claim_one());
  advance(seconds(10) - Milliseconds(1));
  EXPECT_EQ(purge(), 0U);
  EXPECT_TRUE(find(job.id));
  advance(Milliseconds(1));
  EXPECT_EQ(purge(), 1U);
  EXPECT_FALSE(find(job.id));
}

TEST_P(StoreConformanceTest, DiscardedJobIsKeptForItsTime) {
  NewJob job = new_job();
  job.keep_completed = seconds(1);
  job.keep_failed = seconds(10);
  enqueue(job);
  finish(claim_one(), Outcome::kDiscarded, "x");
  advance(seconds(10) - Milliseconds(1));
  EXPECT_EQ(purge(), 0U);
  advance(Milliseconds(1));
  EXPECT_EQ(purge(), 1U);
  EXPECT_FALSE(find(job.id));
}

TEST_P(StoreConformanceTest, CancelledJobIsKeptLikeAFailedOne) {
  NewJob job = new_job();
  job.keep_completed = seconds(1);
  job.keep_failed = seconds(10);
  cancel(enqueue(job));
  advance(seconds(10) - Milliseconds(1));
  EXPECT_EQ(purge(), 0U);
  advance(Milliseconds(1));
  EXPECT_EQ(purge(), 1U);
  EXPECT_FALSE(find(job.id));
}

TEST_P(StoreConformanceTest, LivingJobsAreNotPurged) {
  const JobId available = enqueue();
  const JobId later = scheduled();
  advance(hours(24 * 365));
  purge();
  EXPECT_TRUE(find(available));
  EXPECT_TRUE(find(later));
}

TEST_P(StoreConformanceTest, RetriedJobIsNotPurged) {
  const ClaimedJob job = completed();
  retry(job.id);
  advance(hours(24 * 365));
  purge();
  EXPECT_TRUE(find(job.id));
}

TEST_P(StoreConformanceTest, PurgeKeepsToItsLimit) {
  for (int i = 0; i < 5; ++i) completed();
  advance(hours(24));
  EXPECT_EQ(purge(2), 2U);
  EXPECT_EQ(purge(2), 2U);
  EXPECT_EQ(purge(2), 1U);
  EXPECT_EQ(purge(2), 0U);
}

TEST_P(StoreConformanceTest, PurgeRemovesKeysWhoseTimeIsOver) {
  Enqueue enqueue;
  enqueue.jobs.push_back(new_job());
  enqueue.idempotency = {.scope = "a", .key = "b", .fingerprint = "c", .keep = seconds(10)};
  ask(store(), enqueue);
  advance(seconds(10) - Milliseconds(1));
  EXPECT_EQ(purge(), 0U);
  advance(Milliseconds(1));
  EXPECT_EQ(purge(), 1U);
  EXPECT_EQ(purge(), 0U);
}

TEST_P(StoreConformanceTest, PurgeRemovesWorkersThatAreDeadForADay) {
  const std::int64_t dead = new_worker();
  declare_dead(dead);
  const std::int64_t other = new_worker();
  advance(hours(24) - Milliseconds(1));
  EXPECT_EQ(purge(), 0U);
  EXPECT_EQ(stats().workers.size(), 2U);
  advance(Milliseconds(1));
  EXPECT_EQ(purge(), 1U);
  ASSERT_EQ(stats().workers.size(), 1U);
  EXPECT_EQ(stats().workers[0].number, other);
}

TEST_P(StoreConformanceTest, PurgeKeepsDeadWorkersAsLongAsItIsTold) {
  declare_dead(new_worker());
  advance(seconds(5));
  EXPECT_EQ(ask(store(), Purge{.keep_workers = seconds(6)}).purged, 0U);
  EXPECT_EQ(ask(store(), Purge{.keep_workers = seconds(5)}).purged, 1U);
}

TEST_P(StoreConformanceTest, PurgeKeepsToItsLimitForEachKind) {
  for (int i = 0; i < 3; ++i) {
    Enqueue enqueue;
    enqueue.jobs.push_back(new_job());
    enqueue.idempotency = {.scope = "a", .key = std::to_string(i), .fingerprint = "c", .keep = seconds(10)};
    ask(store(), enqueue);
    succeed(claim_one());
    declare_dead(new_worker());
  }
  advance(hours(24));
  EXPECT_EQ(purge(2), 6U);
  EXPECT_EQ(purge(2), 3U);
}

TEST_P(StoreConformanceTest, PurgedJobIsGoneForAllQuestions) {
  const ClaimedJob job = completed();
  advance(hours(24));
  purge();
  EXPECT_EQ(cancel(job.id), Cancel::Answer::kNotFound);
  EXPECT_EQ(retry(job.id), Retry::Answer::kNotFound);
  EXPECT_FALSE(succeed(job).is_accepted);
  EXPECT_THAT(ask(store(), List{}).jobs, IsEmpty());
}

// ---- one after the other, and for good ----

TEST_P(StoreConformanceTest, AnOperationMaySubmitTheNextWhenItIsDone) {
  class Chain final : public Operation {
   public:
    Chain(Store& store, int left) : Operation(Stats{}), store_(store), left_(left) {}
    void done(Verdict verdict) noexcept override {
      verdicts_ok_ = verdicts_ok_ && verdict == Verdict::kDone;
      if (left_-- > 0) return store_.submit(*this);
      auto own = std::move(finished);
      own.set_value(verdicts_ok_);
    }
    std::promise<bool> finished;

   private:
    Store& store_;
    int left_;
    bool verdicts_ok_ = true;
  };
  Chain chain(store(), 10);
  auto finished = chain.finished.get_future();
  store().submit(chain);
  EXPECT_TRUE(finished.get());
}

TEST_P(StoreConformanceTest, ThreadsGetEachJobOnce) {
  constexpr std::size_t kJobs = 200;
  enqueue_many(kJobs);
  std::vector<std::vector<JobId>> taken(4);
  std::vector<std::thread> threads;
  for (std::vector<JobId>& own : taken) {
    threads.emplace_back([this, &own, worker = new_worker()] {
      for (;;) {
        const std::vector<JobId> ids = ids_of(claim(worker, 3));
        if (ids.empty()) return;
        own.insert(own.end(), ids.begin(), ids.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<JobId> all;
  for (const std::vector<JobId>& own : taken) all.insert(all.end(), own.begin(), own.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), kJobs);
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_P(StoreConformanceTest, ReopenedStoreHasItsJobs) {
  if (!outlives_store()) GTEST_SKIP() << "keeps nothing";
  const ClaimedJob done = completed();
  const ClaimedJob again = retryable(seconds(1));
  const JobId id = enqueue();
  reopen();
  EXPECT_EQ(state(done.id), JobState::kCompleted);
  EXPECT_EQ(record(done.id).result, "1");
  EXPECT_EQ(state(again.id), JobState::kRetryable);
  EXPECT_EQ(claim_one().id, id);
}

TEST_P(StoreConformanceTest, ReopenedStoreKnowsItsWorkersAndTheirClaims) {
  if (!outlives_store()) GTEST_SKIP() << "keeps nothing";
  enqueue();
  const std::int64_t worker = new_worker();
  const ClaimedJob job = claim_one(worker);
  report(job, 0.5, "half of it", "page 3");
  reopen();
  EXPECT_TRUE(beat(worker, hours(1)));
  EXPECT_EQ(record(job.id).progress, 0.5);
  EXPECT_TRUE(finish(job, Outcome::kFailed, "x").is_accepted);
  EXPECT_EQ(claim_one(worker).checkpoint, "page 3");
}

TEST_P(StoreConformanceTest, ReopenedStoreKnowsKeysAndPauses) {
  if (!outlives_store()) GTEST_SKIP() << "keeps nothing";
  Enqueue first;
  first.jobs.push_back(new_job());
  first.jobs[0].unique_key = "once";
  first.idempotency = {.scope = "a", .key = "b", .fingerprint = "c"};
  ask(store(), first);
  pause("default");
  reopen();
  Enqueue second = first;
  second.jobs[0].id = new_id();
  EXPECT_TRUE(ask(store(), second).is_replay);
  NewJob twin = new_job();
  twin.unique_key = "once";
  EXPECT_FALSE(submit(twin).stored.at(0).is_new);
  EXPECT_THAT(claim(new_worker()), IsEmpty());
}

TEST_P(StoreConformanceTest, ReopenedStoreGivesNoNumberAgain) {
  if (!outlives_store()) GTEST_SKIP() << "keeps nothing";
  const std::int64_t worker = new_worker();
  ask(store(), RemoveWorker{.worker = worker});
  reopen();
  EXPECT_NE(new_worker(), worker);
}

TEST_P(StoreConformanceTest, ReopenedStoreHasWhatWasAskedForWithLessDurability) {
  if (!outlives_store()) GTEST_SKIP() << "keeps nothing";
  Enqueue enqueue;
  enqueue.jobs.push_back(new_job());
  ask(store(), enqueue, Durability::kRelaxed);
  reopen();
  EXPECT_TRUE(find(enqueue.jobs[0].id));
}

}  // namespace
}  // namespace weir::jobs
