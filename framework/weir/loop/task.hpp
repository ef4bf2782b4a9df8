// SPDX-License-Identifier: MIT
// Coroutines: a Task is work that starts when somebody awaits it, and ends there.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/frame_pool.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace weir::loop {

template <class T>
class Task;
class StopSource;

/// A coroutine that knows what may stop it: awaitables ask its promise.
template <class Promise>
concept Stoppable = requires(Promise& promise, StopSource* source) {
  { promise.stop_source() } -> std::same_as<StopSource*>;
};

/// What may stop the coroutine that awaits; null when nothing can.
template <class Promise>
StopSource* stop_source_of(std::coroutine_handle<Promise> awaiting) {
  if constexpr (Stoppable<Promise>) {
    return awaiting.promise().stop_source();
  } else {
    return nullptr;
  }
}

namespace detail {

class PromiseBase {
 public:
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }

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
  StopSource* stop_source() const { return stop_source_; }
  void set_stop_source(StopSource* source) { stop_source_ = source; }

 protected:
  void rethrow() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  }

 private:
  std::coroutine_handle<> continuation_;  // set before it runs
  StopSource* stop_source_ = nullptr;
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
  T&& take() {
    rethrow();
    return static_cast<T&&>(*value_);
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
/// whoever awaits it. What may stop the awaiting coroutine may stop this one, too, unless it was given a source of its
/// own.
///
/// Thread:    sticky to the thread that drives it, unless an awaitable says otherwise.
/// Ownership: owns its frame. A frame that is suspended half-way is never destroyed (checked): what it awaits has to
/// end,
///            and resumes it to unwind.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  class Awaiter {
   public:
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
      task_.is_started_ = true;
      promise_type& promise = task_.frame_.promise();
      promise.set_continuation(awaiting);
      if (promise.stop_source() == nullptr) promise.set_stop_source(stop_source_of(awaiting));
      return task_.frame_;
    }
    T await_resume() { return task_.frame_.promise().take(); }

   protected:
    friend class Task;
    explicit Awaiter(Task& task) : task_(task) {}

   private:
    Task& task_;
  };

  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  Task(Task&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)), is_started_(std::exchange(other.is_started_, false)) {}
  Task& operator=(Task&& other) = delete;
  [[gnu::always_inline]] ~Task() {
    if (!frame_) return;
    WEIR_CHECK(!is_started_ || frame_.done());
    frame_.destroy();
  }

  /// What may stop this task, instead of what may stop whoever awaits it. Before it starts.
  /// Ownership: borrows `source` until the task has ended.
  void set_stop_source(StopSource* source) { frame_.promise().set_stop_source(source); }

  /// `co_await task.ended()`: runs it to its end, once, and leaves the result where it is, for take().
  auto ended() {
    struct EndAwaiter final : Awaiter {
      using Awaiter::Awaiter;
      void await_resume() const noexcept {}
    };
    WEIR_CHECK(frame_ && !is_started_);
    return EndAwaiter(*this);
  }
  /// What the ended task returned, in the task's own frame, once; throws what it threw.
  decltype(auto) take() { return frame_.promise().take(); }

  /// `co_await std::move(task)`: once.
  Awaiter operator co_await() && {
    WEIR_CHECK(frame_ && !is_started_);
    return Awaiter(*this);
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
