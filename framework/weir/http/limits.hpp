// SPDX-License-Identifier: MIT
// Every bound that a peer's bytes and silences run into, in one struct.
#pragma once

#include <weir/base/units.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::http {

/// Sizes are bytes, times are at least as long as written (a coarse timer fires up to 16 ms late).
struct Limits {
  // Head. Beyond: 431, 414 for the target.
  std::uint64_t head_bytes = 32 << 10;   ///< Request line and fields together; trailers likewise.
  std::uint64_t target_bytes = 8 << 10;  ///< Request target.
  std::uint64_t fields = 100;            ///< Number of fields; trailer fields likewise.

  // Body. Beyond: 413 before it is read, 400 for chunk extensions.
  std::uint64_t body_bytes = 1 << 20;             ///< Content, unless the route has a limit of its own.
  std::uint64_t chunk_extension_bytes = 4 << 10;  ///< All chunk extensions of a message together.
  std::uint64_t spool_bytes = 256 << 10;          ///< Content beyond this goes to a temporary file as it arrives.

  // Time. Beyond: 408 once something of a request has arrived, else the connection just closes.
  std::chrono::milliseconds header_timeout{10'000};  ///< From the first byte (or the accept) to the end of the head.
  std::chrono::milliseconds body_grace{5'000};       ///< Before the body rate counts.
  std::uint64_t body_bytes_per_second = 240;         ///< Mean rate that a body must keep after the grace.
  std::chrono::milliseconds body_stall_timeout{30'000};  ///< Longest pause within a body.
  std::chrono::milliseconds idle_timeout{75'000};        ///< Between requests; longer than a usual proxy's 60 s.
  std::chrono::milliseconds write_timeout{30'000};       ///< Without the peer taking a byte of our output.

  // Output and read-ahead.
  std::uint64_t output_pause_bytes = 64 << 10;  ///< Unsent output, or input read ahead, that pauses reading.
  std::uint64_t stream_pause_bytes = 1 << 20;   ///< Unsent output that makes the writer of a stream wait.
  std::uint64_t pipelined_requests = 64;        ///< Complete requests answered before their output is sent.

  // The sum of all that is kept for peers: content, input read ahead, unsent output. Beyond: content waits, then 503.
  std::uint64_t buffered_bytes = 0;            ///< Of the process; 0: a quarter of the memory that it may have.
  std::chrono::milliseconds body_wait{5'000};  ///< For room, before content is read.

  // Closing. After an early refusal the rest of the input is drained, so that the client can read the answer.
  std::uint64_t linger_bytes = 256 << 10;
  std::chrono::milliseconds linger_timeout{2'000};

  // Handlers that do not answer at once.
  std::chrono::milliseconds handler_timeout{30'000};  ///< From when it is queued or begins to its answer; then 504.
  std::uint64_t in_flight = 1'024;                    ///< Suspended handlers of a route; then 503.
  std::uint64_t streams = 1'000;                      ///< Contents and answers in pieces, of the process; then 503.
  bool disconnect_probe = true;  ///< Ask a client that sent FIN whether it still listens, by a 102 (HTTP/1.1 only).
};

}  // namespace weir::http
