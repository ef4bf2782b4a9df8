// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/transfer_queue.hpp>

#include <gtest/gtest.h>

namespace weir::http::internal {
namespace {

class Entry final : public TransferQueue::Member {
 public:
  bool is_started() const { return starts_ == 1; }

 private:
  void start() noexcept override { ++starts_; }
  int starts_ = 0;
};

class TransferQueueTest : public testing::Test {
 protected:
  TransferQueue queue{{.running_max = 3, .running_per_origin_max = 2, .waiting_max = 2}};
  Entry a1, a2, a3, a4, a5, b1, b2, c1;
};

TEST_F(TransferQueueTest, RunsUpToTheBoundOfAnOrigin) {
  EXPECT_TRUE(queue.enter(a1, "a"));
  EXPECT_TRUE(queue.enter(a2, "a"));
  EXPECT_TRUE(queue.enter(a3, "a"));
  EXPECT_TRUE(a1.is_started() && a2.is_started());
  EXPECT_FALSE(a3.is_started());
  queue.leave(a1);
  EXPECT_TRUE(a3.is_started());
  queue.leave(a2);
  queue.leave(a3);
}

TEST_F(TransferQueueTest, ABusyOriginHoldsUpNoOther) {
  for (Entry* entry : {&a1, &a2, &a3, &b1}) EXPECT_TRUE(queue.enter(*entry, entry == &b1 ? "b" : "a"));
  EXPECT_TRUE(b1.is_started());
  EXPECT_TRUE(queue.enter(b2, "b"));  // waits behind a3, and passes it
  EXPECT_FALSE(b2.is_started());
  queue.leave(b1);
  EXPECT_TRUE(b2.is_started());
  EXPECT_FALSE(a3.is_started());
  for (Entry* entry : {&a1, &a2, &a3, &b2}) queue.leave(*entry);
}

TEST_F(TransferQueueTest, RefusesOnceTooManyWaitAndRunsWhomTheBoundsLet) {
  for (Entry* entry : {&a1, &a2, &a3, &a4}) EXPECT_TRUE(queue.enter(*entry, "a"));
  EXPECT_FALSE(queue.enter(a5, "a"));
  EXPECT_TRUE(queue.enter(c1, "c"));
  EXPECT_TRUE(c1.is_started());
  EXPECT_FALSE(queue.enter(b1, "b"));
  queue.leave(a3);  // while it waits
  EXPECT_FALSE(a4.is_started());
  EXPECT_TRUE(queue.enter(a5, "a"));
  queue.leave(a1);
  EXPECT_TRUE(a4.is_started());
  EXPECT_FALSE(a5.is_started());
  EXPECT_FALSE(a3.is_started());
  for (Entry* entry : {&a2, &a4, &a5, &c1}) queue.leave(*entry);
}

}  // namespace
}  // namespace weir::http::internal
