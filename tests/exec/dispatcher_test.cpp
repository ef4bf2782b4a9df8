// SPDX-License-Identifier: MIT
#include <weir/exec/dispatcher.hpp>

#include <weir/observe/metrics_registry.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace weir::exec {
namespace {

class DispatcherTest : public testing::Test {
 protected:
  Dispatcher make(Pattern pattern, unsigned workers = 3) {
    return Dispatcher({.pattern = pattern,
                       .handlers = {.workers = workers, .queue = 8},
                       .pools = pools.all(),
                       .clock = base::SystemClock::instance(),
                       .log = log,
                       .metrics = metrics});
  }
  base::NullLog log;
  observe::MetricsRegistry metrics;
  PoolTable pools;
};

TEST_F(DispatcherTest, EventDrivenHasThePoolsThatTheAppDeclared) {
  const Pool cpu = pools.add("cpu", {.workers = 2, .queue = 5});
  const Dispatcher dispatcher = make(Pattern::kEventDriven);
  EXPECT_EQ(dispatcher.handlers(), nullptr);
  ASSERT_NE(dispatcher.find(cpu), nullptr);
  EXPECT_EQ(dispatcher.find(cpu)->name(), "cpu");
  EXPECT_EQ(dispatcher.find(cpu)->options().workers, 2U);
}

TEST_F(DispatcherTest, ASingleWorkerIsOneWhateverIsAskedFor) {
  const Pool cpu = pools.add("cpu", {});
  const Dispatcher dispatcher = make(Pattern::kSingleWorker);
  ASSERT_NE(dispatcher.handlers(), nullptr);
  EXPECT_EQ(dispatcher.handlers()->options().workers, 1U);
  EXPECT_EQ(dispatcher.handlers()->options().queue, 8U);
  EXPECT_EQ(dispatcher.find(cpu), nullptr) << "steps run in place";
}

TEST_F(DispatcherTest, AWorkerPoolReplacesAllPools) {
  const Pool cpu = pools.add("cpu", {});
  const Dispatcher dispatcher = make(Pattern::kWorkerPool);
  ASSERT_NE(dispatcher.handlers(), nullptr);
  EXPECT_EQ(dispatcher.handlers()->options().workers, 3U);
  EXPECT_EQ(dispatcher.find(cpu), nullptr);
}

TEST_F(DispatcherTest, ASingleThreadHasNoWorkers) {
  const Pool cpu = pools.add("cpu", {});
  const Dispatcher dispatcher = make(Pattern::kSingleThreaded);
  EXPECT_EQ(dispatcher.handlers(), nullptr);
  EXPECT_EQ(dispatcher.find(cpu), nullptr);
}

TEST_F(DispatcherTest, APoolNeedsANameOfItsOwnAndAQueue) {
  pools.add("cpu", {});
  EXPECT_THROW(pools.add("cpu", {}), std::invalid_argument);
  EXPECT_THROW(pools.add("", {}), std::invalid_argument);
  EXPECT_THROW(pools.add("other", {.queue = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::exec
