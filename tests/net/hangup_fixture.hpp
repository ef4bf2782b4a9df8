// SPDX-License-Identifier: MIT
// Watched connections over real sockets whose peers end, close and reset them.
#pragma once

#include <weir/net/hangup_watcher.hpp>
#include <weir/net/stream_transport.hpp>

#include "tests/net/loopback.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::net {

/// Notes what it hears.
class HangupRecorder final : public TransportEvents {
 public:
  void on_read(std::span<char> bytes) noexcept override {
    read.append(bytes.data(), bytes.size());
    if (on_bytes) on_bytes();
  }
  void on_end_of_input() noexcept override {
    ++ends;
    read_at_end = read;
  }
  void on_broken(const base::Error& error) noexcept override {
    broken.push_back(error.code());
    const auto then = on_break;  // lives on when the callback destroys this
    if (then) then();
  }
  void on_write_progress(bool) noexcept override {}

  std::string read;
  std::string read_at_end;
  void on_fin_ahead() noexcept override { ++fins; }
  /// How often the end was told, be it ahead or in its turn; each comes once at most.
  int ends_heard() const { return std::max(ends, fins); }
  int ends = 0;
  int fins = 0;
  std::vector<base::ErrorCode> broken;
  std::function<void()> on_bytes;
  std::function<void()> on_break;
};

inline const std::vector<base::ErrorCode> kBrokenOnce{base::ErrorCode::kPeerGone};

/// One watched connection, of which nothing is read yet.
struct Watched {
  Watched(loop::Loop& loop, HangupWatcher* watcher, Descriptor socket, SocketKind kind, Descriptor its_peer)
      : peer(std::move(its_peer)) {
    auto made = make_stream_transport(loop, std::move(socket), kind, watcher);
    EXPECT_TRUE(made);
    transport = std::move(*made);
    transport->set_events(recorder);
    transport->watch_hangup(true);
  }

  void peer_sends(std::string_view bytes) const {
    ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// FIN; the peer still reads.
  void peer_ends() const { ASSERT_EQ(::shutdown(peer.get(), SHUT_WR), 0); }
  void peer_closes() { peer = Descriptor(); }
  /// RST.
  void peer_resets() {
    const linger reset_on_close{1, 0};
    ASSERT_EQ(::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof(reset_on_close)), 0);
    peer_closes();
  }

  Descriptor peer;
  HangupRecorder recorder;
  std::unique_ptr<Transport> transport;
};

class HangupTest : public testing::Test {
 protected:
  HangupTest() { std::signal(SIGPIPE, SIG_IGN); }  // as App does

  std::unique_ptr<Watched> tcp() { return tcp(watcher.get()); }
  std::unique_ptr<Watched> tcp(HangupWatcher* watching) {
    Descriptor client = listening.connect();
    Descriptor server(::accept4(listening.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return std::make_unique<Watched>(loop, watching, std::move(server), SocketKind::kTcp, std::move(client));
  }
  std::unique_ptr<Watched> unix_socket() {
    SocketPair pair;
    return std::make_unique<Watched>(loop, watcher.get(), std::move(pair.near_end), SocketKind::kUnix,
                                     std::move(pair.far_end));
  }
  bool run_until(const std::function<bool()>& condition) { return net::run_until(loop, condition); }
  bool run_until_broken(const Watched& watched) {
    return run_until([&] { return !watched.recorder.broken.empty(); });
  }
  bool run_until_end(const Watched& watched) {
    return run_until([&] { return watched.recorder.ends_heard() > 0; });
  }
  /// Turns in which something wrong would be heard: a connection that fails later is heard of in the last.
  void run_past() {
    const auto later = tcp();
    later->peer_resets();
    EXPECT_TRUE(run_until_broken(*later));
    later->transport.reset();
    for (int turn = 0; turn < 3; ++turn) loop.run_once();
  }

  loop::Loop loop;
  std::unique_ptr<HangupWatcher> watcher = std::make_unique<HangupWatcher>(loop);
  Loopback listening;
};

}  // namespace weir::net
