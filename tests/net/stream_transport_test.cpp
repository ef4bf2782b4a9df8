// SPDX-License-Identifier: MIT
#include <weir/net/stream_transport.hpp>

#include "tests/net/loopback.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <string>

namespace weir::net {
namespace {

class Recorder final : public TransportEvents {
 public:
  void on_read(std::span<char> bytes) noexcept override {
    read.append(bytes.data(), bytes.size());
    if (then) then();
  }
  void on_end_of_input() noexcept override {
    is_ended = true;
    if (then) then();
  }
  void on_broken(const base::Error& error) noexcept override { broken = error.code(); }
  void on_write_progress(bool is_all) noexcept override { is_drained = is_all; }

  std::string read;
  std::function<void()> then;
  std::optional<base::ErrorCode> broken;
  bool is_ended = false;
  bool is_drained = false;
};

// More than a socket's buffers hold.
const std::string kMuch(8 << 20, 'm');

class StreamTransportTest : public testing::Test {
 protected:
  StreamTransportTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as App does
    auto made = make_stream_transport(loop, std::move(sockets.near_end), SocketKind::kUnix);
    EXPECT_TRUE(made);
    transport = std::move(*made);
    transport->set_events(recorder);
  }
  ~StreamTransportTest() override {
    transport.reset();
    loop.run_once();
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(::write(peer(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  int peer() const { return sockets.far_end.get(); }
  /// Reads at the peer until `bytes` have come.
  std::string receive(std::size_t bytes) {
    std::string out;
    run_until(loop, [&] { return (out += read_available(peer())).size() >= bytes; });
    return out;
  }

  loop::Loop loop;
  SocketPair sockets;
  Recorder recorder;
  std::unique_ptr<Transport> transport;
};

TEST_F(StreamTransportTest, BytesThatArriveAreReported) {
  transport->start_reading();
  send("hello");
  EXPECT_TRUE(run_until(loop, [this] { return recorder.read == "hello"; }));
}

TEST_F(StreamTransportTest, WhileReadingIsStoppedBytesWait) {
  transport->start_reading();
  transport->stop_reading();
  send("hello");
  loop.run_once();
  loop.run_once();
  EXPECT_EQ(recorder.read, "");
  transport->start_reading();
  EXPECT_TRUE(run_until(loop, [this] { return recorder.read == "hello"; }));
}

TEST_F(StreamTransportTest, TheEndOfInputLeavesTheOutputOpen) {
  transport->start_reading();
  ::shutdown(peer(), SHUT_WR);
  ASSERT_TRUE(run_until(loop, [this] { return recorder.is_ended; }));
  EXPECT_EQ(transport->try_write("answer", {}), 6U);
  EXPECT_EQ(receive(6), "answer");
}

TEST_F(StreamTransportTest, TwoTextsGoInOneWrite) {
  EXPECT_EQ(transport->try_write("head ", "body"), 9U);
  EXPECT_EQ(read_available(peer()), "head body");
}

TEST_F(StreamTransportTest, AFullSocketTakesAPart) {
  const std::size_t taken = transport->try_write("head", kMuch);
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, 4 + kMuch.size());
  EXPECT_EQ(transport->try_write("x", {}), 0U);
}

TEST_F(StreamTransportTest, WhatIsQueuedGoesWhenThePeerReads) {
  const std::size_t taken = transport->try_write(kMuch, {});
  transport->write(kMuch.substr(taken));
  EXPECT_EQ(transport->queued_bytes(), kMuch.size() - taken);
  EXPECT_EQ(receive(kMuch.size()).size(), kMuch.size());
  EXPECT_TRUE(run_until(loop, [this] { return recorder.is_drained; }));
  EXPECT_EQ(transport->queued_bytes(), 0U);
}

TEST_F(StreamTransportTest, NothingOvertakesTheQueue) {
  transport->write(kMuch);
  EXPECT_EQ(transport->try_write("overtaker", {}), 0U);
}

TEST_F(StreamTransportTest, QueuedWritesKeepTheirOrder) {
  transport->write(kMuch);
  transport->write("1");
  transport->write("2");
  const std::string all = receive(kMuch.size() + 2);
  ASSERT_EQ(all.size(), kMuch.size() + 2);
  EXPECT_EQ(all.substr(kMuch.size()), "12");
}

TEST_F(StreamTransportTest, TheEndOfOutputComesAfterTheQueue) {
  transport->write(kMuch);
  transport->shut_down_output();
  const std::string all = receive(kMuch.size() + 5);
  ASSERT_EQ(all.size(), kMuch.size() + 5);
  EXPECT_EQ(all.substr(kMuch.size()), "<end>");
}

TEST_F(StreamTransportTest, AfterTheEndOfOutputInputGoesOn) {
  transport->start_reading();
  transport->shut_down_output();
  EXPECT_EQ(receive(5), "<end>");
  send("still here");
  EXPECT_TRUE(run_until(loop, [this] { return recorder.read == "still here"; }));
}

TEST_F(StreamTransportTest, ClosingWithQueuedWritesLosesThemQuietly) {
  transport->write(kMuch);
  transport->shut_down_output();
  transport.reset();
  loop.run_once();
  EXPECT_FALSE(recorder.broken);
  EXPECT_FALSE(recorder.is_drained);
}

TEST_F(StreamTransportTest, AWriteToAPeerThatHasGoneIsABrokenStream) {
  sockets.far_end = Descriptor();
  transport->write("x");
  ASSERT_TRUE(run_until(loop, [this] { return recorder.broken.has_value(); }));
  EXPECT_EQ(recorder.broken, base::ErrorCode::kPeerGone);
}

TEST_F(StreamTransportTest, ACallbackMayDestroyTheTransport) {
  recorder.then = [this] { transport.reset(); };
  transport->start_reading();
  send("x");
  EXPECT_TRUE(run_until(loop, [this] { return transport == nullptr; }));
}

TEST_F(StreamTransportTest, AnEndOfInputMayDestroyTheTransport) {
  recorder.then = [this] { transport.reset(); };
  transport->start_reading();
  sockets.far_end = Descriptor();
  EXPECT_TRUE(run_until(loop, [this] { return transport == nullptr; }));
}

TEST_F(StreamTransportTest, AUnixPeerIsCalledUnix) {
  EXPECT_EQ(transport->peer(), "unix");
}

TEST(TcpTransportTest, ThePeerIsNamedWithItsPort) {
  loop::Loop loop;
  const Loopback listening;
  const Descriptor client = listening.connect();
  Descriptor server(::accept4(listening.socket.get(), nullptr, nullptr, SOCK_NONBLOCK));
  auto transport = make_stream_transport(loop, std::move(server), SocketKind::kTcp);
  ASSERT_TRUE(transport);
  EXPECT_EQ((*transport)->peer(), local_endpoint(client.get())->to_string());
}

TEST(TcpTransportTest, AResetIsABrokenStream) {
  loop::Loop loop;
  const Loopback listening;
  Descriptor client = listening.connect();
  Descriptor server(::accept4(listening.socket.get(), nullptr, nullptr, SOCK_NONBLOCK));
  auto transport = make_stream_transport(loop, std::move(server), SocketKind::kTcp);
  ASSERT_TRUE(transport);
  Recorder recorder;
  (*transport)->set_events(recorder);
  (*transport)->start_reading();
  const linger reset_on_close{1, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof(reset_on_close));
  client = Descriptor();
  EXPECT_TRUE(run_until(loop, [&] { return recorder.broken == base::ErrorCode::kPeerGone; }));
}

TEST(TcpTransportTest, ACloseCanBeAReset) {
  loop::Loop loop;
  const Loopback listening;
  const Descriptor client = listening.connect();
  Descriptor server(::accept4(listening.socket.get(), nullptr, nullptr, SOCK_NONBLOCK));
  auto transport = make_stream_transport(loop, std::move(server), SocketKind::kTcp);
  ASSERT_TRUE(transport);
  Recorder recorder;
  (*transport)->set_events(recorder);
  (*transport)->reset_on_close();
  transport->reset();
  ASSERT_TRUE(run_until(loop, [&] {
    pollfd readable{client.get(), POLLIN, 0};
    return ::poll(&readable, 1, 0) == 1;
  }));
  char byte = 0;
  EXPECT_EQ(::recv(client.get(), &byte, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(TcpTransportTest, WhatLibuvRefusesIsAnError) {
  loop::Loop loop;
  const auto transport = make_stream_transport(loop, Descriptor(), SocketKind::kTcp);
  ASSERT_FALSE(transport);
  EXPECT_TRUE(transport.error().message().starts_with("cannot take a socket onto the loop: "));
}

}  // namespace
}  // namespace weir::net
