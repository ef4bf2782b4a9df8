// SPDX-License-Identifier: MIT
#include <weir/base/bounded_queue.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace weir::base {
namespace {

TEST(BoundedQueueTest, ItTakesAsManyAsItsCapacity) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_FALSE(queue.full());
  EXPECT_TRUE(queue.try_push(2));
  EXPECT_TRUE(queue.full());
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.capacity(), 2U);
}

TEST(BoundedQueueTest, WhoeverBringsOneTooManyKeepsIt) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  ASSERT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto refused = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(refused)));
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(*refused, 2);
}

TEST(BoundedQueueTest, TheOldestComesOutFirst) {
  BoundedQueue<std::string> queue(3);
  ASSERT_TRUE(queue.try_push("a"));
  ASSERT_TRUE(queue.try_push("b"));
  EXPECT_EQ(queue.try_pop(), "a");
  EXPECT_EQ(queue.try_pop(), "b");
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(BoundedQueueTest, APopMakesRoom) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.try_push(1));
  queue.try_pop();
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.try_push(2));
}

TEST(BoundedQueueTest, TakeAllEmptiesItInOrder) {
  BoundedQueue<int> queue(3);
  for (const int item : {1, 2, 3}) ASSERT_TRUE(queue.try_push(int{item}));
  EXPECT_EQ(queue.take_all(), (std::deque<int>{1, 2, 3}));
  EXPECT_TRUE(queue.empty());
}

TEST(BoundedQueueDeathTest, WithoutRoomForAnythingItAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(BoundedQueue<int>(0), "check failed: capacity > 0");
}

}  // namespace
}  // namespace weir::base
