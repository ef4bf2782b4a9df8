// SPDX-License-Identifier: MIT
// What a pool refuses, what it says then, and what it counts.
#include "pool_fixture.hpp"

#include <vector>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;

// A pool whose only worker is busy, so that everything else waits.
class AdmissionTest : public PoolTest {
 protected:
  void TearDown() override {
    if (pool == nullptr) return;
    if (blocker.runs() == 1 && blocker.homecomings() == 0) {
      blocker.release();
      run_until_home(blocker);
    }
    run_until([this] {
      for (const auto& item : items) {
        if (item->homecomings() == 0) return false;
      }
      return true;
    });
  }

  void start(PoolOptions options) {
    options.workers = 1;
    pool = make_pool(options);
    source = pool->add_source("first");
    ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
    blocker.await_start();
  }

  Admission submit() { return submit(source); }
  Admission submit(SourceId from) {
    auto item = std::make_unique<TestItem>(home);
    const Admission admission = pool->try_submit(*item, from);
    if (admission == Admission::kAdmitted) items.push_back(std::move(item));
    return admission;
  }

  std::unique_ptr<WorkerPool> pool;
  SourceId source = 0;
  Blocker blocker{home};
  std::vector<std::unique_ptr<TestItem>> items;
};

TEST_F(AdmissionTest, TheQueueIsBounded) {
  start({.queue = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pool->ask(source), Admission::kAdmitted);
    EXPECT_EQ(submit(), Admission::kAdmitted);
  }
  EXPECT_EQ(metric("weir_pool_queue_depth"), 3);
  EXPECT_EQ(shed("queue-full"), 0);
  EXPECT_EQ(pool->ask(source), Admission::kQueueFull);
  EXPECT_EQ(submit(), Admission::kQueueFull);
  EXPECT_EQ(shed("queue-full"), 2);
  EXPECT_EQ(metric("weir_pool_queue_depth"), 3);
}

TEST_F(AdmissionTest, ARefusedItemIsLeftAlone) {
  start({.queue = 1});
  ASSERT_EQ(submit(), Admission::kAdmitted);
  TestItem refused(home);
  ASSERT_EQ(pool->try_submit(refused, source), Admission::kQueueFull);
  EXPECT_FALSE(pool->try_remove(refused));
  blocker.release();
  run_until_home(*items.front());
  EXPECT_EQ(refused.runs(), 0);
  EXPECT_EQ(refused.homecomings(), 0);
  ASSERT_EQ(pool->try_submit(refused, source), Admission::kAdmitted);
  run_until_home(refused);
}

TEST_F(AdmissionTest, APlaceThatIsFreeAgainIsGivenAway) {
  start({.queue = 2});
  ASSERT_EQ(submit(), Admission::kAdmitted);
  ASSERT_EQ(submit(), Admission::kAdmitted);
  ASSERT_EQ(submit(), Admission::kQueueFull);
  ASSERT_TRUE(pool->try_remove(*items.back()));
  items.pop_back();
  EXPECT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kQueueFull);
}

TEST_F(AdmissionTest, ALoneSourceMayFillTheQueue) {
  start({.queue = 4});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kQueueFull);
}

TEST_F(AdmissionTest, OneOfTwoSourcesGetsHalfOfTheQueue) {
  start({.queue = 5});
  const SourceId second = pool->add_source("second");
  EXPECT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(pool->ask(source), Admission::kShareFull);
  EXPECT_EQ(submit(), Admission::kShareFull);
  EXPECT_EQ(shed("share"), 2);
  EXPECT_EQ(submit(second), Admission::kAdmitted);
  EXPECT_EQ(submit(second), Admission::kAdmitted);
  EXPECT_EQ(submit(second), Admission::kShareFull);
}

TEST_F(AdmissionTest, AShareIsFreedByRemoval) {
  start({.queue = 4});
  pool->add_source("second");
  ASSERT_EQ(submit(), Admission::kAdmitted);
  ASSERT_EQ(submit(), Admission::kAdmitted);
  ASSERT_EQ(submit(), Admission::kShareFull);
  ASSERT_TRUE(pool->try_remove(*items.front()));
  items.erase(items.begin());
  EXPECT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kShareFull);
}

TEST_F(AdmissionTest, AShareIsFreedByAWorker) {
  start({.queue = 2});
  pool->add_source("second");
  ASSERT_EQ(submit(), Admission::kAdmitted);
  ASSERT_EQ(submit(), Admission::kShareFull);
  blocker.release();
  run_until_home(*items.front());
  EXPECT_EQ(submit(), Admission::kAdmitted);
}

TEST_F(AdmissionTest, EachSourceHasAtLeastOnePlace) {
  start({.queue = 1});
  const SourceId second = pool->add_source("second");
  EXPECT_EQ(submit(second), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kQueueFull);
}

TEST_F(AdmissionTest, NothingJoinsAQueueThatHasStoodTooLong) {
  start({.queue = 10, .max_wait = 200ms});
  ASSERT_EQ(submit(), Admission::kAdmitted);
  clock.advance(200ms);
  EXPECT_EQ(pool->ask(source), Admission::kAdmitted);
  EXPECT_EQ(submit(), Admission::kAdmitted);
  clock.advance(1ns);
  EXPECT_EQ(pool->ask(source), Admission::kWaitTooLong);
  EXPECT_EQ(submit(), Admission::kWaitTooLong);
  EXPECT_EQ(shed("max-wait"), 2);
  // The next oldest has waited for a nanosecond.
  ASSERT_TRUE(pool->try_remove(*items.front()));
  items.erase(items.begin());
  EXPECT_EQ(pool->ask(source), Admission::kAdmitted);
}

