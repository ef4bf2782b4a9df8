// SPDX-License-Identifier: MIT
// The wheel against the simplest thing that could do its work: a list of deadlines.
#include <weir/loop/timer_wheel.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <vector>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;
using base::TimePoint;

constexpr TimePoint kStart{1h};

class ModelTimer final : public Timer {
 public:
  explicit ModelTimer(TimerWheel& wheel) : Timer(wheel) {}
  ~ModelTimer() override = default;
  std::optional<TimePoint> expected;  // when it has to fire
  int fired = 0;

 private:
  void on_expiry() noexcept override { ++fired; }
};

// Rounds up to the wheel's precision.
TimePoint tick_after(TimePoint time) {
  const auto ticks = (time - kStart + TimerWheel::kTick - 1ns) / TimerWheel::kTick;
  return kStart + ticks * TimerWheel::kTick;
}
TimePoint tick_before(TimePoint time) {
  return kStart + (time - kStart) / TimerWheel::kTick * TimerWheel::kTick;
}

class WheelModel {
 public:
  explicit WheelModel(unsigned seed) : random_(seed) {
    for (int i = 0; i < 40; ++i) timers_.emplace_back(wheel_);
  }

  void step() {
    ModelTimer& timer = timers_[pick(timers_.size())];
    switch (pick(8)) {
      case 0:
        timer.disarm();
        timer.expected.reset();
        break;
      case 1:
      case 2:
        advance(delay());
        break;
      default:
        const TimePoint deadline = now_ + delay();
        timer.arm_at(deadline);
        timer.expected = std::max(tick_after(deadline), tick_before(now_) + TimerWheel::kTick);
    }
  }

  void advance(std::chrono::nanoseconds by) {
    const TimePoint promised = wheel_.promise_wakeup();
    TimePoint earliest = TimePoint::max();
    for (const ModelTimer& timer : timers_) earliest = std::min(earliest, timer.expected.value_or(earliest));
    ASSERT_LE(promised, earliest) << "the wheel would sleep past a deadline";
    now_ += by;
    wheel_.advance(now_);
    for (ModelTimer& timer : timers_) {
      const bool is_due = timer.expected && *timer.expected <= now_;
      ASSERT_EQ(timer.fired, is_due ? 1 : 0);
      timer.fired = 0;
      if (is_due) timer.expected.reset();
      ASSERT_EQ(timer.is_armed(), timer.expected.has_value());
    }
  }

 private:
  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  // Of all magnitudes alike, from microseconds to weeks.
  std::chrono::nanoseconds delay() {
    const auto bits = static_cast<unsigned>(pick(42));
    const auto micros = std::uniform_int_distribution<std::int64_t>(0, std::int64_t{1} << bits)(random_);
    return std::chrono::microseconds(micros);
  }

  std::mt19937 random_;
  TimePoint now_ = kStart;
  TimerWheel wheel_{kStart};
  std::deque<ModelTimer> timers_;
};

TEST(TimerWheelModelTest, RandomOperationsFireEachTimerExactlyInItsTick) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    WheelModel model(seed);
    for (int i = 0; i < 1500 && !testing::Test::HasFatalFailure(); ++i) model.step();
  }
}

TEST(TimerWheelModelTest, ManySmallStepsAreAsExactAsFewLargeOnes) {
  WheelModel model(99);
  for (int i = 0; i < 100; ++i) model.step();
  for (int i = 0; i < 20'000 && !testing::Test::HasFatalFailure(); ++i) model.advance(11ms);
}

TEST(TimerWheelPromiseTest, WithoutTimersThereIsNothingToWaitFor) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.promise_wakeup(), TimePoint::max());
  EXPECT_FALSE(wheel.is_promise_late());
}

TEST(TimerWheelPromiseTest, ANearDeadlineIsPromisedExactly) {
  TimerWheel wheel(kStart);
  ModelTimer timer(wheel);
  timer.arm_at(kStart + 48ms);
  EXPECT_EQ(wheel.promise_wakeup(), kStart + 48ms);
}

TEST(TimerWheelPromiseTest, AFineDeadlineIsPromisedToTheMillisecond) {
  TimerWheel wheel(kStart);
  ModelTimer timer(wheel);
  timer.arm_finely_at(kStart + 49ms + 1ns);
  EXPECT_EQ(wheel.promise_wakeup(), kStart + 50ms);
  timer.expected = kStart + 50ms;
  wheel.advance(kStart + 49ms);
  EXPECT_TRUE(timer.is_armed());
  wheel.advance(kStart + 50ms);
  EXPECT_FALSE(timer.is_armed());
}

TEST(TimerWheelPromiseTest, ACoarseTimerCanBeArmedFinelyAndBack) {
  TimerWheel wheel(kStart);
  ModelTimer timer(wheel);
  timer.arm_at(kStart + 33ms);
  EXPECT_EQ(wheel.promise_wakeup(), kStart + 48ms);
  timer.arm_finely_at(kStart + 34ms);
  EXPECT_EQ(wheel.promise_wakeup(), kStart + 34ms);
  timer.arm_at(kStart + 35ms);
  timer.expected = kStart + 48ms;
  wheel.advance(kStart + 47ms);
  EXPECT_TRUE(timer.is_armed());
  wheel.advance(kStart + 48ms);
  EXPECT_FALSE(timer.is_armed());
}

TEST(TimerWheelPromiseTest, AnEarlierDeadlineMakesThePromiseLate) {
  TimerWheel wheel(kStart);
  ModelTimer later(wheel);
  later.arm_at(kStart + 10s);
  wheel.promise_wakeup();
  ModelTimer earlier(wheel);
  earlier.arm_at(kStart + 48ms);
  EXPECT_TRUE(wheel.is_promise_late());
  EXPECT_EQ(wheel.promise_wakeup(), kStart + 48ms);
  EXPECT_FALSE(wheel.is_promise_late());
}

TEST(TimerWheelPromiseTest, ALaterDeadlineLeavesThePromiseAlone) {
  TimerWheel wheel(kStart);
  ModelTimer timer(wheel);
  timer.arm_at(kStart + 48ms);
  wheel.promise_wakeup();
  timer.arm_at(kStart + 10s);
  ModelTimer other(wheel);
  other.arm_at(kStart + 20s);
  EXPECT_FALSE(wheel.is_promise_late());
}

}  // namespace
}  // namespace weir::loop
