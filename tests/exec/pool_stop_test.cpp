// SPDX-License-Identifier: MIT
#include "pool_fixture.hpp"

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;
using PoolStopTest = PoolTest;

TEST_F(PoolStopTest, WhatWaitsIsDroppedAndWhatRunsIsAwaited) {
  auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  TestItem waiting(home);
  TestItem late(home);
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  ASSERT_EQ(pool->try_submit(waiting, source), Admission::kAdmitted);
  std::thread stopper([&pool] { pool->stop(); });
  run_until_home(waiting);  // while the worker is still busy
  EXPECT_EQ(waiting.runs(), 0);
  EXPECT_EQ(waiting.ending_at_home(), WorkItem::Ending::kDropped);
  EXPECT_EQ(blocker.homecomings(), 0);
  EXPECT_EQ(pool->ask(source), Admission::kStopping);
  EXPECT_EQ(pool->try_submit(late, source), Admission::kStopping);
  blocker.release();
  stopper.join();
  EXPECT_EQ(dropped("stopping"), 1);
  EXPECT_EQ(shed("stopping"), 2);
  run_until_home(blocker);
  EXPECT_EQ(blocker.ending_at_home(), WorkItem::Ending::kRan);
  pool->stop();  // nothing is left to do
  EXPECT_EQ(pool->try_submit(late, source), Admission::kStopping);
  pool.reset();
  EXPECT_EQ(late.homecomings(), 0);
}

TEST_F(PoolStopTest, AnIdlePoolEndsAtOnce) {
  for (int i = 0; i < 20; ++i) make_pool({.workers = 4}).reset();
}

TEST_F(PoolStopTest, GaugesOfAPoolThatIsGoneAreZero) {
  auto pool = make_pool({.workers = 2, .queue = 8});
  EXPECT_EQ(metric("weir_pool_workers"), 2);
  pool.reset();
  EXPECT_EQ(metric("weir_pool_workers"), 0);
  EXPECT_EQ(metric("weir_pool_queue_limit"), 0);
  EXPECT_EQ(metric("weir_pool_queue_depth"), 0);
}

TEST_F(PoolStopTest, ItemsThatCameFromAPoolMayComeHomeAfterItsEnd) {
  auto pool = make_pool({.workers = 2});
  const SourceId source = pool->add_source("route");
  std::vector<std::unique_ptr<TestItem>> items;
  for (int i = 0; i < 100; ++i) {
    items.push_back(std::make_unique<TestItem>(home));
    ASSERT_EQ(pool->try_submit(*items.back(), source), Admission::kAdmitted);
  }
  pool.reset();
  home.run_once();
  for (const auto& item : items) {
    EXPECT_EQ(item->homecomings(), 1);
    EXPECT_EQ(item->runs(), item->ending_at_home() == WorkItem::Ending::kRan ? 1 : 0);
  }
}

// Keeps what it is told, and says when.
class KeepingLog final : public base::Log {
 public:
  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::function<void()> on_event;

 private:
  void write(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(event));
      for (const base::LogField& field : fields) {
        if (const auto* text = std::get_if<std::string_view>(&field.value)) events_.back() += " " + std::string(*text);
      }
    }
    on_event();
  }
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

TEST_F(PoolStopTest, TheWaitForWhatRunsIsLogged) {
  KeepingLog kept;
  auto pool = std::make_unique<WorkerPool>(WorkerPool::Parts{"test", {.workers = 1}, clock, kept, metrics, 5ms});
  const SourceId source = pool->add_source("GET /stuck");
  Blocker blocker(home);
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  kept.on_event = [&] {
    if (kept.events().size() == 2) blocker.release();
  };
  pool.reset();
  ASSERT_GE(kept.events().size(), 2U);
  EXPECT_EQ(kept.events()[0],
            std::to_string(static_cast<int>(base::LogLevel::kWarn)) + " pool.waiting test GET /stuck");
  run_until_home(blocker);
}

}  // namespace
}  // namespace weir::exec
