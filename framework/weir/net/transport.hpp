// SPDX-License-Identifier: MIT
// A connected byte stream, whatever carries it: TCP, a Unix socket, memory, later TLS.
#pragma once

#include <weir/base/error.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::net {

/// Hears what happens on a Transport.
///
/// Thread: loop thread of the transport. A callback may close or destroy the transport.
class TransportEvents {
 public:
  /// Bytes arrived; they are valid, and may be written to, until the callback returns.
  virtual void on_read(std::span<char> bytes) noexcept = 0;
  /// The peer half-closed (FIN): no more bytes will come, but it may still read. Told once, after all bytes.
  virtual void on_end_of_input() noexcept = 0;
  /// The peer's FIN was seen while reading is stopped and watch_hangup is on; bytes may still wait in the kernel. The
  /// end of the input is told later as usual, when reading has got there.
  virtual void on_fin_ahead() noexcept {}
  /// The stream broke (reset, write error). Told once; nothing more will come; close it.
  virtual void on_broken(const base::Error& error) noexcept = 0;
  /// The kernel took more of what `write` had queued; `is_drained` when nothing of it is left.
  virtual void on_write_progress(bool is_drained) noexcept = 0;

 protected:
  ~TransportEvents() = default;
};

/// One connected stream on one loop.
///
/// Thread:    loop thread only.
/// Ownership: borrows its events until closed or destroyed. Destruction closes at once; queued output is lost.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual void set_events(TransportEvents& events) = 0;
  virtual void start_reading() = 0;
  virtual void stop_reading() = 0;

  /// Hears of a broken stream even while nothing is read: on_broken for a reset or a peer that closed both ways, and
  /// on_fin_ahead, once, for a FIN that arrives while reading is stopped. Idempotent; off by itself when closed. What
  /// holds already is told too, in a later turn. Best effort: without descriptors or memory for it nothing is heard.
  virtual void watch_hangup(bool is_on) = 0;

  /// Writes what the kernel takes right now of `first`, then `second`, in one system call; returns how much that was.
  /// 0 while something is queued. A broken stream is reported later through on_broken.
  virtual std::size_t try_write(std::string_view first, std::string_view second) = 0;

  /// Queues `bytes` behind what is queued; on_write_progress tells when they went.
  virtual void write(std::string bytes) = 0;
  virtual std::size_t queued_bytes() const = 0;

  /// Sends FIN after the queued output. Input goes on.
  virtual void shut_down_output() = 0;

  /// From here on destruction sends RST instead of FIN, where the kind of stream has that (TCP): the peer learns that
  /// what it got is not all.
  virtual void reset_on_close() = 0;

  /// What the system may send to beside `try_write`, while nothing is queued; -1 where there is no such thing.
  virtual int descriptor() const { return -1; }

  /// The peer's address for logs: "127.0.0.1:40412", "unix".
  virtual std::string peer() const = 0;
};

}  // namespace weir::net
