// SPDX-License-Identifier: MIT
// A TCP client that sends any bytes and never waits without a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::conformance {

/// Thread:    one.
/// Ownership: the socket; destruction closes it.
/// Errors:    the constructor throws std::system_error when it can't connect. A reset or the end of the patience shows
///            in is_reset and in receive.
class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port);
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;
  ~SocketClient();

  /// Sends, taking in what arrives meanwhile. Stops when the server has ended or reset the stream; returns how many
  /// bytes the kernel took.
  std::size_t send(std::string_view bytes);
  /// Sends without ever reading, until the kernel takes no more for a moment; returns how many bytes it took.
  std::size_t send_without_reading(std::string_view bytes);
  /// Waits for more input. False when the stream has ended or nothing came in time.
  bool receive();
  /// Receives until the stream ends; false when it does not.
  bool receive_all();
  /// FIN.
  void end_output();

  const std::string& received() const { return received_; }
  /// The server has sent FIN.
  bool is_ended() const { return is_ended_; }
  bool is_reset() const { return is_reset_; }

 private:
  short wait_for(short events, int timeout_ms);
  void read_some();

  int fd_;
  std::string received_;
  bool is_ended_ = false;
  bool is_reset_ = false;
};

/// Sends one request on a connection of its own; returns all that comes back until the server closes.
std::string ask(std::uint16_t port, std::string_view request);

}  // namespace weir::conformance
