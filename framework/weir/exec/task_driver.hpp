// SPDX-License-Identifier: MIT
// Coroutines on a thread that waits for them.
#pragma once

#include <weir/loop/loop.hpp>
#include <weir/loop/task.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir::exec {

/// Drives a coroutine to its end while the calling thread waits: what the task awaits is awaited on a loop that runs
/// for it alone.
///
/// Thread:    that which owns the loop.
/// Ownership: borrows `loop`, such as Worker::private_loop(). Nobody may be running it (checked): loops do not nest in
///            themselves.
class TaskDriver {
 public:
  explicit TaskDriver(loop::Loop& loop) : loop_(loop) {}

  /// Returns what `task` returns. It may be stopped by the source that it was given before.
  ///
  /// Errors: throws what the task throws, loop::Cancelled too.
  template <class T>
  T run(loop::Task<T> task) {
    Outcome<T> outcome;
    drive(collect(std::move(task), &outcome));
    if (outcome.error) std::rethrow_exception(outcome.error);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome.value);
  }

 private:
  struct Nothing {};
  template <class T>
  struct Outcome {
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
    std::exception_ptr error;
  };

  // `outcome` outlives the frame, as run() waits for it.
  template <class T>
  static loop::Task<void> collect(loop::Task<T> task, Outcome<T>* outcome) {
    try {
      loop::Task<T> owned = std::move(task);  // so that its frame ends here
      if constexpr (std::is_void_v<T>) {
        co_await std::move(owned);
      } else {
        T result = co_await std::move(owned);
        outcome->value.emplace(std::move(result));
      }
    } catch (...) {
      outcome->error = std::current_exception();
    }
  }

  void drive(loop::Task<void> task);

  loop::Loop& loop_;
};

}  // namespace weir::exec
