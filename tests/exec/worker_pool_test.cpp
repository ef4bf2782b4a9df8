// SPDX-License-Identifier: MIT
#include "pool_fixture.hpp"

#include <weir/base/machine.hpp>

#include <pthread.h>

#include <array>
#include <csignal>
#include <set>
#include <thread>
#include <vector>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;
using WorkerPoolTest = PoolTest;
using WorkerPoolDeathTest = PoolTest;

TEST_F(WorkerPoolTest, RunsAnItemElsewhereAndSendsItHome) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  std::thread::id ran_on;
  TestItem item(home, [&ran_on](Worker&) { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(item.ending(), WorkItem::Ending::kPending);
  ASSERT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  EXPECT_EQ(item.runs(), 1);
  EXPECT_EQ(item.ending_at_home(), WorkItem::Ending::kRan);
  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST_F(WorkerPoolTest, AnItemMayBeDestroyedAsItComesHome) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  auto item = std::make_unique<TestItem>(home);
  item->then = [&item] {
    const auto then = std::move(item->then);  // outlives the item that holds it
    item.reset();
  };
  ASSERT_EQ(pool->try_submit(*item, source), Admission::kAdmitted);
  run_until([&item] { return item == nullptr; });
}

TEST_F(WorkerPoolTest, AnItemMayBeSubmittedAnewAsItComesHome) {
  const auto pool = make_pool({.workers = 2});
  const SourceId source = pool->add_source("route");
  TestItem item(home);
  item.then = [&] {
    if (item.homecomings() == 100) return;
    EXPECT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  };
  ASSERT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  run_until_home(item, 100);
  EXPECT_EQ(item.runs(), 100);
}

TEST_F(WorkerPoolTest, OneWorkerRunsItemsInTheOrderOfTheirSubmission) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  std::vector<int> order;
  std::vector<std::unique_ptr<TestItem>> items;
  for (int i = 0; i < 50; ++i) {
    items.push_back(std::make_unique<TestItem>(home, [&order, i](Worker&) { order.push_back(i); }));
    ASSERT_EQ(pool->try_submit(*items.back(), source), Admission::kAdmitted);
  }
  blocker.release();
  run_until_home(*items.back());
  ASSERT_EQ(order.size(), 50U);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_F(WorkerPoolTest, WorkersRunItemsAtTheSameTime) {
  const auto pool = make_pool({.workers = 3});
  const SourceId source = pool->add_source("route");
  std::vector<std::unique_ptr<Blocker>> blockers;
  for (int i = 0; i < 3; ++i) {
    blockers.push_back(std::make_unique<Blocker>(home));
    ASSERT_EQ(pool->try_submit(*blockers.back(), source), Admission::kAdmitted);
  }
  for (auto& blocker : blockers) blocker->await_start();  // for ever, if one had to wait for another
  EXPECT_EQ(pool->running().size(), 3U);
  for (auto& blocker : blockers) blocker->release();
  for (auto& blocker : blockers) run_until_home(*blocker);
  EXPECT_TRUE(pool->running().empty());
}

TEST_F(WorkerPoolTest, ZeroWorkersMeansTheCoresOfTheMachine) {
  const auto pool = make_pool({});
  EXPECT_EQ(pool->options().workers, base::available_cores());
  EXPECT_EQ(metric("weir_pool_workers"), base::available_cores());
  EXPECT_EQ(metric("weir_pool_queue_limit"), 256);
  EXPECT_EQ(pool->name(), "test");
}

TEST_F(WorkerPoolTest, RemovalTakesAnItemBackForGood) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  auto removed = std::make_unique<TestItem>(home);
  TestItem later(home);
  ASSERT_EQ(pool->try_submit(*removed, source), Admission::kAdmitted);
  ASSERT_EQ(pool->try_submit(later, source), Admission::kAdmitted);
  EXPECT_EQ(metric("weir_pool_queue_depth"), 2);
  ASSERT_TRUE(pool->try_remove(*removed));
  EXPECT_EQ(removed->ending(), WorkItem::Ending::kDropped);
  EXPECT_FALSE(pool->try_remove(*removed));
  EXPECT_EQ(metric("weir_pool_queue_depth"), 1);
  EXPECT_EQ(dropped("removed"), 1);
  EXPECT_EQ(removed->runs(), 0);
  EXPECT_EQ(removed->homecomings(), 0);
  removed.reset();  // A completion still on its way would be found by a sanitizer.
  blocker.release();
  run_until_home(later);
}

