// SPDX-License-Identifier: MIT
// The bridge from a callback, such as that of a C library, to a coroutine.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir::loop {

/// Whoever was to call `done` dropped it instead.
class BrokenCompletion : public std::runtime_error {
 public:
  BrokenCompletion() : std::runtime_error("the completion was dropped without a result") {}
};

namespace detail {

/// What `done` and `wait` share, as neither can tell which of them goes last.
///
/// Invariants: (1) waiter and loop are set from the suspension until either `done` or a stop claims the waiter, and it
/// is the claimer alone who hands it to its loop, once; (2) `done` does so under the mutex, which the resumed frame
/// takes, too: so the frame, and with it the loop, outlives the call.
struct CompletionState {
  std::mutex mutex;  // guards the rest
  bool is_abandoned = false;
  bool is_done = false;
  std::exception_ptr failure;
  Completion* waiter = nullptr;
  Loop* loop = nullptr;

  /// With the mutex held.
  void finish() {
    is_done = true;
    if (waiter != nullptr) loop->complete(*std::exchange(waiter, nullptr));
  }
};

template <class T>
struct CompletionResult : CompletionState {
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
};

class CompletionWaiter : private StopListener, private Completion {
 public:
  bool await_ready() const noexcept { return false; }

 protected:
  bool wait(CompletionState& state, std::coroutine_handle<> awaiting, StopSource* source) {
    awaiting_ = awaiting;
    state_ = &state;
    is_cancelled_ = !listen_to(source);
    const std::lock_guard lock(state.mutex);
    if (is_cancelled_) {
      state.is_abandoned = true;
      return false;
    }
    if (state.is_done) {
      stop_listening();
      return false;
    }
    state.loop = &Loop::current();
    state.waiter = this;
    return true;
  }
  /// In await_resume, first.
  void rethrow() {
    if (is_cancelled_) throw Cancelled();
    const std::lock_guard lock(state_->mutex);  // invariant (2)
    if (state_->failure) std::rethrow_exception(std::exchange(state_->failure, nullptr));
  }

 private:
  void on_stop() noexcept override {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiter == nullptr) return;  // done was faster
    is_cancelled_ = true;
    state_->is_abandoned = true;
    state_->loop->complete(*std::exchange(state_->waiter, nullptr));
  }
  void on_loop() noexcept override {
    stop_listening();
    awaiting_.resume();
  }

  CompletionState* state_ = nullptr;
  std::coroutine_handle<> awaiting_;
  bool is_cancelled_ = false;
};

}  // namespace detail

/// The callback's end of a completion: called once, or dropped, which the waiter sees as BrokenCompletion.
///
/// Thread:    any; it may be called, moved and dropped by different ones, one after the other.
/// Ownership: shares a small state with the waiting end, so that either may go first. Touches the waiter's loop only
///            while somebody waits there.
template <class T>
class CompletionDone {
 public:
  explicit CompletionDone(std::shared_ptr<detail::CompletionResult<T>> state) : state_(std::move(state)) {}
  CompletionDone(CompletionDone&& other) noexcept = default;
  CompletionDone& operator=(CompletionDone&& other) = delete;
  ~CompletionDone() {
    if (state_) fail(std::make_exception_ptr(BrokenCompletion()));
  }

  /// Wakes the waiter with the result. Once (checked). A result that nobody waits for any more is dropped.
  void operator()() noexcept
    requires std::is_void_v<T>
  {
    finish([](auto& state) { state.value.emplace(); });
  }
  template <class U>
    requires(!std::is_void_v<T> && std::is_constructible_v<T, U &&>)
  void operator()(U&& value) noexcept {
    finish([&value](auto& state) { state.value.emplace(std::forward<U>(value)); });
  }

  /// Wakes the waiter, which throws `failure`. Once, instead of the call.
  void fail(std::exception_ptr failure) noexcept {
    finish([&failure](auto& state) { state.failure = std::move(failure); });
  }

 private:
  template <class Store>
  void finish(Store store) noexcept {
    WEIR_CHECK(state_ != nullptr);
    const auto state = std::move(state_);
    const std::lock_guard lock(state->mutex);
    if (state->is_abandoned) return;
    store(*state);
    state->finish();
  }

  std::shared_ptr<detail::CompletionResult<T>> state_;
};

/// The waiting end of a completion: `co_await std::move(wait)`, once, before or after `done` was called.
///
/// Thread: one; resumes on the loop on which it is awaited.
/// Cancel: does not wait for the callback: a result that comes later is dropped by whoever brings it. So nothing that
///         the callback uses may belong to the frame that waits.
/// Errors: what `fail` was given; BrokenCompletion; Cancelled.
template <class T>
class [[nodiscard]] CompletionWait {
 public:
  class Awaiter final : public detail::CompletionWaiter {
   public:
    explicit Awaiter(std::shared_ptr<detail::CompletionResult<T>> result) : result_(std::move(result)) {}
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      return wait(*result_, awaiting, stop_source_of(awaiting));
    }
    T await_resume() {
      rethrow();
      if constexpr (!std::is_void_v<T>) return std::move(*result_->value);
    }

   private:
    std::shared_ptr<detail::CompletionResult<T>> result_;
  };

  explicit CompletionWait(std::shared_ptr<detail::CompletionResult<T>> result) : result_(std::move(result)) {}
  CompletionWait(CompletionWait&&) noexcept = default;
  CompletionWait& operator=(CompletionWait&&) = delete;
  /// Who does not wait any more wants no result.
  ~CompletionWait() {
    if (!result_) return;
    const std::lock_guard lock(result_->mutex);
    result_->is_abandoned = true;
  }

  Awaiter operator co_await() && {
    WEIR_CHECK(result_ != nullptr);
    return Awaiter(std::move(result_));
  }

 private:
  std::shared_ptr<detail::CompletionResult<T>> result_;
};

template <class T>
struct CompletionEnds {
  CompletionDone<T> done;
  CompletionWait<T> wait;
};

/// The two ends of one result:
///
///     auto [done, wait] = completion<int>();
///     device_read(device, [](void* user, int value) {  // called by some thread of the driver's
///       const std::unique_ptr<Done> done(static_cast<Done*>(user));
///       (*done)(value);
///     }, new Done(std::move(done)));
///     const int value = co_await std::move(wait);
///
/// where `using Done = CompletionDone<int>;`. Thread: any.
template <class T>
CompletionEnds<T> completion() {
  auto state = std::make_shared<detail::CompletionResult<T>>();
  CompletionDone<T> done(state);
  return {std::move(done), CompletionWait<T>(std::move(state))};
}

}  // namespace weir::loop
