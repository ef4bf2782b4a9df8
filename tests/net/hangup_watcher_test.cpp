// SPDX-License-Identifier: MIT
#include <weir/net/hangup_watcher.hpp>

#include "tests/net/hangup_fixture.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

namespace weir::net {
namespace {

using HangupWatcherTest = HangupTest;

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_F(HangupWatcherTest, BytesThatWaitWakeNobody) {
  const auto watched = tcp();
  watched->peer_sends("bytes");
  run_past();
  EXPECT_EQ(watched->recorder.ends, 0);
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
  EXPECT_FALSE(loop.run_once()) << "the watcher keeps the loop alive";
}

TEST_F(HangupWatcherTest, ManyThatBreakAtOnceAreAllHeard) {
  std::vector<std::unique_ptr<Watched>> all(150);
  for (auto& watched : all) watched = unix_socket();
  for (auto& watched : all) watched->peer_closes();
  const auto is_heard = [](const auto& watched) { return watched->recorder.broken == kBrokenOnce; };
  EXPECT_TRUE(run_until([&] { return std::all_of(all.begin(), all.end(), is_heard); }));
}

TEST_F(HangupWatcherTest, ACallbackMayDestroyAllThatIsWatchedAndTheWatcher) {
  int heard = 0;
  std::vector<std::unique_ptr<Watched>> all(150);
  for (auto& watched : all) {
    watched = unix_socket();
    watched->recorder.on_break = [&] {
      ++heard;
      all.clear();
      watcher.reset();
    };
  }
  for (auto& watched : all) watched->peer_closes();
  ASSERT_TRUE(run_until([&] { return heard > 0; }));
  loop.run_once();
  EXPECT_EQ(heard, 1);
}

TEST_F(HangupWatcherTest, ADestroyedWatchIsNotHeardInTheSameTurn) {
  // Each callback ends the watch of the other one, whose event has been fetched together with its own, and puts a new
  // connection in its place.
  auto first = unix_socket();
  auto second = unix_socket();
  int heard = 0;
  first->recorder.on_break = [&] {
    ++heard;
    second = unix_socket();
  };
  second->recorder.on_break = [&] {
    ++heard;
    first = unix_socket();
  };
  first->peer_closes();
  second->peer_closes();
  ASSERT_TRUE(run_until([&] { return heard > 0; }));
  run_past();
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(first->recorder.broken.size() + second->recorder.broken.size(), 1U);
}

TEST_F(HangupWatcherTest, AWatchThatEndsInTheSameTurnIsSilent) {
  const auto first = unix_socket();
  const auto second = unix_socket();
  first->recorder.on_break = [&] { second->transport->watch_hangup(false); };
  second->recorder.on_break = [&] { first->transport->watch_hangup(false); };
  first->peer_closes();
  second->peer_closes();
  run_past();
  EXPECT_EQ(first->recorder.broken.size() + second->recorder.broken.size(), 1U);
}

TEST_F(HangupWatcherTest, ClosingWhatIsWatchedLeaksNoDescriptor) {
  tcp()->transport->watch_hangup(true);  // what is opened once
  loop.run_once();
  const auto before = open_descriptors();
  for (int round = 0; round < 20; ++round) {
    const auto open = tcp();
    const auto broken = tcp();
    broken->peer_resets();
    ASSERT_TRUE(run_until_broken(*broken));
  }
  loop.run_once();
  EXPECT_EQ(open_descriptors(), before);
  watcher.reset();
  EXPECT_EQ(open_descriptors(), before - 1);
}

TEST_F(HangupWatcherTest, WithoutDescriptorsNothingIsWatchedUntilThereAreSome) {
  SocketPair pair;
  auto transport = make_stream_transport(loop, std::move(pair.near_end), SocketKind::kUnix, watcher.get());
  ASSERT_TRUE(transport);
  HangupRecorder recorder;
  (*transport)->set_events(recorder);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{0, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  (*transport)->watch_hangup(true);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  pair.far_end = Descriptor();
  loop.run_once();
  loop.run_once();
  EXPECT_EQ(recorder.broken.size(), 0U);
  (*transport)->watch_hangup(true);
  EXPECT_TRUE(run_until([&] { return recorder.broken == kBrokenOnce; }));
}

}  // namespace
}  // namespace weir::net
