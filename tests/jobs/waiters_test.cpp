// SPDX-License-Identifier: MIT
#include <weir/jobs/waiters.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weir::jobs {
namespace {

using namespace std::chrono_literals;
using loop::Task;

class WaitersTest : public loop::CoroutineTest {
 protected:
  static constexpr JobId kJob{7, 70};

  std::unique_ptr<Waiters::Place> place(const JobId& id = kJob) {
    return std::make_unique<Waiters::Place>(waiters, id);
  }
  /// Waits there for a minute.
  Task<void> wait(std::unique_ptr<Waiters::Place> at) {
    auto task = at->wait(1min);
    co_await std::move(task);
  }
  void settle() {
    loop.run_once();
    loop.run_once();
  }
  void begin(const std::string& name, std::unique_ptr<Waiters::Place> at) { spawn(noted(name, wait(std::move(at)))); }

  Waiters waiters{3};
};

TEST_F(WaitersTest, ChangeWakesWhoWaitsForThatJob) {
  begin("a", place());
  EXPECT_EQ(log, "");
  waiters.wake(kJob);
  settle();
  EXPECT_EQ(log, "a ok;");
}

TEST_F(WaitersTest, ChangeWakesAllWhoWaitForThatJob) {
  begin("a", place());
  begin("b", place());
  waiters.wake(kJob);
  settle();
  EXPECT_EQ(log, "a ok;b ok;");
}

TEST_F(WaitersTest, ChangeOfAnotherJobWakesNobody) {
  begin("a", place());
  waiters.wake({6, 60});
  waiters.wake({8, 80});
  settle();
  EXPECT_EQ(log, "");
  waiters.wake(kJob);
  settle();
}

TEST_F(WaitersTest, ChangeBeforeTheWaitIsNotMissed) {
  auto at = place();
  waiters.wake(kJob);
  begin("a", std::move(at));
  settle();
  EXPECT_EQ(log, "a ok;");
}

TEST_F(WaitersTest, WaitEndsWithItsTime) {
  begin("a", place());
  advance(59s);
  EXPECT_EQ(log, "");
  advance(1s);
  EXPECT_EQ(log, "a ok;");
}

TEST_F(WaitersTest, ChangeAfterTheTimeFindsNobody) {
  begin("a", place());
  advance(1min);
  waiters.wake(kJob);
  settle();
  EXPECT_EQ(log, "a ok;");
}

TEST_F(WaitersTest, ChangeAfterThePlaceIsGoneFindsNobody) {
  place().reset();
  waiters.wake(kJob);
  waiters.wake_all();
}

TEST_F(WaitersTest, EndOfTheServiceWakesEverybody) {
  begin("a", place());
  begin("b", place({8, 80}));
  waiters.wake_all();
  settle();
  EXPECT_EQ(log, "a ok;b ok;");
}

TEST_F(WaitersTest, AsManyMayWaitAsThereArePlaces) {
  const auto first = place();
  const auto second = place({8, 80});
  auto third = place();
  EXPECT_TRUE(first->is_there() && second->is_there() && third->is_there());
  EXPECT_FALSE(place()->is_there());
  third.reset();
  EXPECT_TRUE(place()->is_there());
}

TEST_F(WaitersTest, WhoHasNoPlaceWaitsForItsTime) {
  const auto first = place();
  const auto second = place();
  const auto third = place();
  begin("a", place());
  waiters.wake(kJob);
  settle();
  EXPECT_EQ(log, "");
  advance(1min);
  EXPECT_EQ(log, "a ok;");
}

TEST_F(WaitersTest, WhoWasWokenMakesRoom) {
  const auto first = place();
  const auto second = place();
  const auto third = place();
  waiters.wake(kJob);
  EXPECT_TRUE(place()->is_there());
}

TEST_F(WaitersTest, OtherThreadsMayWake) {
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds; ++round) {
    log.clear();
    begin("a", place());
    std::thread waker([this] { waiters.wake(kJob); });
    std::thread other([this] { waiters.wake_all(); });
    waker.join();
    other.join();
    settle();
    ASSERT_EQ(log, "a ok;");
  }
}

}  // namespace
}  // namespace weir::jobs
