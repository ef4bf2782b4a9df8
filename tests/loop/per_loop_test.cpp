// SPDX-License-Identifier: MIT
#include <weir/loop/per_loop.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

namespace weir::loop {
namespace {

TEST(PerLoopTest, EachLoopHasItsOwn) {
  const PerLoop<int> counts;
  const auto count_up = [&counts] { return ++counts.local(); };
  Loop first;
  Loop second;
  int of_first = 0;
  int of_second = 0;
  ASSERT_TRUE(first.try_post([&] { of_first = count_up(); }));
  ASSERT_TRUE(first.try_post([&] { of_first = count_up(); }));
  ASSERT_TRUE(second.try_post([&] { of_second = count_up(); }));
  first.run_once();
  second.run_once();
  EXPECT_EQ(of_first, 2);
  EXPECT_EQ(of_second, 1);
}

TEST(PerLoopTest, AThreadWithoutALoopHasItsOwn) {
  const PerLoop<int> counts;
  ++counts.local();
  Loop loop;
  ASSERT_TRUE(loop.try_post([&counts] { EXPECT_EQ(++counts.local(), 1); }));
  loop.run_once();
  EXPECT_EQ(++counts.local(), 2);
}

TEST(PerLoopTest, MakesOneOnFirstUseAndDestroysAllAtItsEnd) {
  int made = 0;
  int alive = 0;
  struct Counted {
    explicit Counted(int& count) : alive(count) { ++alive; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --alive; }
    int& alive;
  };
  {
    const PerLoop<Counted> counted([&] {
      ++made;
      return Counted(alive);
    });
    EXPECT_EQ(made, 0);
    EXPECT_EQ(&counted.local(), &counted.local());
    EXPECT_EQ(made, 1);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(PerLoopTest, AMakerThatThrowsIsAskedAgain) {
  int asked = 0;
  const PerLoop<int> numbers([&asked]() -> int {
    if (++asked == 1) throw std::runtime_error("not yet");
    return 7;
  });
  EXPECT_THROW(numbers.local(), std::runtime_error);
  EXPECT_EQ(numbers.local(), 7);
}

TEST(PerLoopTest, MayBeAskedByManyThreadsAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kTimes = 1000;
  int made = 0;
  const PerLoop<int> counts([&made] { return made++ * 0; });
  std::array<int, kThreads> results{};
  std::array<std::thread, kThreads> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads[i] = std::thread([&counts, &result = results[i]] {
      Loop loop;
      for (int k = 0; k < kTimes; ++k) EXPECT_TRUE(loop.try_post([&] { result = ++counts.local(); }));
      std::atomic<bool> is_done = false;
      EXPECT_TRUE(loop.try_post([&] { is_done = true; }));
      while (!is_done) loop.run_once();
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Loops of threads that follow each other may be made at the same place.
  int sum = 0;
  for (const int result : results) {
    EXPECT_GE(result, kTimes);
    EXPECT_EQ(result % kTimes, 0);
    sum += result == kTimes ? 1 : 0;
  }
  EXPECT_EQ(sum, made);
}

}  // namespace
}  // namespace weir::loop
