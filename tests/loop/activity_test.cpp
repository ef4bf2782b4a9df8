// SPDX-License-Identifier: MIT
#include <weir/loop/activity.hpp>

#include "coroutine_fixture.hpp"

#include <weir/loop/async_semaphore.hpp>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

constexpr Activity kRoute{"GET", "/x", "handler", ""};

TEST(ActivitySlotTest, TellsWhatHasBegunOnceAndThenThatItIsTheSame) {
  ActivitySlot slot;
  EXPECT_EQ(slot.look().begun, nullptr);
  slot.begin(kRoute);
  EXPECT_EQ(slot.look().begun, &kRoute);
  EXPECT_TRUE(slot.look().is_same);
  EXPECT_EQ(slot.current(), &kRoute);
  slot.begin(kRoute);
  EXPECT_EQ(slot.look().begun, &kRoute);
  slot.end();
  const auto [begun, is_same] = slot.look();
  EXPECT_EQ(begun, nullptr);
  EXPECT_FALSE(is_same);
}

TEST(ActivitySlotTest, AScopeGivesBackWhatItIsWithin) {
  ActivitySlot slot;
  slot.begin(kRoute);
  static_cast<void>(slot.look());
  {
    const ActivityScope scope(slot, kCallback);
    EXPECT_EQ(slot.current(), &kCallback);
  }
  EXPECT_EQ(slot.look().begun, &kRoute);
}

class ActivityTest : public CoroutineTest {
 protected:
  /// Starts `task` as part of kRoute.
  void spawn_in_route(Task<void> task) {
    const auto held = std::make_shared<Task<void>>(std::move(task));
    on_loop([this, held] {
      const ActivityScope scope_of_route(loop.activity(), kRoute);
      scope.spawn(std::move(*held));
    });
    EXPECT_EQ(loop.activity().current(), nullptr);
  }
  std::vector<const Activity*> seen;
};

Task<void> sleep_twice(Loop* loop, std::vector<const Activity*>* seen) {
  for (int i = 0; i < 2; ++i) {
    co_await sleep(10ms);
    seen->push_back(loop->activity().current());
  }
}

TEST_F(ActivityTest, WhatATimerResumesGoesOnInItsActivity) {
  spawn_in_route(sleep_twice(&loop, &seen));
  for (int i = 0; i < 4; ++i) advance(10ms);
  EXPECT_EQ(seen, (std::vector<const Activity*>{&kRoute, &kRoute}));
  EXPECT_EQ(loop.activity().current(), nullptr);
}

Task<void> take(AsyncSemaphore* semaphore, Loop* loop, std::vector<const Activity*>* seen) {
  const auto permit = co_await semaphore->acquire();
  seen->push_back(loop->activity().current());
}

TEST_F(ActivityTest, WhatAnotherTaskResumesGoesOnInItsOwnActivity) {
  AsyncSemaphore semaphore(1);
  std::optional<AsyncSemaphore::Permit> held = semaphore.try_acquire();
  spawn_in_route(take(&semaphore, &loop, &seen));
  on_loop([&held] { held.reset(); });
  EXPECT_EQ(seen, std::vector<const Activity*>{&kRoute});
}

TEST_F(ActivityTest, ACallbackOfNobodyIsCalledThat) {
  on_loop([this] { seen.push_back(loop.activity().current()); });
  EXPECT_EQ(seen, std::vector<const Activity*>{&kCallback});
  EXPECT_EQ(loop.activity().current(), nullptr);
}

}  // namespace
}  // namespace weir::loop
