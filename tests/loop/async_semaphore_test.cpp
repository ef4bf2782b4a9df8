// SPDX-License-Identifier: MIT
#include <weir/loop/async_semaphore.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <weir/loop/when_all.hpp>

#include <thread>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class AsyncSemaphoreTest : public CoroutineTest {
 protected:
  Task<void> hold(AsyncSemaphore* semaphore, std::string name, std::chrono::nanoseconds duration) {
    const auto permit = co_await semaphore->acquire();
    log += name + " has;";
    co_await sleep(duration);
  }
};

TEST_F(AsyncSemaphoreTest, LetsInAsManyAsItHasPermitsInTheOrderOfTheirComing) {
  AsyncSemaphore semaphore(2);
  spawn(hold(&semaphore, "a", 10ms));
  spawn(hold(&semaphore, "b", 20ms));
  spawn(hold(&semaphore, "c", 1s));
  spawn(hold(&semaphore, "d", 1s));
  EXPECT_EQ(log, "a has;b has;");
  EXPECT_EQ(semaphore.waiting(), 2U);
  advance(10ms);
  EXPECT_EQ(log, "a has;b has;c has;");
  advance(10ms);
  EXPECT_EQ(log, "a has;b has;c has;d has;");
  EXPECT_EQ(semaphore.available(), 0U);
  advance(2s);
  EXPECT_EQ(semaphore.available(), 2U);
}

TEST_F(AsyncSemaphoreTest, TryAcquireNeverWaitsNorOvertakes) {
  AsyncSemaphore semaphore(1);
  on_loop([&semaphore] {
    auto first = semaphore.try_acquire();
    ASSERT_TRUE(first);
    EXPECT_FALSE(semaphore.try_acquire());
    first->release();
    EXPECT_TRUE(semaphore.try_acquire());
  });
  spawn(hold(&semaphore, "a", 10ms));
  spawn(hold(&semaphore, "b", 10ms));
  clock.advance(10ms);
  on_loop([&semaphore] { EXPECT_FALSE(semaphore.try_acquire()) << "the permit belongs to b, which waits"; });
  advance(10ms);
  EXPECT_EQ(log, "a has;b has;");
}

TEST_F(AsyncSemaphoreTest, AStopEndsTheWait) {
  AsyncSemaphore semaphore(1);
  spawn(noted("a", hold(&semaphore, "a", 1h)));
  spawn(noted("b", hold(&semaphore, "b", 1h)));
  spawn(noted("c", hold(&semaphore, "c", 1h)));
  request_stop();
  EXPECT_EQ(log, "a has;c cancelled;b cancelled;a cancelled;");
  EXPECT_EQ(semaphore.waiting(), 0U);
  EXPECT_EQ(semaphore.available(), 1U);
}

TEST_F(AsyncSemaphoreTest, APermitOnItsWayIsNotLostByAStop) {
  AsyncSemaphore semaphore(1);
  std::optional<AsyncSemaphore::Permit> permit;
  on_loop([&] { permit = semaphore.try_acquire(); });
  spawn(noted("b", hold(&semaphore, "b", 1h)));
  on_loop([&] {
    permit->release();
    stop.request_stop();
  });
  EXPECT_EQ(log, "b has;b cancelled;");
  EXPECT_EQ(semaphore.available(), 1U);
}

TEST_F(AsyncSemaphoreTest, TheNumberOfThoseWhoWaitIsBounded) {
  AsyncSemaphore semaphore(1, 1);
  spawn(noted("a", hold(&semaphore, "a", 10ms)));
  spawn(noted("b", hold(&semaphore, "b", 10ms)));
  spawn(noted("c", hold(&semaphore, "c", 10ms)));
  EXPECT_EQ(log, "a has;c: too many coroutines wait for the same thing;");
  advance(10ms);
  advance(10ms);
}

TEST_F(AsyncSemaphoreTest, CanBeAwaitedBesideOthers) {
  AsyncSemaphore semaphore(2);
  const auto take_two = [](AsyncSemaphore* from, std::string* out) -> Task<void> {
    const auto permits = co_await when_all(from->acquire(), from->acquire());
    *out += std::to_string(from->available());
  };
  spawn(take_two(&semaphore, &log));
  EXPECT_EQ(log, "0");
  EXPECT_EQ(semaphore.available(), 2U);
}

TEST(AsyncSemaphoreDeathTest, AnotherThreadAborts) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  AsyncSemaphore semaphore(1);
  static_cast<void>(semaphore.try_acquire());
  EXPECT_DEATH(std::thread([&semaphore] { static_cast<void>(semaphore.try_acquire()); }).join(), "thread_ == current");
}

}  // namespace
}  // namespace weir::loop
