// SPDX-License-Identifier: MIT
// The content of a request, piece by piece as it arrives.
#pragma once

#include <weir/loop/task.hpp>
#include <weir/routing/handler.hpp>

#include <optional>
#include <string>

namespace weir::routing {

class RoutedExchange;

/// What a handler takes as a parameter to begin when the head has come and read the content as it arrives. What it does
/// not read yet makes the peer wait, after 64 KiB. The route's body limit holds for all of it.
///
///     app.put("/files/{name}").body_limit(10_GiB).handle([](weir::BodyStream in) -> weir::Task<void> {
///       while (true) {
///         const std::optional<std::string> piece = co_await in.read();
///         if (!piece) break;
///         ...
///
/// A handler that answers without having read all of it closes the connection.
///
/// Thread:    that of the handler.
/// Ownership: a handle; ends with the handler.
/// Errors:    throws Cancelled when the client has gone, broke off, or exceeds the limit: it has its answer then.
class BodyStream {
 public:
  explicit BodyStream(RoutedExchange& exchange) : exchange_(&exchange) {}

  /// The next piece, never empty; nullopt after the last. One reader at a time.
  loop::Task<std::optional<std::string>> read() const;

 private:
  RoutedExchange* exchange_;
};

template <>
struct Extract<BodyStream> {
  static constexpr bool kIsStream = true;
  static constexpr bool kReadsBody = true;
  static BodyStream from(Context& context);
};

}  // namespace weir::routing
