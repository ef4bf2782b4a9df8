// SPDX-License-Identifier: MIT
#include <weir/base/guarded.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace weir::base {
namespace {

TEST(GuardedTest, IsReachedThroughALock) {
  Guarded<std::vector<int>> numbers;
  {
    const auto locked = numbers.lock();
    locked->push_back(7);
    EXPECT_EQ((*locked)[0], 7);
  }
  EXPECT_EQ(numbers.with([](std::vector<int>& all) { return all.size(); }), 1U);
}

TEST(GuardedTest, HoldsWhatItsConstructorMakes) {
  const Guarded<std::string> text(3, 'x');
  const auto locked = text.lock();
  static_assert(std::is_same_v<decltype(*locked), const std::string&>);
  EXPECT_EQ(*locked, "xxx");
}

TEST(GuardedTest, ALockStaysInItsBlock) {
  using Lock = decltype(std::declval<Guarded<int>&>().lock());
  EXPECT_FALSE(std::is_move_constructible_v<Lock>);
  EXPECT_FALSE(std::is_copy_constructible_v<Lock>);
}

TEST(GuardedTest, ThreadsTakeTurns) {
  constexpr int kTimes = 10'000;
  Guarded<int> count(0);
  std::array<std::thread, 4> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&count] {
      for (int i = 0; i < kTimes; ++i) count.with([](int& number) { ++number; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*count.lock(), kTimes * static_cast<int>(threads.size()));
}

TEST(GuardedDeathTest, LockingTwiceAbortsInsteadOfWaitingForEver) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Guarded<int> count(0);
  EXPECT_DEATH(
      {
        const auto first = count.lock();
        const auto second = count.lock();
      },
      "owner_");
}

TEST(GuardedDeathTest, UnlockingOnAnotherThreadAborts) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  using Lock = decltype(std::declval<Guarded<int>&>().lock());
  Guarded<int> count(0);
  EXPECT_DEATH(
      {
        Lock* const locked = new Lock(count);
        std::thread([locked] { delete locked; }).join();
      },
      "owner_");
}

}  // namespace
}  // namespace weir::base
