// SPDX-License-Identifier: MIT
// What an engine runs, when, and how many at a time.
#include "engine_fixture.hpp"

#include <weir/loop/sleep.hpp>

namespace weir::jobs {
namespace {

using namespace std::chrono_literals;

TEST_F(EngineTest, RunsWhatWasEnqueuedBeforeItsStart) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const JobId id = enqueue("count");
  start();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(record(id).result, "1");
}

TEST_F(EngineTest, RunsWhatIsEnqueuedLater) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  start();
  const JobId id = enqueue("count");
  engine->wake();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

TEST_F(EngineTest, FindsWhatNobodyTellsOf) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  start();
  EXPECT_TRUE(becomes(enqueue("count"), JobState::kCompleted));
}

TEST_F(EngineTest, RunsEachOnce) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const std::vector<JobId> before = enqueue_many("count", 300);
  start();
  const std::vector<JobId> after = enqueue_many("count", 300);
  engine->wake();
  EXPECT_TRUE(all_become(before, JobState::kCompleted));
  EXPECT_TRUE(all_become(after, JobState::kCompleted));
  EXPECT_EQ(runs, 600);
}

TEST_F(EngineTest, RunsCoroutines) {
  add_async("wait", [this](const ClaimedJob&, JobContext& job) -> loop::Task<std::string> {
    co_await job.sleep(1ms);
    ++runs;
    co_return "1";
  });
  const std::vector<JobId> many = enqueue_many("wait", 100);
  start();
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_EQ(runs, 100);
}

TEST_F(EngineTest, RunsWhatIsScheduledOnceItIsDue) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const auto begin = std::chrono::steady_clock::now();
  const JobId id = enqueue("count", 50ms);
  start();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 49ms);  // stores count in whole milliseconds
}

TEST_F(EngineTest, RunsAFailedJobAgain) {
  add("fail", [](const ClaimedJob& claimed, JobContext&) -> std::string {
    if (claimed.attempt < 3) throw std::runtime_error("not yet");
    return std::to_string(claimed.attempt);
  });
  const JobId id = enqueue("fail");
  start();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(record(id).result, "3");
}

TEST_F(EngineTest, TellsOfEveryEnd) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const std::vector<JobId> many = enqueue_many("count", 20);
  start();
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_TRUE(eventually([this] { return changes >= 20; }));
}

TEST_F(EngineTest, PayloadThatCannotBeReadIsTheEndOfItsJob) {
  add("read", [](const ClaimedJob&, JobContext&) -> std::string { throw UnreadablePayload("what is this?"); });
  const JobId id = enqueue("read");
  start();
  EXPECT_TRUE(becomes(id, JobState::kDiscarded));
  EXPECT_EQ(record(id).error, "what is this?");
  EXPECT_EQ(record(id).attempt, 1);
}

TEST_F(EngineTest, UnknownKindIsPutOff) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const JobId unknown = enqueue("from a newer version");
  const JobId known = enqueue("count");
  start();
  EXPECT_TRUE(becomes(known, JobState::kCompleted));
  EXPECT_TRUE(becomes(unknown, JobState::kScheduled));
  EXPECT_EQ(record(unknown).attempt, 0);
  EXPECT_GT(record(unknown).run_at, record(unknown).created + 50s);
}

