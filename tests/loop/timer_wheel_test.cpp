// SPDX-License-Identifier: MIT
#include <weir/loop/timer_wheel.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;
using base::TimePoint;

constexpr TimePoint kStart{1h};
constexpr auto kTick = TimerWheel::kTick;

class TestTimer final : public Timer {
 public:
  explicit TestTimer(TimerWheel& wheel, std::function<void()> then = {}) : Timer(wheel), then_(std::move(then)) {}
  ~TestTimer() override = default;
  int fired = 0;

 private:
  void on_expiry() noexcept override {
    ++fired;
    // Moved out first: `then_` may destroy this timer.
    if (const auto then = then_) then();
  }
  std::function<void()> then_;
};

TEST(TimerWheelTest, ATimerDoesNotFireBeforeItsDeadline) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 100ms);
  wheel.advance(kStart + 99ms);
  EXPECT_EQ(timer.fired, 0);
  EXPECT_TRUE(timer.is_armed());
}

TEST(TimerWheelTest, ATimerFiresWithinOneTickAfterItsDeadline) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 100ms);
  wheel.advance(kStart + 100ms + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ADeadlineOnATickFiresExactlyThen) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 10 * kTick);
  wheel.advance(kStart + 10 * kTick - 1ns);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(kStart + 10 * kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ATimerFiresOnceAndIsDisarmedThen) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 1s);
  wheel.advance(kStart + 2s);
  wheel.advance(kStart + 10s);
  EXPECT_EQ(timer.fired, 1);
  EXPECT_FALSE(timer.is_armed());
}

TEST(TimerWheelTest, ADeadlineInThePastFiresAtTheNextTick) {
  TimerWheel wheel(kStart);
  wheel.advance(kStart + 1s);
  TestTimer timer(wheel);
  timer.arm_at(kStart);
  wheel.advance(kStart + 1s + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ADisarmedTimerDoesNotFire) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 1s);
  timer.disarm();
  EXPECT_FALSE(timer.is_armed());
  wheel.advance(kStart + 2s);
  EXPECT_EQ(timer.fired, 0);
}

TEST(TimerWheelTest, ADisarmedTimerCanBeArmedAgain) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 1s);
  timer.disarm();
  timer.arm_at(kStart + 3s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(kStart + 3s + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ADeadlineMovedOnFiresOnlyAtTheLaterTime) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  for (int i = 0; i < 100; ++i) timer.arm_at(kStart + 1s + i * 1s);
  wheel.advance(kStart + 99s);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(kStart + 100s + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ADeadlineMovedForwardFiresAtTheEarlierTime) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 1h);
  timer.arm_at(kStart + 1s);
  wheel.advance(kStart + 1s + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelTest, ADestroyedTimerDoesNotFire) {
  TimerWheel wheel(kStart);
  TestTimer first(wheel);
  auto destroyed = std::make_unique<TestTimer>(wheel);
  TestTimer last(wheel);
  first.arm_at(kStart + 1s);
  destroyed->arm_at(kStart + 1s);
  last.arm_at(kStart + 1s);
  destroyed.reset();
  wheel.advance(kStart + 2s);
  EXPECT_EQ(first.fired + last.fired, 2);
}

TEST(TimerWheelTest, ACallbackMayArmItsTimerAgain) {
  TimerWheel wheel(kStart);
  TestTimer* itself = nullptr;
  TimePoint next = kStart + 1s;
  TestTimer timer(wheel, [&] { itself->arm_at(next += 1s); });
  itself = &timer;
  timer.arm_at(next);
  wheel.advance(kStart + 5s + kTick);
  EXPECT_EQ(timer.fired, 5);
}

