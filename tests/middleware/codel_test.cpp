// SPDX-License-Identifier: MIT
#include <middleware/internal/codel.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace weir::middleware::internal {
namespace {

using namespace std::chrono_literals;

class CodelTest : public testing::Test {
 protected:
  /// A request after `pause` that finds `delay`.
  void after(std::chrono::nanoseconds pause, std::chrono::nanoseconds delay) {
    now += pause;
    codel.observe(now, delay);
  }
  /// A queue stands for `intervals` after the first delay above the target.
  void stand(int intervals) {
    after(10ms, 20ms);
    for (int i = 0; i < intervals * 10; ++i) after(10ms, 20ms);
  }

  base::TimePoint now{1h};
  Codel codel{{.target = 5ms, .interval = 100ms}};
};

TEST_F(CodelTest, NothingIsShedAtFirst) {
  EXPECT_FALSE(codel.is_shedding());
  EXPECT_EQ(codel.ordinary_share(), 0);
  EXPECT_EQ(codel.important_share(), 0);
}

TEST_F(CodelTest, ADelayAtTheTargetIsNoOverload) {
  for (int i = 0; i < 100; ++i) after(10ms, 5ms);
  EXPECT_FALSE(codel.is_shedding());
}

TEST_F(CodelTest, ADelayAboveTheTargetForAnIntervalIsOne) {
  after(10ms, 5ms + 1ns);
  for (int i = 0; i < 9; ++i) after(10ms, 5ms + 1ns);
  after(10ms - 1ns, 5ms + 1ns);
  EXPECT_FALSE(codel.is_shedding());
  after(1ns, 5ms + 1ns);
  EXPECT_TRUE(codel.is_shedding());
  EXPECT_EQ(codel.ordinary_share(), 100);
}

TEST_F(CodelTest, ABurstIsNoOverload) {
  for (int burst = 0; burst < 50; ++burst) {
    for (int i = 0; i < 9; ++i) after(10ms, 500ms);
    after(10ms, 1ms);
    EXPECT_FALSE(codel.is_shedding());
  }
}

TEST_F(CodelTest, ManyRequestsAtOneMomentAreNoInterval) {
  for (int i = 0; i < 1000; ++i) after(0ms, 1s);
  EXPECT_FALSE(codel.is_shedding());
}

TEST_F(CodelTest, EachFurtherIntervalShedsATenthMore) {
  stand(1);
  EXPECT_EQ(codel.ordinary_share(), 100);
  for (int tenth = 2; tenth <= 9; ++tenth) {
    for (int i = 0; i < 10; ++i) after(10ms, 20ms);
    EXPECT_EQ(codel.ordinary_share(), 100 * tenth);
    EXPECT_EQ(codel.important_share(), 0);
  }
}

TEST_F(CodelTest, ImportantOnesAreShedOnlyWhenOrdinaryOnesAre) {
  stand(9);
  EXPECT_EQ(codel.ordinary_share(), 900);
  EXPECT_EQ(codel.important_share(), 0);
  for (int i = 0; i < 10; ++i) after(10ms, 20ms);
  EXPECT_EQ(codel.ordinary_share(), 900);
  EXPECT_EQ(codel.important_share(), 100);
}

TEST_F(CodelTest, SomebodyAlwaysComesThrough) {
  stand(1000);
  EXPECT_EQ(codel.ordinary_share(), 900);
  EXPECT_EQ(codel.important_share(), 900);
}

TEST_F(CodelTest, OneDelayBelowTheTargetEndsIt) {
  stand(5);
  after(10ms, 5ms);
  EXPECT_FALSE(codel.is_shedding());
  EXPECT_EQ(codel.ordinary_share(), 0);
}

TEST_F(CodelTest, AQueueThatStandsAgainSoonIsMetWithHalf) {
  stand(8);
  after(10ms, 0ms);
  stand(1);
  EXPECT_EQ(codel.ordinary_share(), 400);
}

TEST_F(CodelTest, HalfOfATenthIsATenth) {
  stand(1);
  after(10ms, 0ms);
  stand(1);
  EXPECT_EQ(codel.ordinary_share(), 100);
}

TEST_F(CodelTest, AQueueThatStandsMuchLaterIsMetAsTheFirst) {
  stand(8);
  for (int i = 0; i < 80; ++i) after(10ms, 0ms);
  after(1ms, 0ms);
  stand(1);
  EXPECT_EQ(codel.ordinary_share(), 100);
}

TEST_F(CodelTest, WhoComesAfterAQuietTimeBeginsAnInterval) {
  after(10ms, 20ms);
  after(10min, 20ms);
  EXPECT_FALSE(codel.is_shedding());
}

TEST_F(CodelTest, AQuietTimeEndsShedding) {
  stand(5);
  after(10min, 20ms);
  EXPECT_FALSE(codel.is_shedding());
}

TEST_F(CodelTest, RareRequestsThatWaitedAllTheWhileAreNoQuietTime) {
  after(500ms, 600ms);
  after(500ms, 600ms);
  EXPECT_TRUE(codel.is_shedding());
}

TEST_F(CodelTest, AClockThatStandsStillOrGoesBackShedsNothing) {
  for (int i = 0; i < 100; ++i) after(-10ms, 20ms);
  EXPECT_FALSE(codel.is_shedding());
}

}  // namespace
}  // namespace weir::middleware::internal
