// SPDX-License-Identifier: MIT
// Decides what becomes of a new connection: which loop gets it, or that there is no room.
#pragma once

#include <weir/base/metrics.hpp>
#include <weir/loop/loop.hpp>
#include <weir/net/socket.hpp>

#include <atomic>
#include <cstdint>
#include <vector>

namespace weir::net {

/// Where the connections of one loop live.
///
/// Thread: loop thread of `loop()`, but for the counting.
class ConnectionSink {
 public:
  virtual loop::Loop& loop() = 0;
  /// Serves the connection, which `assign` has counted; calls `unassign` and Acceptor::release when it has closed.
  virtual void adopt(Descriptor socket, SocketKind kind) = 0;
  /// Tells the client that there is no room (503) and closes; the connection was not admitted.
  virtual void refuse(Descriptor socket, SocketKind kind) = 0;
  /// Closes the connection that has been idle the longest; false when none is idle.
  virtual bool close_oldest_idle() = 0;

  /// How many connections this sink has or is about to get. Any thread.
  std::uint64_t open_connections() const { return open_connections_.load(std::memory_order_relaxed); }
  void assign() { open_connections_.fetch_add(1, std::memory_order_relaxed); }
  void unassign() { open_connections_.fetch_sub(1, std::memory_order_relaxed); }

 protected:
  ~ConnectionSink() = default;

 private:
  std::atomic<std::uint64_t> open_connections_{0};
};

/// How connections of a listener are spread.
enum class Spread : unsigned char {
  kOwnLoop,      ///< The kernel has spread them already (SO_REUSEPORT).
  kLeastLoaded,  ///< One loop accepts for all and hands over.
};

/// Holds the bound on connections of one app.
///
/// Thread:    admit on the accepting loop; release anywhere; add_sink before any loop runs.
/// Ownership: borrows the sinks.
class Acceptor {
 public:
  Acceptor(std::uint64_t connections_max, base::Metrics& metrics);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void add_sink(ConnectionSink& sink) { sinks_.push_back(&sink); }

  /// Gives the connection to a loop. At the bound the accepting loop's oldest idle connection is closed for it;
  /// where none is idle the newcomer is refused.
  void admit(ConnectionSink& own, Spread spread, Descriptor socket, SocketKind kind);

  /// A connection that was admitted has closed. Any thread.
  void release() { connections_.add(-1); }

 private:
  ConnectionSink& choose(ConnectionSink& own, Spread spread) const;

  std::int64_t connections_max_;
  std::vector<ConnectionSink*> sinks_;
  base::Gauge& connections_;
};

}  // namespace weir::net
