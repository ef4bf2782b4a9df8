// SPDX-License-Identifier: MIT
// A response that is written piece by piece.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/handler.hpp>

#include <cstdint>
#include <string>

namespace weir::routing {

class RoutedExchange;

/// What a handler takes as a parameter to answer in pieces. The head goes with the first piece; where the handler
/// returns the content ends, and where it throws after the first piece the connection is cut, so that nobody takes a
/// part for the whole.
///
///     app.get("/export").handle([](weir::StreamWriter out) -> weir::Task<void> {
///       for (int row = 0; row < 1'000'000; ++row) co_await out.write(render(row));
///     });
///
/// Thread:    that of the handler.
/// Ownership: a handle; ends with the handler.
/// Errors:    everything throws Cancelled once the client has gone.
class StreamWriter {
 public:
  explicit StreamWriter(RoutedExchange& exchange) : exchange_(&exchange) {}

  /// Status and fields of the answer; before the first piece.
  http::Response& head();
  /// Announces the whole length, instead of chunks; before the first piece. Writing less cuts the connection.
  void set_length(std::uint64_t bytes);
  /// Sends the head now.
  void begin();
  /// Sends a piece; waits while more than limits.stream_pause_bytes of this connection's output is unsent.
  loop::Task<void> write(std::string bytes) const;

 private:
  RoutedExchange* exchange_;
};

template <>
struct Extract<StreamWriter> {
  static constexpr bool kIsStream = true;
  static StreamWriter from(Context& context);
};

}  // namespace weir::routing
