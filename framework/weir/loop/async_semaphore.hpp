// SPDX-License-Identifier: MIT
// A bound on how many coroutines of a loop do something at once.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/waiter.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace weir::loop {

/// Gives out `permits` at a time; who comes when none is left waits, in the order of coming, up to `waiters_max`.
///
/// `const auto permit = co_await semaphore.acquire();`
///
/// Thread:    the one that uses it first (checked). For a bound per loop: PerLoop<AsyncSemaphore>.
/// Ownership: outlives its permits, and whoever waits (checked).
class AsyncSemaphore {
 public:
  /// One of the permits; given back by its destruction.
  class [[nodiscard]] Permit {
   public:
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      if (this != &other) {
        release();
        semaphore_ = std::exchange(other.semaphore_, nullptr);
      }
      return *this;
    }
    ~Permit() { release(); }
    /// Gives it back now. Whoever waits for it resumes on its loop's next turn, not within this call.
    void release() {
      if (semaphore_ != nullptr) std::exchange(semaphore_, nullptr)->give_back();
    }

   private:
    friend class AsyncSemaphore;
    explicit Permit(AsyncSemaphore& semaphore) : semaphore_(&semaphore) {}
    AsyncSemaphore* semaphore_;
  };

  class [[nodiscard]] AcquireAwaiter final : public detail::Waiter {
   public:
    explicit AcquireAwaiter(AsyncSemaphore& semaphore) : semaphore_(semaphore) {}
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      semaphore_.thread_.check();
      if (is_stopped(awaiting) || semaphore_.take()) return false;
      return wait_in(semaphore_.line_, awaiting);
    }
    Permit await_resume() const {
      rethrow();
      return Permit(semaphore_);
    }

   private:
    AsyncSemaphore& semaphore_;
  };
  struct [[nodiscard]] Acquire {
    AsyncSemaphore& semaphore;
    AcquireAwaiter operator co_await() const { return AcquireAwaiter(semaphore); }
  };

  explicit AsyncSemaphore(std::size_t permits, std::size_t waiters_max = kWaitersMax)
      : free_(permits), permits_(permits), line_(waiters_max) {
    WEIR_CHECK(permits > 0);
  }
  AsyncSemaphore(const AsyncSemaphore&) = delete;
  AsyncSemaphore& operator=(const AsyncSemaphore&) = delete;
  ~AsyncSemaphore() { WEIR_CHECK(free_ == permits_); }

  /// Waits for a permit. A permit that is free is taken without suspending.
  /// Cancel: leaves the line. A permit that was on its way when the stop came is delivered.
  /// Errors: Cancelled; TooManyWaiters beyond the bound.
  Acquire acquire() { return Acquire{*this}; }

  /// A permit if one is free, never waiting.
  std::optional<Permit> try_acquire() {
    thread_.check();
    if (!take()) return std::nullopt;
    return Permit(*this);
  }

  std::size_t available() const { return free_; }
  std::size_t waiting() const { return line_.size(); }

 private:
  bool take() {
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void give_back() {
    thread_.check();
    // Handed over rather than freed: nobody can overtake who waits longest.
    if (line_.empty()) {
      ++free_;
    } else {
      line_.serve_first();
    }
  }

  std::size_t free_;
  std::size_t permits_;
  detail::WaitingLine line_;
  detail::OneThread thread_;
};

}  // namespace weir::loop
