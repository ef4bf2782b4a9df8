// SPDX-License-Identifier: MIT
#include <weir/net/memory_transport.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace weir::net {
namespace {

class Recorder final : public TransportEvents {
 public:
  void on_read(std::span<char> bytes) noexcept override {
    events.push_back("read " + std::string(bytes.begin(), bytes.end()));
  }
  void on_end_of_input() noexcept override { events.push_back("end"); }
  void on_fin_ahead() noexcept override { events.push_back("fin"); }
  void on_broken(const base::Error& error) noexcept override { events.push_back("broken: " + error.message()); }
  void on_write_progress(bool is_drained) noexcept override { events.push_back(is_drained ? "drained" : "progress"); }

  std::vector<std::string> events;
};

using Events = std::vector<std::string>;

class MemoryTransportTest : public testing::Test {
 protected:
  MemoryTransportTest() { server->set_events(recorder); }

  MemoryPeer peer;
  Recorder recorder;
  std::unique_ptr<Transport> server = peer.take_server_end();
};

TEST_F(MemoryTransportTest, SentBytesArriveInOneRead) {
  server->start_reading();
  EXPECT_TRUE(peer.send("abc"));
  EXPECT_EQ(recorder.events, (Events{"read abc"}));
}

TEST_F(MemoryTransportTest, BytesSentWhileNobodyReadsWait) {
  EXPECT_TRUE(peer.send("abc"));
  EXPECT_EQ(recorder.events, Events{});
  server->start_reading();
  peer.send("def");
  EXPECT_EQ(recorder.events, (Events{"read abcdef"}));
}

TEST_F(MemoryTransportTest, TheEndComesAfterTheBytes) {
  peer.send("abc");
  peer.end_output();
  server->start_reading();
  peer.send("");
  EXPECT_EQ(recorder.events, (Events{"read abc", "end"}));
}

TEST_F(MemoryTransportTest, TheEndComesOnce) {
  server->start_reading();
  peer.end_output();
  peer.end_output();
  EXPECT_EQ(recorder.events, (Events{"end"}));
}

TEST_F(MemoryTransportTest, AWatchedServerHearsTheEndAheadOfTheBytesThatWait) {
  server->watch_hangup(true);
  peer.send("abc");
  peer.end_output();
  EXPECT_EQ(recorder.events, (Events{"fin"}));
  server->start_reading();
  peer.send("");
  EXPECT_EQ(recorder.events, (Events{"fin", "read abc", "end"}));
}

TEST_F(MemoryTransportTest, AServerThatWatchesNoMoreHearsNoEnd) {
  server->watch_hangup(true);
  server->watch_hangup(false);
  peer.end_output();
  EXPECT_EQ(recorder.events, Events{});
}

TEST_F(MemoryTransportTest, AWatchedServerThatReadsHearsTheEndAfterTheBytes) {
  server->watch_hangup(true);
  peer.send("abc");
  server->start_reading();
  peer.end_output();
  EXPECT_EQ(recorder.events, (Events{"read abc", "end"}));
}

TEST_F(MemoryTransportTest, AResetIsABrokenStream) {
  peer.reset();
  EXPECT_EQ(recorder.events, (Events{"broken: connection reset"}));
}

TEST_F(MemoryTransportTest, WritesArriveInOrder) {
  EXPECT_EQ(server->try_write("ab", "cd"), 4U);
  EXPECT_EQ(peer.take_received(), "abcd");
  EXPECT_EQ(peer.take_received(), "");
}

TEST_F(MemoryTransportTest, AFullWindowTakesOnlyAPart) {
  peer.set_receive_window(3);
  EXPECT_EQ(server->try_write("ab", "cd"), 3U);
  EXPECT_EQ(server->try_write("d", {}), 0U);
  EXPECT_EQ(peer.take_received(), "abc");
}

TEST_F(MemoryTransportTest, NothingOvertakesWhatIsQueued) {
  peer.set_receive_window(0);
  server->write("first");
  EXPECT_EQ(server->queued_bytes(), 5U);
  peer.set_receive_window(3);
  EXPECT_EQ(server->try_write("second", {}), 0U);
  EXPECT_EQ(peer.take_received(), "fir");
}

TEST_F(MemoryTransportTest, AWiderWindowTellsOfProgressAndOfTheEnd) {
  peer.set_receive_window(0);
  server->write("abcd");
  peer.set_receive_window(3);
  peer.set_receive_window(3);
  EXPECT_EQ(recorder.events, (Events{"progress", "drained"}));
  EXPECT_EQ(peer.take_received(), "abcd");
}

TEST_F(MemoryTransportTest, WhatWaitsIsReadWhenAWiderWindowLetsTheServerReadAgain) {
  class ReadsAgain final : public TransportEvents {
   public:
    explicit ReadsAgain(Transport& transport) : transport_(transport) {}
    void on_read(std::span<char> bytes) noexcept override { read.append(bytes.data(), bytes.size()); }
    void on_end_of_input() noexcept override {}
    void on_broken(const base::Error&) noexcept override {}
    void on_write_progress(bool) noexcept override { transport_.start_reading(); }
    std::string read;

   private:
    Transport& transport_;
  };
  ReadsAgain events(*server);
  server->set_events(events);
  peer.set_receive_window(0);
  server->write("answer");
  peer.send("next request");
  peer.set_receive_window(100);
  EXPECT_EQ(events.read, "next request");
}

TEST_F(MemoryTransportTest, AHalfClosedServerHasEnded) {
  EXPECT_FALSE(peer.is_ended());
  server->shut_down_output();
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(MemoryTransportTest, AServerThatHasGoneTakesNothing) {
  server.reset();
  EXPECT_FALSE(peer.send("abc"));
  EXPECT_TRUE(peer.is_ended());
  peer.reset();
  peer.end_output();
  EXPECT_EQ(recorder.events, Events{});
}

TEST_F(MemoryTransportTest, AReadMayDestroyTheServersEnd) {
  class Destroys final : public TransportEvents {
   public:
    explicit Destroys(std::unique_ptr<Transport>& transport) : transport_(transport) {}
    void on_read(std::span<char>) noexcept override { transport_.reset(); }
    void on_end_of_input() noexcept override { ended = true; }
    void on_broken(const base::Error&) noexcept override {}
    void on_write_progress(bool) noexcept override {}
    bool ended = false;

   private:
    std::unique_ptr<Transport>& transport_;
  };
  Destroys events(server);
  server->set_events(events);
  server->start_reading();
  peer.send("x");
  peer.end_output();
  EXPECT_EQ(server, nullptr);
  EXPECT_FALSE(events.ended);
}

TEST(MemoryTransportLifetimeTest, TheServersEndOutlivesThePeer) {
  auto peer = std::make_unique<MemoryPeer>();
  const auto server = peer->take_server_end();
  peer.reset();
  EXPECT_EQ(server->try_write("abc", {}), 3U);
  EXPECT_EQ(server->peer(), "memory");
}

}  // namespace
}  // namespace weir::net
