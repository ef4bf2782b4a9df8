// SPDX-License-Identifier: MIT
// Detects connections that arrive on one listening socket.
#pragma once

#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/loop/loop.hpp>
#include <weir/net/socket.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace weir::net {

/// Accepts from one socket on one loop.
///
/// At most kAcceptsPerTurn connections are taken per loop turn, so that a flood does not hold up the open ones. When
/// the process runs out of descriptors or memory the listener pauses for kPause instead of spinning, and logs that
/// once until an accept succeeds again.
///
/// Thread:    loop thread, or before the loop runs.
/// Ownership: owns the socket; borrows everything else. No callback after the destructor.
class Listener {
 public:
  using OnConnection = std::function<void(Descriptor socket, SocketKind kind)>;
  static constexpr int kAcceptsPerTurn = 64;
  static constexpr std::chrono::milliseconds kPause{100};

  struct Reporting {
    base::Log& log;
    base::Counter& accept_errors;
  };

  Listener(loop::Loop& loop, Descriptor socket, Reporting reporting, OnConnection on_connection);
  Listener(Listener&&) = delete;
  ~Listener();

  /// Takes every connection whose handshake is complete, then closes the socket: none is reset, as long as there are
  /// descriptors for them.
  void drain_and_close();

 private:
  struct Handle;
  struct AsyncClose {
    void operator()(Handle* handle) const noexcept;
  };
  class PauseTimer;
  enum class Accepted : unsigned char { kOne, kNone, kExhausted };

  void start();
  void on_readable();
  Accepted accept_one();
  void pause();

  loop::Loop& loop_;
  Reporting reporting_;
  OnConnection on_connection_;
  SocketKind kind_;
  bool is_exhaustion_logged_ = false;
  std::unique_ptr<PauseTimer> pause_timer_;
  std::unique_ptr<Handle, AsyncClose> handle_;
};

}  // namespace weir::net
