// SPDX-License-Identifier: MIT
// A coroutine of the user's (a handler, a `before` hook) while it runs, and who hears of its end.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/frame_pool.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>

namespace weir::routing {

class Context;

/// Told of a coroutine's result, on the thread that drives it.
class AsyncCall {
 public:
  /// Ownership: borrows `stop`, what may stop the coroutine.
  explicit AsyncCall(loop::StopSource& stop) : stop_(stop) {}
  AsyncCall(const AsyncCall&) = delete;
  AsyncCall& operator=(const AsyncCall&) = delete;

  loop::StopSource* stop_source() const noexcept { return &stop_; }
  /// The coroutine has its result: where to put it, or null when an answer is not wanted any more.
  virtual http::Response* take_answer() noexcept = 0;
  /// For a hook: the response that it was given is the answer, the handler is not wanted.
  virtual void set_answered() noexcept {}
  /// An exception left the coroutine; called in the catch block.
  virtual void fail() noexcept = 0;
  /// The last act; the coroutine's frames are gone but for the one that calls this. May destroy this object.
  virtual void end() noexcept = 0;

 protected:
  ~AsyncCall() = default;

 private:
  loop::StopSource& stop_;
};

namespace detail {

/// A coroutine that owns itself and drives one of the user's. It takes its stop source from the AsyncCall that is its
/// last parameter.
struct CallRunner {
  struct promise_type {
    template <class... Args>
    explicit promise_type(const Args&... args) : stop_(source_of(args...)) {}

    static void* operator new(std::size_t bytes) { return loop::allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { loop::free_frame(frame, bytes); }
    CallRunner get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
    loop::StopSource* stop_source() const { return stop_; }

   private:
    static loop::StopSource* source_of(AsyncCall* const& call) { return call->stop_source(); }
    template <class First, class... Rest>
    static loop::StopSource* source_of(const First&, const Rest&... rest) {
      return source_of(rest...);
    }
    loop::StopSource* stop_;
  };
};

template <class T>
struct TaskResult {
  static constexpr bool kIsTask = false;
  using Type = T;
};
template <class T>
struct TaskResult<loop::Task<T>> {
  static constexpr bool kIsTask = true;
  using Type = T;
};

}  // namespace detail
}  // namespace weir::routing