TEST_F(EngineTest, WhatIsOverIsRemovedSliceBySlice) {
  add("brief", [](const ClaimedJob&, JobContext&) { return ""; }).keep_completed = 1ms;
  enqueue_many("brief", 1'200);  // several slices
  start();
  EXPECT_TRUE(eventually([&] {
    const Stats stats = ask(store, Stats{});
    return stats.queues.empty();
  }));
}

// ---- limits ----

TEST_F(EngineTest, LimitsOfQueuesAreNeverExceeded) {
  Crowd narrow;
  Crowd wide;
  const auto join = [](Crowd& joined) {
    return [&joined](const ClaimedJob&, JobContext&) {
      const Crowd::Visit visit(joined);
      return std::string("1");
    };
  };
  add("narrow", join(narrow), "narrow");
  add("wide", join(wide), "wide");
  options.queues = {{"narrow", 1}, {"wide", 3}};
  options.workers = 0;  // as many as the queues take
  const std::vector<JobId> in_narrow = enqueue_many("narrow", 40);
  const std::vector<JobId> in_wide = enqueue_many("wide", 40);
  start();
  EXPECT_TRUE(all_become(in_narrow, JobState::kCompleted));
  EXPECT_TRUE(all_become(in_wide, JobState::kCompleted));
  EXPECT_EQ(narrow.most(), 1);
  EXPECT_LE(wide.most(), 3);
}

TEST_F(EngineTest, AsManyRunAsTheirQueuesTake) {
  const auto pass = [this](const ClaimedJob&, JobContext& job) {
    gate.pass(job);
    return std::string("1");
  };
  add("narrow", pass, "narrow");
  add("wide", pass, "wide");
  options.queues = {{"narrow", 1}, {"wide", 3}};
  options.workers = 0;
  std::vector<JobId> many = enqueue_many("narrow", 5);
  const std::vector<JobId> wide = enqueue_many("wide", 5);
  many.insert(many.end(), wide.begin(), wide.end());
  start();
  EXPECT_TRUE(eventually([this] { return gate.arrivals() == 4; }));
  const auto running =
      std::count_if(many.begin(), many.end(), [this](const JobId& id) { return state(id) == JobState::kRunning; });
  EXPECT_EQ(running, 4);
  gate.open();
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
}

TEST_F(EngineTest, LimitOfCoroutinesIsNeverExceeded) {
  add_async("wait", [this](const ClaimedJob&, JobContext& job) -> loop::Task<std::string> {
    const Crowd::Visit visit(crowd);
    co_await job.sleep(1ms);
    co_return "1";
  });
  options.coroutines = 7;
  const std::vector<JobId> many = enqueue_many("wait", 100);
  start();
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_LE(crowd.most(), 7);
  EXPECT_GT(crowd.most(), 1);
}

TEST_F(EngineTest, QueueThatIsNotAskedForIsLeftAlone) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  add(
      "elsewhere", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); }, "elsewhere");
  options.queues = {{"default", 1}};
  const JobId left = enqueue("elsewhere");
  const JobId run = enqueue("count");
  start();
  EXPECT_TRUE(becomes(run, JobState::kCompleted));
  EXPECT_EQ(state(left), JobState::kAvailable);
}

TEST_F(EngineTest, ConcurrencyOfAQueueHoldsForAllWorkersTogether) {
  add("both", [this](const ClaimedJob&, JobContext&) {
    const Crowd::Visit visit(crowd);
    return std::string("1");
  }).running_max = 2;
  const std::vector<JobId> many = enqueue_many("both", 60);
  other_engine = make();
  other_engine->start();
  start();
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_LE(crowd.most(), 2);
}

// ---- time ----

TEST_F(EngineTest, TimeoutBeginsWithTheHandler) {
  std::atomic<bool> is_late{false};
  add("slow", [this, &is_late](const ClaimedJob&, JobContext& job) -> std::string {
    if (++runs == 1) {
      while (!job.is_stop_requested()) std::this_thread::sleep_for(1ms);
    } else {
      is_late = job.is_stop_requested();
    }
    return "1";
  }).timeout = 200ms;
  options.queues = {{"default", 2}};
  options.workers = 1;  // so the second waits for the first
  const std::vector<JobId> both = enqueue_many("slow", 2);
  start();
  EXPECT_TRUE(all_become(both, JobState::kCompleted));
  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(is_late);
}

TEST_F(EngineTest, TimeoutComesEvenAfterAWaitForAWorker) {
  add("slow", [this](const ClaimedJob&, JobContext& job) -> std::string {
    ++runs;
    gate.pass(job);
    return "1";
  }).timeout = 50ms;
  types.back()->max_attempts = 1;
  options.queues = {{"default", 3}};
  options.workers = 1;
  const std::vector<JobId> all = enqueue_many("slow", 3);
  start();
  EXPECT_TRUE(all_become(all, JobState::kDiscarded));
  EXPECT_EQ(record(all.back()).error, "timed out after 50 ms");
}

TEST_F(EngineTest, NoTimeoutIsForEver) {
  add("slow", [this](const ClaimedJob&, JobContext& job) {
    gate.pass(job);
    return std::string("1");
  }).timeout = 0ms;
  const JobId id = enqueue("slow");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  gate.open();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

// ---- cancels ----

TEST_F(EngineTest, JobThatIsCancelledHereIsAskedToStopAtOnce) {
  add("slow", [this](const ClaimedJob&, JobContext& job) {
    gate.pass(job);
    return std::string("1");
  });
  const JobId id = enqueue("slow");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  EXPECT_EQ(ask(store, Cancel{.id = id}).answer, Cancel::Answer::kMarked);
  engine->cancel(id);
  EXPECT_TRUE(becomes(id, JobState::kCancelled));
}

TEST_F(EngineTest, JobThatIsCancelledElsewhereIsAskedToStop) {
  add("slow", [this](const ClaimedJob&, JobContext& job) {
    gate.pass(job);
    return std::string("1");
  });
  const JobId id = enqueue("slow");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  EXPECT_EQ(ask(store, Cancel{.id = id}).answer, Cancel::Answer::kMarked);
  EXPECT_TRUE(becomes(id, JobState::kCancelled));
}

TEST_F(EngineTest, CancelOfAJobThatIsNotHereDoesNothing) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  start();
  engine->cancel({7, 7});
  const JobId id = enqueue("count");
  engine->wake();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

}  // namespace
}  // namespace weir::jobs
