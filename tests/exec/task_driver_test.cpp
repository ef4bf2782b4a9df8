// SPDX-License-Identifier: MIT
#include <weir/exec/task_driver.hpp>

#include "pool_fixture.hpp"

#include <weir/loop/sleep.hpp>
#include <weir/loop/stop_source.hpp>

#include <memory>
#include <stdexcept>
#include <thread>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;
using loop::Task;

Task<std::unique_ptr<int>> answer() {
  co_return std::make_unique<int>(42);
}

Task<std::thread::id> sleep_twice() {
  co_await loop::sleep(1ms);
  co_await loop::sleep(1ms);
  co_return std::this_thread::get_id();
}

Task<void> fail_after_a_sleep() {
  co_await loop::sleep(1ms);
  throw std::runtime_error("out of luck");
}

Task<void> sleep_for(std::chrono::nanoseconds duration) {
  co_await loop::sleep(duration);
}

TEST(TaskDriverTest, ReturnsWhatATaskReturnsThatNeverWaits) {
  loop::Loop loop;
  EXPECT_EQ(*TaskDriver(loop).run(answer()), 42);
}

TEST(TaskDriverTest, ATaskResumesOnTheCallingThread) {
  loop::Loop loop;
  EXPECT_EQ(TaskDriver(loop).run(sleep_twice()), std::this_thread::get_id());
}

TEST(TaskDriverTest, ThrowsWhatTheTaskThrows) {
  loop::Loop loop;
  TaskDriver driver(loop);
  EXPECT_THROW(driver.run(fail_after_a_sleep()), std::runtime_error);
  driver.run(sleep_for(1ms));  // and goes on working
}

TEST(TaskDriverTest, AStoppedTaskEndsAsCancelled) {
  loop::Loop loop;
  loop::StopSource stop;
  Task<void> task = sleep_for(1h);
  task.set_stop_source(&stop);
  ASSERT_TRUE(loop.try_post([&stop] { stop.request_stop(); }));
  EXPECT_THROW(TaskDriver(loop).run(std::move(task)), loop::Cancelled);
}

// The clock moves once the task sleeps.
Task<void> sleep_while_the_clock_moves(base::ManualClock* clock) {
  EXPECT_TRUE(loop::Loop::current().try_post([clock] { clock->advance(2h); }));
  co_await loop::sleep(1h);
}

TEST(TaskDriverTest, FollowsAManualClock) {
  base::ManualClock clock;
  loop::Loop loop({.clock = &clock});
  TaskDriver(loop).run(sleep_while_the_clock_moves(&clock));
  EXPECT_EQ(clock.now(), base::ManualClock().now() + 2h);
}

TEST(TaskDriverTest, WorksWithinACallbackOfAnotherLoop) {
  loop::Loop outer;
  loop::Loop inner;
  int value = 0;
  ASSERT_TRUE(outer.try_post([&] { value = *TaskDriver(inner).run(answer()); }));
  outer.run_once();
  EXPECT_EQ(value, 42);
}

using TaskDriverPoolTest = PoolTest;

TEST_F(TaskDriverPoolTest, DrivesOnAWorkersPrivateLoop) {
  WorkerPool pool({"test", {.workers = 1}, base::SystemClock::instance(), log, metrics});
  const SourceId source = pool.add_source("route");
  std::thread::id worker_thread;
  std::thread::id resumed_on;
  TestItem item(home, [&](Worker& worker) {
    worker_thread = std::this_thread::get_id();
    resumed_on = TaskDriver(worker.private_loop()).run(sleep_twice());
  });
  ASSERT_EQ(pool.try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  EXPECT_EQ(resumed_on, worker_thread);
  EXPECT_NE(resumed_on, std::this_thread::get_id());
}

TEST(TaskDriverDeathTest, ALoopIsNotDrivenWithinItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        loop::Loop loop;
        (void)loop.try_post([&loop] { (void)TaskDriver(loop).run(answer()); });
        loop.run_once();
      },
      "find_current");
}

}  // namespace
}  // namespace weir::exec
