// SPDX-License-Identifier: MIT
// An exchange with what routing knows of it, and its handler while that runs.
#pragma once

#include <weir/base/metrics.hpp>
#include <weir/exec/call_driver.hpp>
#include <weir/exec/work_item.hpp>
#include <weir/http/exchange.hpp>
#include <weir/routing/async_call.hpp>
#include <weir/routing/context.hpp>
#include <weir/routing/file_sender.hpp>
#include <weir/routing/lanes.hpp>
#include <weir/routing/stream_signal.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace weir::routing {

class RoutedExchange;
class RoutingService;
struct Chain;

/// Request counters of a route by the first digit of the status.
using StatusClasses = std::array<base::Counter*, 6>;

/// Content coding on the loop; of more it would hold the others for too long.
inline constexpr std::size_t kCodedOnLoopBytes = 16 << 10;

/// What the states of middleware are laid out in: one of Middleware::state_bytes() begins at a cell.
struct alignas(std::max_align_t) StateCell {
  std::byte bytes[alignof(std::max_align_t)];
};

/// A coroutine on the exchange's own loop: its handler, a hook before that, what reads its content, or what the
/// answer's content becomes.
///
/// Thread: loop thread.
class LoopCall final : public AsyncCall {
 public:
  enum class Stage : unsigned char { kHook, kContent, kHandler, kAnswer };

  explicit LoopCall(RoutedExchange& exchange);

  /// To be called before the coroutine starts.
  void begin(Stage stage) {
    stage_ = stage;
    is_starting_ = true;
    has_ended_ = false;
    is_answered_ = false;
    is_failed_ = false;
  }
  /// To be called when starting it has returned: whether it has ended already.
  bool has_ended() {
    is_starting_ = false;
    return has_ended_;
  }

  Stage stage() const { return stage_; }
  /// Whether exchange.response is the answer, by this coroutine.
  bool is_answered() const { return is_answered_; }
  bool is_failed() const { return is_failed_; }
  // AsyncCall
  http::Response* take_answer() noexcept override;
  void set_answered() noexcept override { is_answered_ = true; }
  void fail() noexcept override;
  void end() noexcept override;

 private:
  RoutedExchange& exchange_;
  Stage stage_ = Stage::kHandler;
  bool is_starting_ = false;
  bool has_ended_ = false;
  bool is_answered_ = false;
  bool is_failed_ = false;
};

/// A coroutine that a waiting thread drives to its end.
///
/// Thread: the driving one, but for request_stop.
class DrivenCall final : private exec::CallDriver, public AsyncCall {
 public:
  DrivenCall() : AsyncCall(CallDriver::stop_source()) {}

  /// Runs `handler`; what it throws is thrown on.
  void run(loop::Loop& loop, const Handler& handler, Context& context, http::Response& response);
  using CallDriver::request_stop;

  // AsyncCall
  http::Response* take_answer() noexcept override { return response_; }
  void fail() noexcept override { exception_ = std::current_exception(); }
  void end() noexcept override { CallDriver::end(); }

 private:
  http::Response* response_ = nullptr;
  std::exception_ptr exception_;
};

/// A handler on its way through a pool.
class PoolCall final : public exec::WorkItem {
 public:
  PoolCall(RoutedExchange& exchange, loop::Loop& home) : WorkItem(home), exchange_(exchange) {}

  /// Nobody wants the answer any more. Any thread.
  void stop();
  /// What it came to; on the home loop.
  http::Response response;
  std::exception_ptr exception;

 private:
  void run(exec::Worker& worker) noexcept override;
  void on_loop() noexcept override;

  RoutedExchange& exchange_;
  DrivenCall driven_;
};

/// Thread: loop thread; a handler on a worker sees its Context only.
class RoutedExchange final : public http::Exchange {
 public:
  RoutedExchange(const http::Limits& limits, RoutingService& service_in)
      : Exchange(limits), context(*this), service(service_in), call(*this) {}
  ~RoutedExchange() override {
    if (chain != nullptr) destroy_states();
  }

  static RoutedExchange& of(Context& context);

  void reset() override;
  void reset_detached() override;
  void destroy_states();
  /// What the content is from here on.
  void content_was_decoded(std::string content) {
    decoder.reset();
    parser.replace_body(std::move(content));
  }
  /// Sends content of a streamed answer, as it becomes on its way. Returns false when the connection has gone, or when
  /// it could not become that.
  bool write_content(std::string_view bytes) noexcept;
  /// All of it was written.
  void complete_content() noexcept;
  /// Sends a piece of a streamed answer, its head before the first; waits while too much is unsent.
  loop::Task<void> write_piece(std::string bytes);
  /// The next piece of a content that is read in pieces; nullopt at its end.
  loop::Task<std::optional<std::string>> read_piece();
  void* state_at(std::size_t offset) { return reinterpret_cast<std::byte*>(states.data()) + offset; }

  Context context;
  RoutingService& service;
  const StatusClasses* counters = nullptr;
  const Lanes::Lane* lane = nullptr;  ///< Null when no route was found.
  const Chain* chain = nullptr;
  std::size_t entered = 0;  ///< How many links of the chain have returned from `before`.
  std::vector<StateCell> states;
  LoopCall call;
  std::unique_ptr<PoolCall> pool_call;
  std::unique_ptr<FileSender> file_sender;
  StreamSignal body_arrived;
  StreamSignal output_drained;
  bool is_event_stream = false;
  bool is_beginning_stream = false;                ///< The `after` hooks run, for a content that comes in pieces.
  bool has_coding = false;                         ///< A hook has set one of the next.
  bool is_transforming = false;                    ///< `transform` is at work on another thread.
  std::uint32_t transform_serial = 0;              ///< Of the next: which one, as the answer that it is of knows.
  std::unique_ptr<http::BodyTransform> transform;  ///< Of the answer, set by a hook.
  std::unique_ptr<http::ContentDecoder> decoder;   ///< Of content that was not decoded yet, set by a hook.
};

/// The exchange of this floor that a connection holds.
inline RoutedExchange& routed(http::Exchange& exchange) {
  return static_cast<RoutedExchange&>(exchange);
}

/// What a hook around this exchange is called in the watchdog's log.
inline const loop::Activity& hook_of(const RoutedExchange& exchange) {
  static constexpr loop::Activity kUnrouted{"-", "-", "hook", kHookRemedy};
  return exchange.lane != nullptr ? exchange.lane->hook : kUnrouted;
}

}  // namespace weir::routing
