// SPDX-License-Identifier: MIT
// What a stream transport tells of a peer that ends, closes or resets while it is watched.
#include "tests/net/hangup_fixture.hpp"

namespace weir::net {
namespace {

using StreamHangupTest = HangupTest;

TEST_F(StreamHangupTest, AResetIsHeardWhileNothingIsRead) {
  const auto watched = tcp();
  watched->peer_resets();
  EXPECT_TRUE(run_until_broken(*watched));
  EXPECT_EQ(watched->recorder.broken, kBrokenOnce);
}

TEST_F(StreamHangupTest, AResetIsHeardAfterReadingStopped) {
  const auto watched = tcp();
  watched->transport->start_reading();
  watched->peer_sends("request");
  ASSERT_TRUE(run_until([&] { return watched->recorder.read == "request"; }));
  watched->transport->stop_reading();
  watched->peer_sends("more");
  watched->peer_resets();
  EXPECT_TRUE(run_until_broken(*watched));
  EXPECT_EQ(watched->recorder.read, "request");
}

TEST_F(StreamHangupTest, APeerThatClosesWithUnreadBytesIsHeard) {
  const auto watched = tcp();
  EXPECT_EQ(watched->transport->try_write("answer", {}), 6U);
  pollfd readable{watched->peer.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&readable, 1, 10'000), 1);
  watched->peer_closes();  // the kernel resets for the bytes that nobody read
  EXPECT_TRUE(run_until_broken(*watched));
}

TEST_F(StreamHangupTest, AResetBeforeTheWatchIsHeardToo) {
  const auto watched = tcp();
  watched->transport->watch_hangup(false);
  watched->peer_resets();
  run_past();
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
  watched->transport->watch_hangup(true);
  EXPECT_TRUE(run_until_broken(*watched));
}

TEST_F(StreamHangupTest, ABreakIsToldOnceWhoeverSeesIt) {
  const auto watched = tcp();
  watched->transport->start_reading();
  watched->transport->write(std::string(8 << 20, 'm'));  // more than the buffers hold: libuv waits for room
  watched->transport->write("and more");
  watched->peer_resets();
  EXPECT_TRUE(run_until_broken(*watched));
  run_past();
  EXPECT_EQ(watched->recorder.broken, kBrokenOnce);
  EXPECT_EQ(watched->recorder.ends, 0);
}

TEST_F(StreamHangupTest, TheEndIsToldOnceAndTheBytesBeforeItStillCome) {
  const auto watched = tcp();
  watched->peer_sends("late bytes");
  watched->peer_ends();
  ASSERT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->recorder.read, "");
  watched->transport->start_reading();
  EXPECT_EQ(watched->recorder.ends, 0) << "what is told ahead is not the end";
  EXPECT_TRUE(run_until([&] { return watched->recorder.ends == 1; }));
  EXPECT_EQ(watched->recorder.read_at_end, "late bytes");
  run_past();
  EXPECT_EQ(watched->recorder.ends_heard(), 1);
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
}

TEST_F(StreamHangupTest, WhileReadingGoesOnTheEndComesAfterTheBytes) {
  const auto watched = tcp();
  watched->peer_sends("bytes");
  watched->peer_ends();
  watched->transport->start_reading();
  ASSERT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->recorder.read_at_end, "bytes");
}

TEST_F(StreamHangupTest, AnEndThatCameWhileReadingIsToldOnceReadingStops) {
  const auto watched = tcp();
  watched->recorder.on_bytes = [&] { watched->transport->stop_reading(); };
  watched->peer_sends("bytes");
  watched->peer_ends();
  watched->transport->start_reading();
  ASSERT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->recorder.read, "bytes");
  watched->transport->start_reading();
  run_past();
  EXPECT_EQ(watched->recorder.ends_heard(), 1);
}

TEST_F(StreamHangupTest, AfterTheEndWasReadAWriteToAClosedPeerBreaks) {
  const auto watched = tcp();
  watched->transport->start_reading();
  watched->peer_closes();
  ASSERT_TRUE(run_until_end(*watched));
  run_past();
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
  EXPECT_EQ(watched->transport->try_write("probe", {}), 5U);
  EXPECT_TRUE(run_until_broken(*watched));
  EXPECT_EQ(watched->recorder.broken, kBrokenOnce);
  EXPECT_EQ(watched->recorder.ends_heard(), 1);
}

