// SPDX-License-Identifier: MIT
// How an engine stops, and what becomes of what it runs.
#include "engine_fixture.hpp"

#include <future>

namespace weir::jobs {
namespace {

using namespace std::chrono_literals;

class EngineStopTest : public EngineTest {
 protected:
  EngineStopTest() {
    add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
    add("slow", [this](const ClaimedJob&, JobContext& job) {
      gate.pass(job);
      return std::string("1");
    });
  }
  JobId start_with_slow() {
    const JobId id = enqueue("slow");
    start();
    EXPECT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
    return id;
  }
};

TEST_F(EngineStopTest, WhatRunsMayEndWithinThePatience) {
  const JobId id = start_with_slow();
  auto stopped = std::async(std::launch::async, [this] { return engine->stop(20s); });
  gate.open();
  EXPECT_EQ(stopped.get(), 0U);
  EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_F(EngineStopTest, WhatRunsLongerIsGivenBackWithoutLossOfAnAttempt) {
  const JobId id = start_with_slow();
  EXPECT_EQ(engine->stop(10ms), 1U);
  EXPECT_EQ(state(id), JobState::kAvailable);
  EXPECT_EQ(record(id).attempt, 0);
  EXPECT_EQ(record(id).error, "");
}

TEST_F(EngineStopTest, CoroutineIsCancelledAndGivenBack) {
  add_async("wait", [this](const ClaimedJob&, JobContext& job) -> loop::Task<std::string> {
    ++runs;
    co_await job.sleep(1h);
    co_return "1";
  });
  const JobId id = enqueue("wait");
  start();
  ASSERT_TRUE(eventually([this] { return runs == 1; }));
  EXPECT_EQ(engine->stop(10ms), 1U);
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_F(EngineStopTest, WhatEndsWellThoughAskedToStopHasSucceeded) {
  add("deaf", [this](const ClaimedJob&, JobContext& job) {
    ++runs;
    while (!job.is_stop_requested()) std::this_thread::sleep_for(1ms);
    return std::string("1");
  });
  const JobId id = enqueue("deaf");
  start();
  ASSERT_TRUE(eventually([this] { return runs == 1; }));
  EXPECT_EQ(engine->stop(10ms), 1U);
  EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_F(EngineStopTest, WhatHasNotBegunIsGivenBack) {
  options.queues = {{"default", 3}};
  options.workers = 1;
  const std::vector<JobId> all = enqueue_many("slow", 3);
  start();
  ASSERT_TRUE(eventually([&] { return state(all[2]) == JobState::kRunning && gate.arrivals() == 1; }));
  EXPECT_EQ(engine->stop(10ms), 3U);
  for (const JobId& id : all) {
    EXPECT_EQ(state(id), JobState::kAvailable);
    EXPECT_EQ(record(id).attempt, 0);
  }
  EXPECT_EQ(gate.arrivals(), 1);
}

TEST_F(EngineStopTest, CheckpointOfWhatIsGivenBackIsKept) {
  add("resume", [this](const ClaimedJob& claimed, JobContext& job) {
    if (!claimed.checkpoint.empty()) return claimed.checkpoint;
    job.save_checkpoint("page 7");
    gate.pass(job);
    return std::string();
  });
  const JobId id = enqueue("resume");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  EXPECT_EQ(engine->stop(0ms), 1U);
  start();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(record(id).result, "page 7");
}

TEST_F(EngineStopTest, NothingNewIsClaimed) {
  const JobId running = start_with_slow();
  engine->begin_stop();
  const JobId id = enqueue("count");
  engine->wake();
  gate.open();
  EXPECT_EQ(engine->stop(20s), 0U);
  EXPECT_EQ(state(running), JobState::kCompleted);
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_F(EngineStopTest, WorkerTakesLeave) {
  start();
  EXPECT_EQ(workers(), 1U);
  engine->stop(20s);
  EXPECT_EQ(workers(), 0U);
}

TEST_F(EngineStopTest, EngineThatHasStoppedStopsAgainAtOnce) {
  start();
  EXPECT_EQ(engine->stop(20s), 0U);
  engine->begin_stop();
  EXPECT_EQ(engine->stop(20s), 0U);
}

TEST_F(EngineStopTest, EngineThatHasStoppedStartsAgain) {
  start();
  engine->stop(20s);
  const JobId id = enqueue("count");
  engine->start();
  EXPECT_EQ(workers(), 1U);
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

TEST_F(EngineStopTest, EngineThatWasNeverStartedEnds) {
  engine = make();
  engine->begin_stop();
  engine->wake();
  engine->cancel({7, 7});
  EXPECT_EQ(engine->stop(20s), 0U);
}

TEST_F(EngineStopTest, WakesAfterTheStopDoNothing) {
  start();
  engine->stop(20s);
  const JobId id = enqueue("count");
  engine->wake();
  engine->cancel(id);
  engine.reset();
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_F(EngineStopTest, OtherThreadsMayWakeAndCancelWhileItStops) {
  for (int round = 0; round < 8; ++round) {
    start();
    const JobId id = enqueue("count");
    std::atomic<bool> is_over{false};
    std::thread waker([&] {
      while (!is_over) {
        engine->wake();
        engine->cancel(id);
        std::this_thread::yield();
      }
    });
    EXPECT_TRUE(eventually([&] { return is_final(state(id)); }));  // it has run, or was cancelled before
    engine->stop(20s);
    is_over = true;
    waker.join();
  }
}

TEST_F(EngineStopTest, DestructionStopsAtOnce) {
  const JobId id = start_with_slow();
  engine.reset();
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_F(EngineStopTest, TwoEnginesOfOneStoreShareTheJobs) {
  const std::vector<JobId> all = enqueue_many("count", 500);
  other_engine = make();
  start();
  other_engine->start();
  EXPECT_TRUE(all_become(all, JobState::kCompleted));
  EXPECT_EQ(runs, 500);
}

}  // namespace
}  // namespace weir::jobs
