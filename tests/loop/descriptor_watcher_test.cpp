// SPDX-License-Identifier: MIT
#include <weir/loop/descriptor_watcher.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>

namespace weir::loop {
namespace {

class Recorder final : public DescriptorWatcher {
 public:
  using DescriptorWatcher::DescriptorWatcher;
  int calls = 0;
  Readiness last;
  std::function<void()> then = [] {};

 private:
  void on_ready(Readiness readiness) noexcept override {
    ++calls;
    last = readiness;
    then();
  }
};

class DescriptorWatcherTest : public testing::Test {
 protected:
  DescriptorWatcherTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    watcher = std::make_unique<Recorder>(loop, ends[0]);
  }
  ~DescriptorWatcherTest() override {
    watcher.reset();
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Loop loop;
  int ends[2] = {-1, -1};
  std::unique_ptr<Recorder> watcher;
};

TEST_F(DescriptorWatcherTest, TellsOfWhatIsWatchedForAsLongAsItIsSo) {
  watcher->watch(true, false);
  loop.run_once();
  EXPECT_EQ(watcher->calls, 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop.run_once();
  loop.run_once();
  EXPECT_EQ(watcher->calls, 2);
  EXPECT_TRUE(watcher->last.readable);
  EXPECT_FALSE(watcher->last.writable);
  watcher->watch(false, true);
  loop.run_once();
  EXPECT_TRUE(watcher->last.writable);
  EXPECT_FALSE(watcher->last.readable);
}

TEST_F(DescriptorWatcherTest, WatchingNothingIsSilent) {
  watcher->watch(false, true);
  watcher->watch(false, false);
  loop.run_once();
  EXPECT_EQ(watcher->calls, 0);
}

TEST_F(DescriptorWatcherTest, MayBeDestroyedByItsCallback) {
  int calls = 0;
  watcher->then = [&] {
    ++calls;
    watcher.reset();
  };
  watcher->watch(true, true);
  loop.run_once();
  loop.run_once();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace weir::loop
