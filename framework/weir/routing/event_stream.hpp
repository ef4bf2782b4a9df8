// SPDX-License-Identifier: MIT
// Server-sent events.
#pragma once

#include <weir/loop/task.hpp>
#include <weir/routing/handler.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::routing {

class RoutedExchange;

/// One event. `Event("text")`, `Event("text").type("progress").id("17")`.
class Event {
 public:
  Event(std::string data) : data_(std::move(data)) {}  // NOLINT: a text is an event
  Event(const char* data) : data_(data) {}             // NOLINT

  /// What the browser dispatches it as; "message" unless said otherwise. No line break (std::invalid_argument).
  Event&& type(std::string name) &&;
  /// Comes back as Last-Event-ID when the client connects again. No line break or NUL (std::invalid_argument).
  Event&& id(std::string id) &&;

  /// As on the wire.
  std::string render() const;

 private:
  std::string data_;
  std::string type_;
  std::optional<std::string> id_;
};

/// What a handler takes as a parameter to send events for as long as its client listens. Comments keep the connection
/// alive while nothing happens. A client that falls 64 events behind is cut; it connects again and says where it was.
///
///     app.get("/ticks").handle([](weir::EventStream events, weir::Context& ctx) -> weir::Task<void> {
///       for (int n = 0; n < 100; ++n) {
///         co_await events.send(weir::Event(std::to_string(n)).id(std::to_string(n)));
///         co_await ctx.sleep(1s);
///       }
///     });
///
/// When the service ends, the client is told to come back after `retry`, and the handler is cancelled.
///
/// Thread:    that of the handler.
/// Ownership: ends with the handler.
/// Errors:    everything throws Cancelled once the client has gone or the service ends.
/// Source:    HTML Living Standard section 9.2, "Server-sent events".
class EventStream {
 public:
  explicit EventStream(RoutedExchange& exchange);
  EventStream(EventStream&&) noexcept;
  ~EventStream();

  /// The id of the last event that the client has seen; "" when it is new.
  std::string_view last_event_id() const;
  /// How long the client waits before it connects again; sent with the next event.
  void retry(std::chrono::milliseconds delay);
  /// How often a comment goes while nothing else does; 15 s unless said otherwise.
  void heartbeat(std::chrono::milliseconds every);
  /// Sends the head now instead of with the first event.
  void begin();
  loop::Task<void> send(const Event& event);

  static constexpr std::size_t kBehindMax = 64;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <>
struct Extract<EventStream> {
  static constexpr bool kIsStream = true;
  static constexpr ResultInfo kResult{.status = 200, .media_type = "text/event-stream"};
  static EventStream from(Context& context);
};

}  // namespace weir::routing