TEST_F(AdmissionTest, AnEmptyQueueAdmitsHoweverLongItsWorkersRun) {
  start({.queue = 10, .max_wait = 200ms});
  clock.advance(1h);
  EXPECT_EQ(pool->ask(source), Admission::kAdmitted);
}

TEST_F(AdmissionTest, RetryAfterIsASecondAtLeast) {
  start({.queue = 10});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool->retry_after(), 1s);
}

TEST_F(AdmissionTest, RetryAfterIsHalfAMinuteAtMost) {
  start({.queue = 1000});
  for (int i = 0; i < 100; ++i) ASSERT_EQ(submit(), Admission::kAdmitted);
  clock.advance(10s);  // the age of what runs stands for the run time, as nothing has ended yet
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(pool->retry_after(), 30s);
    EXPECT_GE(pool->retry_after(), 18s);
  }
}

TEST_F(AdmissionTest, RetryAfterFollowsQueueAndRunTimeWithJitter) {
  start({.queue = 10});
  clock.advance(2s);
  blocker.release();  // a run of 2 s
  run_until_home(blocker);
  Blocker next(home);
  ASSERT_EQ(pool->try_submit(next, source), Admission::kAdmitted);
  next.await_start();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(submit(), Admission::kAdmitted);
  std::vector<int> seen(31);
  for (int i = 0; i < 1000; ++i) ++seen.at(static_cast<std::size_t>(pool->retry_after().count()));
  // (3 + 1) * 2 s / 1 worker = 8 s, give or take a quarter, rounded up.
  for (std::size_t s = 0; s < seen.size(); ++s) EXPECT_EQ(seen[s] > 0, s >= 7 && s <= 10) << s;
  next.release();
  run_until_home(next);
}

TEST_F(AdmissionTest, OverdueWorkersAreLostCapacity) {
  pool = make_pool({.workers = 2, .queue = 10});
  source = pool->add_source("slow");
  blocker.deadline = clock.now() + 1s;
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  Blocker other(home);
  other.deadline = clock.now() + 2s;
  ASSERT_EQ(pool->try_submit(other, source), Admission::kAdmitted);
  other.await_start();
  clock.advance(999ms);
  EXPECT_EQ(pool->retry_after(), 1s);  // 1 * 0.999 s / 2
  EXPECT_EQ(metric("weir_pool_overdue"), 0);
  clock.advance(1ms);
  EXPECT_LE(pool->retry_after(), 2s);  // 1 * 1 s / 1
  EXPECT_EQ(metric("weir_pool_overdue"), 1);
  clock.advance(1s);
  EXPECT_GE(pool->retry_after(), 18s);  // nobody is left
  EXPECT_EQ(metric("weir_pool_overdue"), 2);
  other.release();
  run_until_home(other);
  EXPECT_EQ(metric("weir_pool_overdue"), 1);
  blocker.release();
  run_until_home(blocker);
  EXPECT_EQ(metric("weir_pool_overdue"), 0);
}

TEST_F(AdmissionTest, OverdueWorkIsNoticedByWhatComesAfterIt) {
  blocker.deadline = clock.now() + 1s;
  start({.queue = 10});
  clock.advance(2s);
  EXPECT_EQ(metric("weir_pool_overdue"), 0);
  ASSERT_EQ(submit(), Admission::kAdmitted);
  EXPECT_EQ(metric("weir_pool_overdue"), 1);
}

TEST_F(AdmissionTest, RunningNamesTheSourceAndTheTime) {
  start({.queue = 10});
  clock.advance(1500ms);
  const auto running = pool->running();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running.front().label, "first");
  EXPECT_EQ(running.front().for_how_long, 1500ms);
}

TEST_F(AdmissionTest, WaitAndRunTimesAreCounted) {
  start({.queue = 10});
  ASSERT_EQ(submit(), Admission::kAdmitted);
  clock.advance(3s);
  blocker.release();
  run_until_home(*items.front());
  EXPECT_EQ(metric("weir_pool_wait_seconds_count"), 2);
  EXPECT_EQ(metric("weir_pool_wait_seconds_sum"), 3);
  EXPECT_EQ(metric("weir_pool_wait_seconds_bucket", "le=\"0.001\""), 1);
  EXPECT_EQ(metric("weir_pool_run_seconds_count"), 2);
  EXPECT_EQ(metric("weir_pool_run_seconds_sum"), 3);
  EXPECT_EQ(metric("weir_pool_run_seconds_bucket", "le=\"10\""), 2);
  EXPECT_EQ(metric("weir_pool_queue_depth"), 0);
}

TEST_F(AdmissionTest, DroppedWorkHasNoRunTime) {
  start({.queue = 10});
  ASSERT_EQ(submit(), Admission::kAdmitted);
  items.front()->abandon();
  blocker.release();
  run_until_home(*items.front());
  EXPECT_EQ(metric("weir_pool_run_seconds_count"), 1);
  EXPECT_EQ(metric("weir_pool_wait_seconds_count"), 1);
}

}  // namespace
}  // namespace weir::exec
