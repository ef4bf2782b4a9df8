// SPDX-License-Identifier: MIT
#include <weir/loop/signal_watcher.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <memory>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

void run_until(Loop& loop, const int& count, int wanted) {
  for (int turn = 0; turn < 100 && count < wanted; ++turn) loop.run_for_event(100ms);
}

TEST(SignalWatcherTest, EachArrivalIsReported) {
  Loop loop;
  int arrivals = 0;
  const SignalWatcher watcher(loop, SIGUSR1, [&arrivals] { ++arrivals; });
  std::raise(SIGUSR1);
  run_until(loop, arrivals, 1);
  std::raise(SIGUSR1);
  run_until(loop, arrivals, 2);
  EXPECT_EQ(arrivals, 2);
}

TEST(SignalWatcherTest, AnotherSignalIsNotReported) {
  Loop loop;
  int first = 0;
  int second = 0;
  const SignalWatcher watcher(loop, SIGUSR1, [&first] { ++first; });
  const SignalWatcher other(loop, SIGUSR2, [&second] { ++second; });
  std::raise(SIGUSR2);
  run_until(loop, second, 1);
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(SignalWatcherTest, ItDoesNotKeepALoopBusy) {
  Loop loop;
  const SignalWatcher watcher(loop, SIGUSR1, [] {});
  EXPECT_FALSE(loop.run_once());
}

TEST(SignalWatcherTest, AfterItsDestructionNothingIsReported) {
  Loop loop;
  int gone = 0;
  int arrivals = 0;
  const SignalWatcher stays(loop, SIGUSR1, [&arrivals] { ++arrivals; });
  auto watcher = std::make_unique<SignalWatcher>(loop, SIGUSR1, [&gone] { ++gone; });
  watcher.reset();
  std::raise(SIGUSR1);
  run_until(loop, arrivals, 1);
  EXPECT_EQ(gone, 0);
  EXPECT_EQ(arrivals, 1);
}

TEST(SignalWatcherTest, ACallbackMayStopTheLoop) {
  Loop loop;
  const SignalWatcher watcher(loop, SIGUSR1, [&loop] { loop.stop(); });
  std::raise(SIGUSR1);
  loop.run();
  SUCCEED();
}

}  // namespace
}  // namespace weir::loop
