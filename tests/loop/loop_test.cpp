// SPDX-License-Identifier: MIT
#include <weir/loop/loop.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

// Tells which of several came when.
class Recorder final : public Completion {
 public:
  Recorder(std::vector<int>& order, int number) : order_(order), number_(number) {}
  ~Recorder() override = default;

 private:
  void on_loop() noexcept override { order_.push_back(number_); }
  std::vector<int>& order_;
  int number_;
};

class CountingTimer final : public Timer {
 public:
  explicit CountingTimer(Loop& loop, std::function<void()> then = {}) : Timer(loop.timers()), then_(std::move(then)) {}
  ~CountingTimer() override = default;
  int fired = 0;

 private:
  void on_expiry() noexcept override {
    ++fired;
    if (then_) then_();
  }
  std::function<void()> then_;
};

TEST(LoopTest, PostedWorkRunsInOrder) {
  Loop loop;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(loop.try_post([&order, i] { order.push_back(i); }));
  loop.run_once();
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(LoopTest, PostsOfEachThreadStayInOrder) {
  Loop loop;
  constexpr int kThreads = 4;
  constexpr int kPosts = 500;
  std::vector<std::vector<int>> seen(kThreads);
  int total = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        const bool is_taken = loop.try_post([&, t, i] {
          seen[t].push_back(i);
          if (++total == kThreads * kPosts) loop.stop();
        });
        EXPECT_TRUE(is_taken);
      }
    });
  }
  loop.run();
  for (auto& thread : threads) thread.join();
  for (const auto& of_thread : seen) {
    ASSERT_EQ(of_thread.size(), static_cast<std::size_t>(kPosts));
    EXPECT_TRUE(std::is_sorted(of_thread.begin(), of_thread.end()));
  }
}