TEST(TimerWheelTest, ACallbackMayDestroyItsTimer) {
  TimerWheel wheel(kStart);
  std::unique_ptr<TestTimer> timer;
  timer = std::make_unique<TestTimer>(wheel, [&timer] { timer.reset(); });
  timer->arm_at(kStart + 1s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(timer, nullptr);
}

TEST(TimerWheelTest, ACallbackMayDestroyATimerThatIsDueWithIt) {
  TimerWheel wheel(kStart);
  std::unique_ptr<TestTimer> a;
  std::unique_ptr<TestTimer> b;
  int fired = 0;
  // Whichever comes first takes the other away.
  a = std::make_unique<TestTimer>(wheel, [&] { ++fired, b.reset(); });
  b = std::make_unique<TestTimer>(wheel, [&] { ++fired, a.reset(); });
  a->arm_at(kStart + 1s);
  b->arm_at(kStart + 1s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheelTest, ACallbackMayDisarmATimerThatIsDueWithIt) {
  TimerWheel wheel(kStart);
  TestTimer* timers[2] = {};
  TestTimer a(wheel, [&] { timers[1]->disarm(); });
  TestTimer b(wheel, [&] { timers[0]->disarm(); });
  timers[0] = &a;
  timers[1] = &b;
  a.arm_at(kStart + 1s);
  b.arm_at(kStart + 1s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(a.fired + b.fired, 1);
}

TEST(TimerWheelTest, ACallbackMayPutOffATimerThatIsDueWithIt) {
  TimerWheel wheel(kStart);
  TestTimer* timers[2] = {};
  TestTimer a(wheel, [&] { timers[1]->arm_at(kStart + 1h); });
  TestTimer b(wheel, [&] { timers[0]->arm_at(kStart + 1h); });
  timers[0] = &a;
  timers[1] = &b;
  a.arm_at(kStart + 1s);
  b.arm_at(kStart + 1s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(a.fired + b.fired, 1);
  EXPECT_TRUE(a.is_armed() || b.is_armed());
}

TEST(TimerWheelTest, ATimerArmedInACallbackFiresWithinTheSameAdvanceWhenItsTimeComes) {
  TimerWheel wheel(kStart);
  TestTimer second(wheel);
  TestTimer first(wheel, [&] { second.arm_at(kStart + 2s); });
  first.arm_at(kStart + 1s);
  wheel.advance(kStart + 3s);
  EXPECT_EQ(second.fired, 1);
}

// Every level boundary of the wheel, and what lies beyond its end (some 74 hours).
TEST(TimerWheelTest, DeadlinesAroundEachLevelsEndAreExact) {
  for (const std::int64_t ticks :
       {1,    2,    62,      63,      64,      65,         127,        128,        4094,       4095,
        4096, 4097, 262'143, 262'144, 262'145, 16'515'071, 16'515'072, 16'777'215, 16'777'216, 40'000'000}) {
    for (const std::int64_t offset : {0, 1, 37, 63, 64, 4095}) {
      TimerWheel wheel(kStart);
      wheel.advance(kStart + offset * kTick);
      TestTimer timer(wheel);
      const TimePoint deadline = kStart + (offset + ticks) * kTick;
      timer.arm_at(deadline);
      wheel.advance(deadline - 1ns);
      ASSERT_EQ(timer.fired, 0) << ticks << " from " << offset;
      wheel.advance(deadline);
      ASSERT_EQ(timer.fired, 1) << ticks << " from " << offset;
    }
  }
}

TEST(TimerWheelTest, TimeThatGoesBackFiresNothing) {
  TimerWheel wheel(kStart);
  TestTimer timer(wheel);
  timer.arm_at(kStart + 1s);
  wheel.advance(kStart - 1h);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(kStart + 1s + kTick);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheelDeathTest, AWheelThatGoesBeforeItsTimersAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto wheel = std::make_unique<TimerWheel>(kStart);
        TestTimer timer(*wheel);
        timer.arm_at(kStart + 1s);
        wheel.reset();
      },
      "check failed: head == nullptr");
}

}  // namespace
}  // namespace weir::loop
