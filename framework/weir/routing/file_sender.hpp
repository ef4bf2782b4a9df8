// SPDX-License-Identifier: MIT
// Answers with the content of a file.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/async_call.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::routing {

class RoutedExchange;

/// The Content-Type for a file of that name, by its extension in any case; application/octet-stream for others.
std::string_view media_type_of(std::string_view path);

/// Opens the file that exchange.response names, unless it is open, runs the `after` hooks, and sends it: what the
/// socket takes goes there from the page cache, by another thread; the rest in pieces, of which the next is read while
/// the peer takes the last. What it may cost: two descriptors, and two pieces of memory.
///
/// Nobody has the right to answer while the file is being opened, so that a deadline that passes is answered as usual;
/// then the sender takes it, and only the peer's pace bounds the rest. A file that has become shorter since then cuts
/// the connection, so that nobody takes a part for the whole; of one that has become longer the announced length is
/// sent.
///
/// Thread:    loop thread.
/// Ownership: a part of its exchange, which is away until RoutingService::file_ended.
class FileSender final : private AsyncCall {
 public:
  explicit FileSender(RoutedExchange& exchange);

  /// RoutingService::file_ended tells of its end, maybe before this returns.
  void start();

 private:
  static constexpr std::size_t kPieceBytes = 64 << 10;
  static constexpr std::uint64_t kSentAtOnceMax = 8 << 20;  // a fast peer must not keep a thread to itself

  loop::Task<void> send();
  using Part = http::Response::FilePart;

  loop::Task<void> send_content(Part part);
  loop::Task<std::uint64_t> send_directly(Part part, std::uint64_t sent, std::string* piece);
  bool begin(const Part& part);
  void refuse(const loop::FileError& error);

  // AsyncCall
  http::Response* take_answer() noexcept override { return nullptr; }
  void fail() noexcept override;
  void end() noexcept override;

  RoutedExchange& exchange_;
  bool is_answered_ = false;  // exchange.response is the answer, not the file
};

}  // namespace weir::routing
