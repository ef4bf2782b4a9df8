// SPDX-License-Identifier: MIT
// The owner of tasks that nobody awaits: nothing is detached.
#pragma once

#include <weir/loop/cancelled.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <cstddef>

namespace weir::loop {

/// Runs tasks beside each other, and knows when all of them have ended. Make it the last member of their owner.
///
/// To stop: refuse new work, cancel what runs, `co_await scope.close()`, then destroy.
///
/// Thread:    one; its tasks too.
/// Ownership: owns the frames of its tasks. Destroying it with one alive aborts.
/// Errors:    an exception that leaves a task of a scope has nobody to go to: it ends the program. Cancelled is none:
/// it
///            ends the task.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { WEIR_CHECK(running_ == 0); }

  /// Starts `task`; it runs until its first suspension before this returns.
  /// Returns false, with the task destroyed unstarted, once the scope has been closed.
  bool spawn(Task<void> task) {
    if (is_closed_) return false;
    ++running_;
    run(*this, std::move(task));
    return true;
  }

  std::size_t running() const { return running_; }

  /// Refuses new tasks, and waits until none is left. One caller.
  auto close() {
    struct Awaiter {
      TaskScope& scope;
      bool await_ready() const noexcept { return scope.running_ == 0; }
      void await_suspend(std::coroutine_handle<> awaiting) noexcept { scope.waiting_ = awaiting; }
      void await_resume() const noexcept {}
    };
    is_closed_ = true;
    WEIR_CHECK(!waiting_);
    return Awaiter{*this};
  }

 private:
  /// A coroutine that owns itself: its frame goes when the task in it has ended.
  struct Runner {
    struct promise_type {
      static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
      static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }
      Runner get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
    };
  };

  static Runner run(TaskScope& scope, Task<void> task) {
    try {
      Task<void> owned = std::move(task);  // ends before the scope hears of it: no frame outlives the count
      co_await std::move(owned);
    } catch (const Cancelled&) {
    }
    if (--scope.running_ == 0 && scope.waiting_) std::exchange(scope.waiting_, nullptr).resume();
  }

  std::size_t running_ = 0;
  std::coroutine_handle<> waiting_;
  bool is_closed_ = false;
};

}  // namespace weir::loop
