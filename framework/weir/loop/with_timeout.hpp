// SPDX-License-Identifier: MIT
// A bound on the time that something may take.
#pragma once

#include <weir/loop/child_group.hpp>
#include <weir/loop/loop.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace weir::loop {

/// The time of with_timeout was up. A failure, not a stop: unlike Cancelled it is a std::exception.
class TimedOut : public std::runtime_error {
 public:
  TimedOut() : std::runtime_error("timed out") {}
};

namespace detail {

template <class T>
class TimeoutAwaiter : private Timer {
 public:
  TimeoutAwaiter(std::chrono::nanoseconds duration, Task<T> task)
      : Timer(Loop::current().timers()), deadline_(Loop::current().clock().now() + duration), task_(std::move(task)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (!group_.begin(awaiting)) return false;
    arm_finely_at(deadline_);
    group_.start(0, std::move(task_), result_);
    return group_.is_waiting();
  }

 protected:
  /// Whether the task ended in time; throws what it threw.
  bool is_in_time() {
    disarm();
    if (is_expired_ && group_.is_parent_stopped()) throw Cancelled();
    if (is_expired_) return false;
    group_.rethrow();
    return true;
  }
  T take() {
    if constexpr (!std::is_void_v<T>) return std::move(*result_);
  }

 private:
  void on_expiry() noexcept override {
    is_expired_ = true;
    group_.request_stop();
  }

  base::TimePoint deadline_;
  Task<T> task_;
  std::optional<Storable<T>> result_;
  bool is_expired_ = false;
  ChildGroup group_{ChildGroup::Decides::kFirstFailure};
};

template <class T>
class WithTimeoutAwaiter final : public TimeoutAwaiter<T> {
 public:
  using TimeoutAwaiter<T>::TimeoutAwaiter;
  T await_resume() {
    if (!this->is_in_time()) throw TimedOut();
    return this->take();
  }
};

template <class T>
class TryWithTimeoutAwaiter final : public TimeoutAwaiter<T> {
 public:
  using TimeoutAwaiter<T>::TimeoutAwaiter;
  std::conditional_t<std::is_void_v<T>, bool, std::optional<Storable<T>>> await_resume() {
    if constexpr (std::is_void_v<T>) {
      return this->is_in_time();
    } else {
      if (!this->is_in_time()) return std::nullopt;
      return this->take();
    }
  }
};

}  // namespace detail

/// What with_timeout and try_with_timeout give: awaited once, as a temporary or moved.
template <class T, template <class> class Awaiter>
class [[nodiscard]] WithTimeout {
 public:
  WithTimeout(std::chrono::nanoseconds duration, Task<T> task) : duration_(duration), task_(std::move(task)) {}
  Awaiter<T> operator co_await() && { return Awaiter<T>(duration_, std::move(task_)); }

 private:
  std::chrono::nanoseconds duration_;
  Task<T> task_;
};

/// `const Reply reply = co_await with_timeout(2s, ask(peer));` A Task, or anything else that can be awaited.
///
/// Once `duration` has passed the task is stopped, and its unwinding waited for: however it ends then, the time was up.
///
/// Thread:    the current loop.
/// Cancel:    stops the task, and waits for it.
/// Errors:    TimedOut when the time passed first; else what the task throws. Cancelled when the coroutine itself was
///            asked to stop.
template <class Awaitable>
auto with_timeout(std::chrono::nanoseconds duration, Awaitable awaitable) {
  using T = Awaited<Awaitable>;
  return WithTimeout<T, detail::WithTimeoutAwaiter>(duration, as_task(std::move(awaitable)));
}

/// The same without TimedOut: gives an empty std::optional, or false for a task without a result, when the time passed
/// first.
template <class Awaitable>
auto try_with_timeout(std::chrono::nanoseconds duration, Awaitable awaitable) {
  using T = Awaited<Awaitable>;
  return WithTimeout<T, detail::TryWithTimeoutAwaiter>(duration, as_task(std::move(awaitable)));
}

}  // namespace weir::loop
