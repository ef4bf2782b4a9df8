// SPDX-License-Identifier: MIT
// A Transport without a socket: bytes go in and out by function call.
#pragma once

#include <weir/net/transport.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace weir::net {

/// The peer's end of a memory transport; the server's end is given to a connection.
///
/// Thread:    the one that drives the server's loop.
/// Ownership: independent of the server's end: either may go first.
class MemoryPeer {
 public:
  MemoryPeer();
  MemoryPeer(const MemoryPeer&) = delete;
  MemoryPeer& operator=(const MemoryPeer&) = delete;
  ~MemoryPeer();

  /// The server's end; once.
  std::unique_ptr<Transport> take_server_end();

  /// Delivers bytes, in one read; false when the server does not read any more.
  bool send(std::string_view bytes);
  /// FIN.
  void end_output();
  /// RST.
  void reset();

  /// Delivers what was sent while the server did not read, if it reads again by now.
  void deliver();

  /// What the server has written so far and nobody took.
  std::string take_received();
  /// The server closed its end, or half-closed its output.
  bool is_ended() const;
  /// It closed with a RST.
  bool is_reset() const;

  /// Takes at most that much more, then the server's writes queue up; grants more when called again.
  void set_receive_window(std::size_t bytes);

 private:
  struct Shared;
  class ServerEnd;
  std::shared_ptr<Shared> shared_;  // by both ends: either may go first
};

}  // namespace weir::net
