// SPDX-License-Identifier: MIT
// One step of a coroutine on a worker.
#pragma once

#include <weir/exec/worker_pool.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir::exec {

/// A pool had no room; an answer of 503 with Retry-After unless somebody catches it.
class Saturated : public std::runtime_error {
 public:
  explicit Saturated(std::chrono::seconds after) : std::runtime_error("the pool is saturated"), retry_after(after) {}
  std::chrono::seconds retry_after;
};

/// Who offloads, and until when.
struct OffloadTarget {
  WorkerPool* pool = nullptr;  ///< Null: in place.
  SourceId source = 0;
  base::TimePoint deadline = base::TimePoint::max();
};

/// What `co_await offload` waits on: calls `function(arguments...)`, both moved in, on a worker of the pool, and
/// resumes on the loop. In place where there is no such pool, or on a thread of the pool itself, which must not wait
/// for it.
///
/// Cancel: work that no worker has begun is taken back; a running one is waited for, and its result dropped.
/// Errors: throws what the function throws; Saturated when the pool refuses; Cancelled.
template <class F, class... Args>
class [[nodiscard]] Offload final : private WorkItem, private loop::StopListener {
 public:
  using Result = std::invoke_result_t<F, Args...>;
  static_assert(!std::is_reference_v<Result>, "weir: an offloaded function returns a value");

  template <class G, class... Given>
  explicit Offload(OffloadTarget target, G&& function, Given&&... arguments)
      : WorkItem(loop::Loop::current()),
        target_(target),
        function_(std::forward<G>(function)),
        arguments_(std::forward<Given>(arguments)...) {
    WorkItem::deadline = target.deadline;
  }

  bool await_ready() {
    if (target_.pool != nullptr && !target_.pool->is_worker_thread()) return false;
    call();
    return true;
  }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    stop_ = loop::stop_source_of(awaiting);
    awaiting_ = awaiting;
    is_cancelled_ = !listen_to(stop_);
    if (is_cancelled_) return false;
    // From here on the worker may be faster than this thread: nothing of this object may be touched after it took it.
    if (target_.pool->try_submit(*this, target_.source) == Admission::kAdmitted) return true;
    stop_listening();
    is_refused_ = true;
    return false;
  }

  Result await_resume() {
    if (is_refused_) throw Saturated(target_.pool->retry_after());
    const bool is_stopped = stop_ != nullptr && stop_->is_stop_requested();
    if (is_cancelled_ || is_stopped || (target_.pool != nullptr && !has_run_)) throw loop::Cancelled();
    if (exception_) std::rethrow_exception(exception_);
    if constexpr (!std::is_void_v<Result>) return std::move(*result_);
  }

 private:
  using Stored = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

  void call() noexcept {
    has_run_ = true;
    try {
      if constexpr (std::is_void_v<Result>) {
        std::apply(std::move(function_), std::move(arguments_));
      } else {
        result_.emplace(std::apply(std::move(function_), std::move(arguments_)));
      }
    } catch (...) {
      exception_ = std::current_exception();
    }
  }
  void run(Worker&) noexcept override { call(); }
  void on_stop() noexcept override {
    is_cancelled_ = true;
    if (target_.pool->try_remove(*this)) {
      home().complete(*this);
    } else {
      abandon();
    }
  }
  void on_loop() noexcept override {
    stop_listening();
    awaiting_.resume();
  }

  OffloadTarget target_;
  F function_;
  std::tuple<Args...> arguments_;
  std::optional<Stored> result_;
  std::exception_ptr exception_;
  loop::StopSource* stop_ = nullptr;
  std::coroutine_handle<> awaiting_;
  bool has_run_ = false;
  bool is_refused_ = false;
  bool is_cancelled_ = false;
};

}  // namespace weir::exec
