// SPDX-License-Identifier: MIT
// One exchange with one target, awaited.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/client/client_error.hpp>
#include <weir/http/client/internal/client_core.hpp>
#include <weir/http/client/internal/easy_handle.hpp>
#include <weir/http/client/internal/response_collector.hpp>
#include <weir/http/client/internal/target.hpp>
#include <weir/http/client/internal/transfer_queue.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <optional>

namespace weir::http::internal {

/// `co_await transfer`, once: a response, or ClientError or Cancelled thrown.
///
///   new ──begin()──▶ waiting ──start()──▶ running     (without waiting, where there is room)
///   waiting, running ──on_done(), on_expiry(), on_stop()──▶ ended ──on_loop()──▶ resumed
///
/// Thread:    that of its client.
/// Ownership: borrows everything that it is made from; lives in the frame that awaits it.
class Transfer final : private TransferQueue::Member,
                       private loop::Timer,
                       private loop::StopListener,
                       private loop::Completion {
 public:
  /// `is_first`: no redirect led here.
  Transfer(ClientCore& core, const ClientRequest& request, const Target& target, base::TimePoint deadline,
           bool is_first);

  static Transfer& of(CURL* easy) { return *static_cast<Transfer*>(EasyHandle::owner_of(easy)); }
  void on_done(CURLcode result);

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    is_cancelled_ = !listen_to(loop::stop_source_of(awaiting));
    if (is_cancelled_) return false;
    awaiting_ = awaiting;
    return begin();
  }
  ClientResponse await_resume();

 private:
  /// Returns false when it has ended before it began.
  bool begin();
  void start() noexcept override;
  void on_expiry() noexcept override;
  void on_stop() noexcept override;
  void on_loop() noexcept override { awaiting_.resume(); }
  void fail(ClientErrorCode code, const std::string& why);
  void end();

  ClientCore& core_;
  const ClientRequest& request_;
  const Target& target_;
  base::TimePoint deadline_;
  bool is_first_;
  ResponseCollector collector_;
  std::optional<EasyHandle> easy_;  // while it runs
  std::coroutine_handle<> awaiting_;
  std::optional<ClientError> error_;
  int status_ = 0;
  bool is_cancelled_ = false;
};

}  // namespace weir::http::internal