TEST_F(WorkerPoolTest, OnlyAWaitingItemCanBeRemoved) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  EXPECT_FALSE(pool->try_remove(blocker));  // not submitted
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  EXPECT_FALSE(pool->try_remove(blocker));  // with a worker
  blocker.release();
  run_until_home(blocker);
  EXPECT_FALSE(pool->try_remove(blocker));  // at home
  EXPECT_EQ(dropped("removed"), 0);
}

TEST_F(WorkerPoolTest, RemovalWorksAnywhereInTheQueue) {
  for (const std::size_t removed : {0U, 1U, 2U}) {
    const auto pool = make_pool({.workers = 1});
    const SourceId source = pool->add_source("route");
    Blocker blocker(home);
    ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
    blocker.await_start();
    std::vector<std::size_t> ran;
    std::vector<std::unique_ptr<TestItem>> items;
    for (std::size_t i = 0; i < 4; ++i) {
      items.push_back(std::make_unique<TestItem>(home, [&ran, i](Worker&) { ran.push_back(i); }));
      if (i == 3) break;
      ASSERT_EQ(pool->try_submit(*items.back(), source), Admission::kAdmitted);
    }
    ASSERT_TRUE(pool->try_remove(*items[removed]));
    ASSERT_EQ(pool->try_submit(*items[3], source), Admission::kAdmitted);
    blocker.release();
    run_until_home(*items[3]);
    std::vector<std::size_t> expected{0, 1, 2, 3};
    std::erase(expected, removed);
    EXPECT_EQ(ran, expected);
  }
}

TEST_F(WorkerPoolTest, AnAbandonedItemIsDroppedUnstarted) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  TestItem abandoned(home);
  TestItem later(home);
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  ASSERT_EQ(pool->try_submit(abandoned, source), Admission::kAdmitted);
  ASSERT_EQ(pool->try_submit(later, source), Admission::kAdmitted);
  blocker.await_start();
  abandoned.abandon();
  blocker.abandon();  // too late for it
  blocker.release();
  run_until_home(later);
  run_until_home(abandoned);
  EXPECT_EQ(abandoned.runs(), 0);
  EXPECT_EQ(abandoned.homecomings(), 1);
  EXPECT_EQ(abandoned.ending_at_home(), WorkItem::Ending::kDropped);
  EXPECT_EQ(blocker.ending_at_home(), WorkItem::Ending::kRan);
  EXPECT_EQ(later.ending_at_home(), WorkItem::Ending::kRan);
  EXPECT_EQ(dropped("abandoned"), 1);
  EXPECT_EQ(dropped("deadline"), 0);
}

TEST_F(WorkerPoolTest, AnItemWhoseDeadlinePassedIsDroppedUnstarted) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  Blocker blocker(home);
  TestItem early(home);
  TestItem late(home);
  early.deadline = clock.now() + 100ms;
  late.deadline = clock.now() + 101ms;
  ASSERT_EQ(pool->try_submit(blocker, source), Admission::kAdmitted);
  blocker.await_start();
  ASSERT_EQ(pool->try_submit(early, source), Admission::kAdmitted);
  ASSERT_EQ(pool->try_submit(late, source), Admission::kAdmitted);
  clock.advance(100ms);
  blocker.release();
  run_until_home(early);
  run_until_home(late);
  EXPECT_EQ(early.runs(), 0);
  EXPECT_EQ(early.ending_at_home(), WorkItem::Ending::kDropped);
  EXPECT_EQ(late.ending_at_home(), WorkItem::Ending::kRan);
  EXPECT_EQ(dropped("deadline"), 1);
  EXPECT_EQ(dropped("abandoned"), 0);
}

