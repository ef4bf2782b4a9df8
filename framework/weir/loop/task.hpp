// SPDX-License-Identifier: MIT
// Coroutines: a Task is work that starts when somebody awaits it, and ends there.
#pragma once

#include <weir/base/check.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace weir::loop {

template <class T>
class Task;

namespace detail {

class PromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  /// Goes on with whoever awaits, in place of this frame on the stack: a long chain of tasks needs no deep stack.
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      return frame.promise().continuation_;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }

  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }

 protected:
  void rethrow() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  }

 private:
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
  std::exception_ptr exception_;
};

template <class T>
class Promise final : public PromiseBase {
 public:
  Task<T> get_return_object();
  template <class U = T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() noexcept {}
  void take() { rethrow(); }
};

}  // namespace detail

/// A lazy, move-only coroutine: it runs when awaited, or when a TaskScope gets it, and its result or exception goes to
/// whoever awaits it.
///
/// Thread:    sticky to the thread that drives it, unless an awaitable says otherwise.
/// Ownership: owns its frame. A frame that is suspended half-way is never destroyed (checked): what it awaits has to
/// end,
///            and resumes it to unwind.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  Task(Task&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)), is_started_(std::exchange(other.is_started_, false)) {}
  Task& operator=(Task&& other) = delete;
  ~Task() {
    if (!frame_) return;
    WEIR_CHECK(!is_started_ || frame_.done());
    frame_.destroy();
  }

  /// `co_await std::move(task)`: once.
  auto operator co_await() && {
    struct Awaiter {
      Task& task;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        task.is_started_ = true;
        task.frame_.promise().set_continuation(awaiting);
        return task.frame_;
      }
      T await_resume() { return task.frame_.promise().take(); }
    };
    WEIR_CHECK(frame_ && !is_started_);
    return Awaiter{*this};
  }

 private:
  std::coroutine_handle<promise_type> frame_;
  bool is_started_ = false;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}

inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace weir::loop