TEST(LoopTest, WorkThatPostsRunsInALaterBatch) {
  Loop loop;
  std::vector<int> order;
  ASSERT_TRUE(loop.try_post([&] {
    ASSERT_TRUE(loop.try_post([&order] { order.push_back(2); }));
    order.push_back(1);
  }));
  loop.run_for_event(1s);
  loop.run_once();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(LoopTest, BeyondTheBoundPostsAreRefusedAndCounted) {
  Loop loop({.post_capacity = 2});
  int ran = 0;
  EXPECT_TRUE(loop.try_post([&ran] { ++ran; }));
  EXPECT_TRUE(loop.try_post([&ran] { ++ran; }));
  EXPECT_FALSE(loop.try_post([&ran] { ++ran; }));
  EXPECT_EQ(loop.posts_refused(), 1U);
  loop.run_once();
  EXPECT_EQ(ran, 2);
}

TEST(LoopTest, AFullQueueTakesPostsAgainOnceItRan) {
  Loop loop({.post_capacity = 1});
  ASSERT_TRUE(loop.try_post([] {}));
  ASSERT_FALSE(loop.try_post([] {}));
  loop.run_once();
  EXPECT_TRUE(loop.try_post([] {}));
}

TEST(LoopTest, ARefusedPostDropsItsWork) {
  Loop loop({.post_capacity = 1});
  const auto token = std::make_shared<int>();
  ASSERT_TRUE(loop.try_post([] {}));
  ASSERT_FALSE(loop.try_post([token] {}));
  EXPECT_EQ(token.use_count(), 1);
}

TEST(LoopTest, CompletionsArriveWhenPostsAreRefused) {
  Loop loop({.post_capacity = 1});
  ASSERT_TRUE(loop.try_post([] {}));
  ASSERT_FALSE(loop.try_post([] {}));
  std::vector<int> order;
  Recorder first(order, 1);
  Recorder second(order, 2);
  loop.complete(first);
  loop.complete(second);
  loop.run_once();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(LoopTest, WhatWasPostedBeforeACompletionRunsBeforeIt) {
  Loop loop;
  std::vector<int> order;
  Recorder completion(order, 2);
  ASSERT_TRUE(loop.try_post([&order] { order.push_back(1); }));
  loop.complete(completion);
  loop.run_once();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(LoopTest, ACompletionMayDestroyItself) {
  class Once final : public Completion {
   public:
    explicit Once(bool& is_destroyed) : is_destroyed_(is_destroyed) {}
    ~Once() override { is_destroyed_ = true; }

   private:
    void on_loop() noexcept override { delete this; }
    bool& is_destroyed_;
  };
  Loop loop;
  bool is_first_gone = false;
  bool is_second_gone = false;
  loop.complete(*new Once(is_first_gone));
  loop.complete(*new Once(is_second_gone));
  loop.run_once();
  EXPECT_TRUE(is_first_gone && is_second_gone);
}

TEST(LoopTest, StopFromAnotherThreadEndsARunningLoop) {
  Loop loop;
  std::promise<void> is_running;
  ASSERT_TRUE(loop.try_post([&is_running] { is_running.set_value(); }));
  auto runner = std::async(std::launch::async, [&loop] { loop.run(); });
  is_running.get_future().wait();
  loop.stop();
  EXPECT_EQ(runner.wait_for(10s), std::future_status::ready);
}

TEST(LoopTest, AStopBeforeTheRunEndsItAtOnce) {
  Loop loop;
  loop.stop();
  loop.run();
  SUCCEED();
}

TEST(LoopTest, AStoppedLoopRunsAgain) {
  Loop loop;
  for (int i = 0; i < 3; ++i) {
    bool ran = false;
    ASSERT_TRUE(loop.try_post([&] {
      ran = true;
      loop.stop();
    }));
    loop.run();
    EXPECT_TRUE(ran);
  }
}

TEST(LoopTest, OneWakeUpServesAThousandPosts) {
  Loop loop;
  int ran = 0;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(loop.try_post([&ran] { ++ran; }));
  loop.run_once();
  EXPECT_EQ(ran, 1000);
}

TEST(LoopTest, APostAfterABatchWakesTheLoopAgain) {
  Loop loop;
  int ran = 0;
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(loop.try_post([&ran] { ++ran; }));
    loop.run_for_event(10s);
    EXPECT_EQ(ran, i);
  }
}

TEST(LoopTest, WithAManualClockTimersFireInTheTurnAfterItMoved) {
  base::ManualClock clock;
  Loop loop({.clock = &clock});
  CountingTimer timer(loop);
  timer.arm_at(loop.now() + 1h);
  loop.run_once();
  EXPECT_EQ(timer.fired, 0);
  clock.advance(1h + TimerWheel::kTick);
  loop.run_once();
  EXPECT_EQ(timer.fired, 1);
}

TEST(LoopTest, WithTheSystemClockTimersFireByThemselves) {
  Loop loop;
  CountingTimer timer(loop, [&loop] { loop.stop(); });
  const auto before = std::chrono::steady_clock::now();
  timer.arm_at(loop.now() + 30ms);
  loop.run();
  EXPECT_EQ(timer.fired, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 28ms);  // libuv's time is rounded down to milliseconds
}

TEST(LoopTest, ATimerArmedByATimerFiresToo) {
  Loop loop;
  CountingTimer second(loop, [&loop] { loop.stop(); });
  CountingTimer first(loop, [&] { second.arm_at(loop.now() + 1ms); });
  first.arm_at(loop.now() + 1ms);
  loop.run();
  EXPECT_EQ(second.fired, 1);
}

TEST(LoopTest, AnEarlierTimerDoesNotWaitForALaterOne) {
  Loop loop;
  CountingTimer late(loop);
  CountingTimer early(loop, [&loop] { loop.stop(); });
  late.arm_at(loop.now() + 1h);
  loop.run_once();
  early.arm_at(loop.now() + 1ms);
  loop.run();
  EXPECT_EQ(early.fired, 1);
  EXPECT_EQ(late.fired, 0);
}

TEST(LoopTest, TheThreadOfTheLoopIsTheOneThatRunsIt) {
  Loop loop;
  bool is_inside = false;
  ASSERT_TRUE(loop.try_post([&] {
    is_inside = loop.in_loop_thread();
    loop.stop();
  }));
  std::thread([&loop] { loop.run(); }).join();
  EXPECT_TRUE(is_inside);
  EXPECT_FALSE(loop.in_loop_thread());
}

TEST(LoopTest, WaitingForAnEventEndsWithTheFirst) {
  Loop loop;
  bool ran = false;
  std::thread other([&] { EXPECT_TRUE(loop.try_post([&ran] { ran = true; })); });
  while (!ran) loop.run_for_event(10s);
  other.join();
  EXPECT_TRUE(ran);
}

TEST(LoopTest, WaitingForAnEventThatDoesNotComeEnds) {
  Loop loop;
  loop.run_for_event(1ms);
  EXPECT_FALSE(loop.run_once());
}

TEST(LoopTest, WorkThatNeverRanIsNotLeaked) {
  const auto token = std::make_shared<int>();
  std::vector<int> order;
  Recorder completion(order, 1);
  {
    Loop loop;
    ASSERT_TRUE(loop.try_post([token] {}));
    loop.complete(completion);
  }
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(order, (std::vector<int>{1}));
}

TEST(LoopTest, TheReadSlabHoldsAtLeastALargestHead) {
  Loop loop;
  EXPECT_GE(loop.read_slab().size(), 64U * 1024);
}

}  // namespace
}  // namespace weir::loop
