// SPDX-License-Identifier: MIT
// A call that may block, on a thread of libuv's pool.
#pragma once

#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <uv.h>

#include <atomic>
#include <coroutine>
#include <exception>

namespace weir::loop::internal {

/// Awaited as an lvalue: `co_await work;` runs run() off the loop and resumes on it. A local of the coroutine.
///
/// Cancel: taken back if no thread has begun it; else its end is waited for. Then Cancelled.
/// Errors: what run() throws.
class BlockingWork : private StopListener {
 public:
  explicit BlockingWork(Loop& loop) : loop_(loop) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    return start(awaiting, stop_source_of(awaiting));
  }
  void await_resume();

 protected:
  ~BlockingWork() override = default;
  /// On another thread. Looks at is_stopped() between its steps, and may end early then.
  virtual void run() = 0;
  bool is_stopped() const { return is_stopped_.load(std::memory_order_relaxed); }

 private:
  bool start(std::coroutine_handle<> awaiting, StopSource* source);
  void on_stop() noexcept override;

  Loop& loop_;
  const Activity* activity_ = &kCallback;
  uv_work_t uv_{};
  std::coroutine_handle<> awaiting_;
  std::exception_ptr failure_;
  std::atomic<bool> is_stopped_{false};
};

}  // namespace weir::loop::internal
