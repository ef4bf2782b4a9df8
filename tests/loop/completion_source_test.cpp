// SPDX-License-Identifier: MIT
#include <weir/loop/completion_source.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <weir/base/unique_function.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <thread>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class CompletionSourceTest : public CoroutineTest {
 protected:
  Task<void> note(CompletionWait<std::string> wait) {
    const std::string text = co_await std::move(wait);
    log += text + ";";
  }
};

TEST_F(CompletionSourceTest, MayBeDoneBeforeItIsAwaited) {
  auto [done, wait] = completion<std::string>();
  done("early");
  spawn(noted("it", note(std::move(wait))));
  EXPECT_EQ(log, "early;it ok;");
}

TEST_F(CompletionSourceTest, MayBeDoneWhileItIsAwaited) {
  auto [done, wait] = completion<std::string>();
  spawn(noted("it", note(std::move(wait))));
  EXPECT_EQ(log, "");
  base::UniqueFunction<void(std::string)> callback = std::move(done);
  callback("later");
  EXPECT_EQ(log, "") << "whoever is done is not interrupted by it";
  loop.run_once();
  EXPECT_EQ(log, "later;it ok;");
}

TEST_F(CompletionSourceTest, OfNothingAndOfWhatCannotBeCopied) {
  auto [signal, signalled] = completion<void>();
  auto [done, wait] = completion<std::unique_ptr<int>>();
  const auto both = [](CompletionWait<void> first, CompletionWait<std::unique_ptr<int>> second,
                       std::string* out) -> Task<void> {
    co_await std::move(first);
    const std::unique_ptr<int> number = co_await std::move(second);
    *out += std::to_string(*number);
  };
  spawn(both(std::move(signalled), std::move(wait), &log));
  signal();
  done(std::make_unique<int>(7));
  loop.run_once();
  EXPECT_EQ(log, "7");
}

TEST_F(CompletionSourceTest, AFailureIsThrown) {
  auto [done, wait] = completion<std::string>();
  spawn(noted("it", note(std::move(wait))));
  done.fail(std::make_exception_ptr(std::runtime_error("no device")));
  loop.run_once();
  EXPECT_EQ(log, "it: no device;");
}

TEST_F(CompletionSourceTest, ADroppedOneIsBroken) {
  auto [done, wait] = completion<std::string>();
  spawn(noted("it", note(std::move(wait))));
  { const auto dropped = std::move(done); }
  loop.run_once();
  EXPECT_EQ(log, "it: the completion was dropped without a result;");
}

TEST_F(CompletionSourceTest, AStopEndsTheWaitAndALateResultIsDropped) {
  auto [done, wait] = completion<std::string>();
  spawn(noted("it", note(std::move(wait))));
  request_stop();
  EXPECT_EQ(log, "it cancelled;");
  done("late");
  loop.run_once();
  EXPECT_EQ(log, "it cancelled;");
}

TEST_F(CompletionSourceTest, AResultOnItsWayIsNotLostByAStop) {
  auto [done, wait] = completion<std::string>();
  spawn(noted("it", note(std::move(wait))));
  done("just in time");
  request_stop();
  EXPECT_EQ(log, "just in time;it ok;");
}

TEST_F(CompletionSourceTest, ALateResultTouchesNoLoop) {
  auto own_loop = std::make_unique<Loop>();
  auto [done, wait] = completion<std::string>();
  const auto held = std::make_shared<Task<void>>(noted("it", note(std::move(wait))));
  held->set_stop_source(&stop);
  ASSERT_TRUE(own_loop->try_post([this, held] { scope.spawn(std::move(*held)); }));
  ASSERT_TRUE(own_loop->try_post([this] { stop.request_stop(); }));
  while (scope.running() > 0) own_loop->run_once();
  own_loop.reset();
  std::thread([late = std::move(done)]() mutable { late("late"); }).join();
  EXPECT_EQ(log, "it cancelled;");
}

TEST_F(CompletionSourceTest, NobodyNeedsToAwaitIt) {
  auto ends = std::make_unique<CompletionEnds<std::string>>(completion<std::string>());
  auto done = std::move(ends->done);
  ends.reset();
  done("for nobody");
}

TEST(CompletionSourceDeathTest, ASecondCallAborts) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto [done, wait] = completion<int>();
  done(1);
  EXPECT_DEATH(done(2), "state_ != nullptr");
}

// What a C library looks like: a function pointer, a void pointer, and a thread of its own.
void read_device(void (*callback)(void* user, int value), void* user, int value) {
  std::thread([=] { callback(user, value); }).detach();
}

TEST_F(CompletionSourceTest, ServesACallbackOfACLibrary) {
  using Done = CompletionDone<int>;
  const auto read = [](std::string* out) -> Task<void> {
    auto [done, wait] = completion<int>();
    constexpr auto kOnRead = [](void* user, int value) {
      const std::unique_ptr<Done> owned(static_cast<Done*>(user));
      (*owned)(value);
    };
    read_device(kOnRead, new Done(std::move(done)), 7);
    const int value = co_await std::move(wait);
    *out += std::to_string(value);
  };
  spawn(read(&log));
  while (scope.running() > 0) loop.run_for_event(100ms);
  EXPECT_EQ(log, "7");
}

// Threads that are done at any moment of the wait, stops that come at the same time, and loops that end right after.
TEST(CompletionSourceThreadTest, DoneAndStopsMayRace) {
  constexpr int kRounds = 100;
  constexpr int kCalls = 8;
  std::atomic<int> kept = 0;
  int received = 0;
  int cancelled = 0;
  const auto receive = [](CompletionWait<std::shared_ptr<int>> wait, int* values, int* stops) -> Task<void> {
    try {
      const std::shared_ptr<int> value = co_await std::move(wait);
      *values += *value;
    } catch (const Cancelled&) {
      ++*stops;
    }
  };
  for (int round = 0; round < kRounds; ++round) {
    std::array<std::thread, kCalls> threads;
    std::atomic<bool> is_go = false;
    {
      Loop loop;
      StopSource stop;
      TaskScope scope;
      ASSERT_TRUE(loop.try_post([&] {
        for (std::thread& thread : threads) {
          auto [done, wait] = completion<std::shared_ptr<int>>();
          thread = std::thread([&kept, &is_go, own = std::move(done)]() mutable {
            is_go.wait(false);
            own(std::shared_ptr<int>(new int(1), [&kept](int* value) {
              ++kept;
              delete value;
            }));
          });
          Task<void> task = receive(std::move(wait), &received, &cancelled);
          task.set_stop_source(&stop);
          scope.spawn(std::move(task));
        }
        is_go = true;
        is_go.notify_all();
      }));
      ASSERT_TRUE(loop.try_post([&] {
        if (round % 2 == 0) std::this_thread::yield();
        stop.request_stop();
      }));
      loop.run_once();
      while (scope.running() > 0) loop.run_for_event(std::chrono::milliseconds(100));
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(received + cancelled, kRounds * kCalls);
  EXPECT_EQ(kept, kRounds * kCalls) << "every result was destroyed, received or not";
}

}  // namespace
}  // namespace weir::loop