TEST_F(WorkerPoolTest, KnowsItsOwnWorkersOnly) {
  const auto pool = make_pool({.workers = 1});
  const auto other = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  bool is_own = false;
  bool is_foreign = true;
  TestItem item(home, [&](Worker&) {
    is_own = pool->is_worker_thread();
    is_foreign = other->is_worker_thread();
  });
  ASSERT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  EXPECT_TRUE(is_own);
  EXPECT_FALSE(is_foreign);
  EXPECT_FALSE(pool->is_worker_thread());
}

std::string name_of_this_thread() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

TEST_F(WorkerPoolTest, WorkersAreNamedAndNumbered) {
  const auto pool = make_pool({.workers = 2});
  const SourceId source = pool->add_source("route");
  std::promise<std::string> first;
  std::promise<std::string> second;
  std::promise<void> both;
  const std::shared_future<void> gate = both.get_future();  // So that each worker gets one.
  const auto tell = [gate](std::promise<std::string>& name) {
    return [&name, gate](Worker& worker) {
      EXPECT_EQ(worker.name(), name_of_this_thread());
      EXPECT_EQ(worker.name(), "weir-test-" + std::to_string(worker.index()));
      name.set_value(worker.name());
      gate.wait();
    };
  };
  TestItem one(home, tell(first));
  TestItem two(home, tell(second));
  ASSERT_EQ(pool->try_submit(one, source), Admission::kAdmitted);
  ASSERT_EQ(pool->try_submit(two, source), Admission::kAdmitted);
  const std::set<std::string> names{first.get_future().get(), second.get_future().get()};
  both.set_value();
  EXPECT_EQ(names, (std::set<std::string>{"weir-test-0", "weir-test-1"}));
  run_until_home(one);
  run_until_home(two);
}

TEST_F(WorkerPoolTest, ALongNameKeepsItsNumber) {
  WorkerPool pool({"thumbnails-of-pictures", {.workers = 1}, clock, log, metrics});
  const SourceId source = pool.add_source("route");
  std::string name;
  TestItem item(home, [&name](Worker&) { name = name_of_this_thread(); });
  ASSERT_EQ(pool.try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  EXPECT_EQ(name, "weir-thumbnai-0");
}

TEST_F(WorkerPoolTest, WorkersTakeNoSignals) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  ::sigset_t mask{};
  TestItem item(home, [&mask](Worker&) { ::pthread_sigmask(SIG_SETMASK, nullptr, &mask); });
  ASSERT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  run_until_home(item);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1}) {
    EXPECT_EQ(::sigismember(&mask, signal), 1) << signal;
  }
  EXPECT_EQ(::sigismember(&mask, SIGSEGV), 0);
}

TEST_F(WorkerPoolTest, AWorkerKeepsOnePrivateLoop) {
  const auto pool = make_pool({.workers = 1});
  const SourceId source = pool->add_source("route");
  loop::Loop* first = nullptr;
  int posts = 0;
  TestItem item(home, [&](Worker& worker) {
    loop::Loop& own = worker.private_loop();
    EXPECT_TRUE(first == nullptr || first == &own);
    first = &own;
    EXPECT_NE(&own, &home);
    EXPECT_EQ(&own.clock(), &clock);
    EXPECT_TRUE(own.try_post([&posts] { ++posts; }));
    own.run_once();
  });
  item.then = [&] {
    if (item.homecomings() == 2) return;
    EXPECT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  };
  ASSERT_EQ(pool->try_submit(item, source), Admission::kAdmitted);
  run_until_home(item, 2);
  EXPECT_EQ(posts, 2);
}

TEST_F(WorkerPoolDeathTest, AnItemOnItsWayMustNotDie) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const auto pool = make_pool({.workers = 1});
        const SourceId source = pool->add_source("route");
        Blocker blocker(home);
        (void)pool->try_submit(blocker, source);
        blocker.await_start();
        TestItem item(home);
        (void)pool->try_submit(item, source);
      },
      "kWithOwner");
}

TEST_F(WorkerPoolDeathTest, AQueueHasAtLeastOnePlace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(make_pool({.workers = 1, .queue = 0}), "queue > 0");
}

}  // namespace
}  // namespace weir::exec
