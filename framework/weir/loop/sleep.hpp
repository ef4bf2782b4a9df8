// SPDX-License-Identifier: MIT
// Waiting for time to pass.
#pragma once

#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <chrono>
#include <coroutine>

namespace weir::loop {

/// What `co_await sleep(d)` waits on: resumes `d` later on the current loop, or throws Cancelled when the coroutine is
/// asked to stop.
class [[nodiscard]] SleepAwaiter final : private Timer, private StopListener, private Completion {
 public:
  explicit SleepAwaiter(std::chrono::nanoseconds duration)
      : Timer(Loop::current().timers()), loop_(Loop::current()), duration_(duration) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    is_cancelled_ = !listen_to(stop_source_of(awaiting));
    if (is_cancelled_) return false;
    awaiting_ = awaiting;
    // Counted from now, not from the turn's begin: what the turn has worked so far is no sleep.
    arm_finely_at(loop_.clock().now() + duration_);
    return true;
  }
  void await_resume() const {
    if (is_cancelled_) throw Cancelled();
  }

 private:
  void on_expiry() noexcept override {
    stop_listening();
    const ActivityScope scope(loop_.activity(), activity());
    awaiting_.resume();
  }
  void on_stop() noexcept override {
    disarm();
    is_cancelled_ = true;
    loop_.complete(*this);
  }
  void on_loop() noexcept override { awaiting_.resume(); }

  Loop& loop_;
  std::chrono::nanoseconds duration_;
  std::coroutine_handle<> awaiting_;
  bool is_cancelled_ = false;
};

/// `co_await sleep(50ms)`. Never shorter; up to about a millisecond longer.
///
/// Thread: resumes on the current loop.
/// Errors: throws Cancelled when the coroutine is asked to stop.
struct [[nodiscard]] Sleep {
  std::chrono::nanoseconds duration;
  SleepAwaiter operator co_await() const { return SleepAwaiter(duration); }
};
inline Sleep sleep(std::chrono::nanoseconds duration) {
  return Sleep{duration};
}

}  // namespace weir::loop
