// SPDX-License-Identifier: MIT
#include <weir/exec/call_driver.hpp>

#include "pool_fixture.hpp"

#include <weir/loop/sleep.hpp>
#include <weir/loop/task_scope.hpp>

#include <atomic>
#include <string>
#include <thread>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;
using loop::Task;

/// Drives one task, as a handler's call does: it is told of the end by the coroutine itself.
class Call {
 public:
  void run(loop::Loop& loop, Task<void> task, base::TimePoint deadline = base::TimePoint::max()) {
    task.set_stop_source(&driver.stop_source());
    driver.drive(loop, deadline, [&] { scope_.spawn(finish(std::move(task), &driver)); });
  }
  CallDriver driver;

 private:
  static Task<void> finish(Task<void> task, CallDriver* driver) {
    co_await std::move(task);
    driver->end();
  }
  loop::TaskScope scope_;
};

Task<void> note(std::string* log, std::string text) {
  log->append(text);
  co_return;
}

Task<void> sleep_and_note(std::chrono::nanoseconds duration, std::string* log) {
  try {
    co_await loop::sleep(duration);
    log->append("slept;");
  } catch (const loop::Cancelled&) {
    log->append("cancelled;");
  }
}

TEST(CallDriverTest, ReturnsAfterACoroutineThatNeverWaits) {
  loop::Loop loop;
  std::string log;
  Call().run(loop, note(&log, "done"));
  EXPECT_EQ(log, "done");
}

TEST(CallDriverTest, DrivesWhatTheCoroutineWaitsForOnTheCallingThread) {
  loop::Loop loop;
  std::string log;
  Call().run(loop, sleep_and_note(1ms, &log));
  EXPECT_EQ(log, "slept;");
}

TEST(CallDriverTest, AtTheDeadlineTheCoroutineIsAskedToStop) {
  loop::Loop loop;
  std::string log;
  Call().run(loop, sleep_and_note(1h, &log), loop.clock().now() + 1ms);
  EXPECT_EQ(log, "cancelled;");
}

TEST(CallDriverTest, AnotherThreadMayAskItToStop) {
  loop::Loop loop;
  std::string log;
  Call call;
  std::thread other([&call] { call.driver.request_stop(); });  // before, while or after it is driven
  call.run(loop, sleep_and_note(1h, &log));
  other.join();
  EXPECT_EQ(log, "cancelled;");
}

TEST(CallDriverTest, AStopBeforeItBeginsIsNotForgotten) {
  loop::Loop loop;
  std::string log;
  Call call;
  call.driver.request_stop();
  call.run(loop, sleep_and_note(1h, &log));
  EXPECT_EQ(log, "cancelled;");
}

TEST(CallDriverTest, ManyStopsThatRaceWithTheEndLeaveNothingBehind) {
  loop::Loop loop;
  for (int round = 0; round < 200; ++round) {
    std::string log;
    Call call;
    std::thread other([&call] { call.driver.request_stop(); });
    call.run(loop, round % 2 == 0 ? note(&log, "done") : sleep_and_note(1us * round, &log));
    other.join();
    EXPECT_FALSE(log.empty());
  }
}

// The clock moves once the task sleeps.
Task<void> sleep_while_the_clock_moves(base::ManualClock* clock) {
  EXPECT_TRUE(loop::Loop::current().try_post([clock] { clock->advance(2h); }));
  co_await loop::sleep(1h);
}

TEST(CallDriverTest, FollowsAManualClock) {
  base::ManualClock clock;
  loop::Loop loop({.clock = &clock});
  Call().run(loop, sleep_while_the_clock_moves(&clock));
  EXPECT_EQ(clock.now(), base::ManualClock().now() + 2h);
}

TEST(CallDriverTest, WorksWithinACallbackOfAnotherLoop) {
  loop::Loop outer;
  loop::Loop inner;
  std::string log;
  ASSERT_TRUE(outer.try_post([&] { Call().run(inner, sleep_and_note(1ms, &log)); }));
  outer.run_once();
  EXPECT_EQ(log, "slept;");
}

using CallDriverPoolTest = PoolTest;

Task<void> note_thread_after_a_sleep(std::thread::id* thread) {
  co_await loop::sleep(1ms);
  *thread = std::this_thread::get_id();
}

TEST_F(CallDriverPoolTest, DrivesOnAWorkersPrivateLoop) {
  WorkerPool pool({"test", {.workers = 1}, base::SystemClock::instance(), log, metrics});
  const SourceId source = pool.add_source("route");
  std::thread::id worker_thread;
  std::thread::id resumed_on;
  TestItem item(home, [&](Worker& worker) {
    worker_thread = std::this_thread::get_id();
    Call().run(worker.private_loop(), note_thread_after_a_sleep(&resumed_on));
  });
  ASSERT_EQ(pool.try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  EXPECT_EQ(resumed_on, worker_thread);
  EXPECT_NE(resumed_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace weir::exec
