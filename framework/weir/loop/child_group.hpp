// SPDX-License-Identifier: MIT
// Tasks that run beside each other for one awaiting coroutine, which goes on when all of them have ended.
#pragma once

#include <weir/loop/as_task.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/frame_pool.hpp>
#include <weir/loop/stop_source.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace weir::loop::detail {

/// What when_all, when_any and with_timeout are made of: part of an awaiter, it starts the children within
/// await_suspend, resumes the awaiting coroutine after the last of them has ended, and stops those that are left once
/// one of them decides the outcome.
///
/// Thread:    one.
/// Ownership: owns the frames that drive the children.
class ChildGroup {
 public:
  /// Which end of a child decides the outcome.
  enum class Decides : unsigned char { kFirstFailure, kFirstEnd };

  /// A coroutine that drives one child, and stops at its end.
  struct Child {
    struct promise_type;
    std::coroutine_handle<promise_type> frame;
  };

  explicit ChildGroup(Decides decides) : decides_(decides) {}
  ChildGroup(const ChildGroup&) = delete;
  ChildGroup& operator=(const ChildGroup&) = delete;
  ~ChildGroup();

  /// In await_suspend, first. Returns false when there is nothing to start: the stop has been requested already.
  template <class Promise>
  [[nodiscard]] bool begin(std::coroutine_handle<Promise> awaiting) {
    awaiting_ = awaiting;
    parent_ = stop_source_of(awaiting);
    source_.emplace(parent_);
    is_cancelled_ = source_->is_stop_requested();
    return !is_cancelled_;
  }

  /// Runs the child until its first suspension; once the outcome is decided, destroys it unstarted instead.
  /// `result` and the group outlive its end.
  template <class T>
  void start(std::size_t index, Task<T> task, std::optional<Storable<T>>& result) {
    if (!is_decided_) run(drive(this, index, std::move(task), &result));
  }

  /// In await_suspend, last, as what it returns: false when all have ended already.
  [[nodiscard]] bool is_waiting() { return --unended_ > 0; }

  void request_stop() { source_->request_stop(); }

  /// In await_resume: throws Cancelled when nothing was started, or what the deciding child threw.
  void rethrow();
  bool is_parent_stopped() const { return parent_ != nullptr && parent_->is_stop_requested(); }
  /// Which child decided.
  std::size_t decider() const { return decider_; }

 private:
  struct Final;

  template <class T>
  static Child drive(ChildGroup* group, std::size_t index, Task<T> task, std::optional<Storable<T>>* result) {
    try {
      Task<T> owned = std::move(task);  // ends before the group hears of it
      if constexpr (std::is_void_v<T>) {
        co_await std::move(owned);
        result->emplace();
      } else {
        result->emplace(co_await std::move(owned));
      }
    } catch (...) {
      group->decide(index, std::current_exception());
      co_return;
    }
    if (group->decides_ == Decides::kFirstEnd) group->decide(index, nullptr);
  }

  void run(Child child);
  void decide(std::size_t index, std::exception_ptr failure);

  Decides decides_;
  bool is_cancelled_ = false;
  bool is_decided_ = false;
  std::size_t decider_ = 0;
  std::size_t unended_ = 1;  // children, and until is_waiting() the start itself
  std::exception_ptr failure_;
  StopSource* parent_ = nullptr;
  std::optional<LinkedStopSource> source_;
  std::coroutine_handle<> awaiting_;
  Child last_child_{};  // of a list through the promises
};

/// Goes on with the awaiting coroutine when this was the last child.
struct ChildGroup::Final {
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Child::promise_type> frame) const noexcept;
  void await_resume() const noexcept {}
};

struct ChildGroup::Child::promise_type {
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }
  Child get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  StopSource* stop_source() const { return &*group->source_; }

  ChildGroup* group = nullptr;
  Child previous{};
};

inline std::coroutine_handle<> ChildGroup::Final::await_suspend(
    std::coroutine_handle<Child::promise_type> frame) const noexcept {
  ChildGroup& group = *frame.promise().group;
  if (--group.unended_ > 0) return std::noop_coroutine();
  return group.awaiting_;
}

inline ChildGroup::~ChildGroup() {
  WEIR_CHECK(unended_ == 0 || !last_child_.frame);
  while (last_child_.frame) std::exchange(last_child_, last_child_.frame.promise().previous).frame.destroy();
}

inline void ChildGroup::run(Child child) {
  child.frame.promise().group = this;
  child.frame.promise().previous = std::exchange(last_child_, child);
  ++unended_;
  child.frame.resume();
}

inline void ChildGroup::decide(std::size_t index, std::exception_ptr failure) {
  if (is_decided_) return;
  is_decided_ = true;
  decider_ = index;
  failure_ = std::move(failure);
  source_->request_stop();
}

inline void ChildGroup::rethrow() {
  if (is_cancelled_) throw Cancelled();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace weir::loop::detail