TEST_F(StreamHangupTest, AfterTheEndWasWatchedAWriteToAClosedPeerBreaks) {
  const auto watched = tcp();
  watched->peer_closes();
  ASSERT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->transport->try_write("probe", {}), 5U);
  EXPECT_TRUE(run_until_broken(*watched));
}

TEST_F(StreamHangupTest, AWriteToAHalfClosedPeerArrives) {
  const auto watched = tcp();
  watched->transport->start_reading();
  watched->peer_ends();
  ASSERT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->transport->try_write("probe ", {}), 6U);
  run_past();
  EXPECT_EQ(watched->transport->try_write("answer", {}), 6U);
  std::string received;
  EXPECT_TRUE(run_until([&] { return (received += read_available(watched->peer.get())) == "probe answer"; }));
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
  EXPECT_EQ(watched->recorder.ends_heard(), 1);
}

TEST_F(StreamHangupTest, FinsBothWaysAreNoBreak) {
  for (const auto& watched : {tcp(), unix_socket()}) {
    watched->transport->shut_down_output();
    std::string received;
    ASSERT_TRUE(run_until([&] { return (received += read_available(watched->peer.get())) == "<end>"; }));
    watched->peer_closes();
    EXPECT_TRUE(run_until_end(*watched));
    run_past();
    EXPECT_EQ(watched->recorder.broken.size(), 0U);
    EXPECT_EQ(watched->recorder.ends_heard(), 1);
  }
}

TEST_F(StreamHangupTest, OurFinAfterThePeersIsNoBreak) {
  for (const auto& watched : {tcp(), unix_socket()}) {
    watched->peer_ends();
    ASSERT_TRUE(run_until_end(*watched));
    watched->transport->shut_down_output();
    std::string received;
    ASSERT_TRUE(run_until([&] { return (received += read_available(watched->peer.get())) == "<end>"; }));
    watched->peer_closes();
    run_past();
    EXPECT_EQ(watched->recorder.broken.size(), 0U);
    EXPECT_EQ(watched->recorder.ends_heard(), 1);
  }
}

TEST_F(StreamHangupTest, AUnixPeerThatClosesIsABreak) {
  const auto watched = unix_socket();
  watched->peer_closes();
  EXPECT_TRUE(run_until_broken(*watched));
  EXPECT_EQ(watched->recorder.broken, kBrokenOnce);
  EXPECT_EQ(watched->recorder.ends, 0);
}

TEST_F(StreamHangupTest, AUnixPeerThatClosesWithUnreadBytesIsABreak) {
  const auto watched = unix_socket();
  EXPECT_EQ(watched->transport->try_write("answer", {}), 6U);
  watched->peer_closes();
  EXPECT_TRUE(run_until_broken(*watched));
  EXPECT_EQ(watched->recorder.broken, kBrokenOnce);
}

TEST_F(StreamHangupTest, AHalfClosedUnixPeerIsAnEnd) {
  const auto watched = unix_socket();
  watched->peer_ends();
  EXPECT_TRUE(run_until_end(*watched));
  EXPECT_EQ(watched->transport->try_write("answer", {}), 6U);
  EXPECT_EQ(read_available(watched->peer.get()), "answer");
  EXPECT_EQ(watched->recorder.broken.size(), 0U);
}

TEST_F(StreamHangupTest, WithoutAWatchThereIsSilence) {
  const auto unwatched = tcp();
  unwatched->transport->watch_hangup(true);  // twice is once
  unwatched->transport->watch_hangup(false);
  const auto without_watcher = tcp(nullptr);
  unwatched->peer_resets();
  without_watcher->peer_resets();
  run_past();
  EXPECT_EQ(unwatched->recorder.broken.size() + without_watcher->recorder.broken.size(), 0U);
  EXPECT_EQ(unwatched->recorder.ends + without_watcher->recorder.ends, 0);
}

}  // namespace
}  // namespace weir::net
