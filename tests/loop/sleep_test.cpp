// SPDX-License-Identifier: MIT
#include <weir/base/clock.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/task_scope.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class SleepTest : public testing::Test {
 protected:
  // Coroutines start within a callback of the loop.
  void spawn(Task<void> task) {
    auto* const held = new Task<void>(std::move(task));
    ASSERT_TRUE(loop.try_post([this, held] {
      scope.spawn(std::move(*held));
      delete held;
    }));
    loop.run_once();
  }
  void advance(std::chrono::nanoseconds by) {
    clock.advance(by);
    loop.run_once();
  }

  base::ManualClock clock;
  Loop loop{{.clock = &clock}};
  StopSource stop;
  std::string log;
  TaskScope scope;
};

Task<void> sleep_and_log(std::chrono::nanoseconds duration, std::string& log) {
  try {
    co_await sleep(duration);
    log += "slept;";
  } catch (const Cancelled&) {
    log += "cancelled;";
    throw;
  }
}

TEST_F(SleepTest, ResumesWhenTheTimeHasPassedAndNotBefore) {
  spawn(sleep_and_log(50ms, log));
  advance(49ms);
  EXPECT_EQ(log, "");
  advance(1ms);
  EXPECT_EQ(log, "slept;");
}

TEST_F(SleepTest, AStopEndsItWithCancelled) {
  Task<void> task = sleep_and_log(1h, log);
  task.set_stop_source(&stop);
  spawn(std::move(task));
  stop.request_stop();
  EXPECT_EQ(log, "") << "whoever asks for the stop is not interrupted by it";
  loop.run_once();
  EXPECT_EQ(log, "cancelled;");
  EXPECT_EQ(scope.running(), 0U);
}

TEST_F(SleepTest, AnAwaitedTaskInheritsWhatStopsIt) {
  const auto outer = [](std::string& out) -> Task<void> { co_await sleep_and_log(1h, out); };
  Task<void> task = outer(log);
  task.set_stop_source(&stop);
  spawn(std::move(task));
  stop.request_stop();
  loop.run_once();
  EXPECT_EQ(log, "cancelled;");
}

TEST_F(SleepTest, AfterAStopItDoesNotEvenBegin) {
  stop.request_stop();
  Task<void> task = sleep_and_log(1h, log);
  task.set_stop_source(&stop);
  spawn(std::move(task));
  EXPECT_EQ(log, "cancelled;");
}

TEST_F(SleepTest, AStopInTheTurnOfTheExpiryIsTooLate) {
  Task<void> task = sleep_and_log(10ms, log);
  task.set_stop_source(&stop);
  spawn(std::move(task));
  advance(10ms);
  stop.request_stop();
  loop.run_once();
  EXPECT_EQ(log, "slept;");
}

}  // namespace
}  // namespace weir::loop
