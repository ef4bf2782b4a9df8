// SPDX-License-Identifier: MIT
#include <weir/base/clock.hpp>

#include <gtest/gtest.h>

namespace weir::base {
namespace {

using namespace std::chrono_literals;

TEST(ManualClockTest, ItStandsStill) {
  const ManualClock clock;
  const TimePoint before = clock.now();
  EXPECT_EQ(clock.now(), before);
  EXPECT_TRUE(clock.is_manual());
}

TEST(ManualClockTest, ItStartsAtTheBeginningOf2026) {
  using std::chrono::sys_days, std::chrono::year, std::chrono::January;
  EXPECT_EQ(ManualClock().wall_now(), WallTime(sys_days(year(2026) / January / 1)));
}

TEST(ManualClockTest, AdvancingMovesBothTimes) {
  ManualClock clock;
  const TimePoint start = clock.now();
  const WallTime wall_start = clock.wall_now();
  clock.advance(90s);
  clock.advance(5ms);
  EXPECT_EQ(clock.now() - start, 90'005ms);
  EXPECT_EQ(clock.wall_now() - wall_start, 90'005ms);
}

TEST(SystemClockTest, ItNeverGoesBack) {
  const SystemClock& clock = SystemClock::instance();
  const TimePoint first = clock.now();
  EXPECT_GE(clock.now(), first);
  EXPECT_FALSE(clock.is_manual());
}

TEST(SystemClockTest, TheWallTimeIsTheSystemsTime) {
  const auto difference = SystemClock::instance().wall_now() - std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(difference), 1min);
}

}  // namespace
}  // namespace weir::base
