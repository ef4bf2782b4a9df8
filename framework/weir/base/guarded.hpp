// SPDX-License-Identifier: MIT
// State that several threads share behind a lock.
#pragma once

#include <weir/base/check.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::base {

/// A T that can be reached only while it is locked:
///
///     Guarded<std::vector<int>> numbers;
///     numbers.with([](auto& all) { all.push_back(7); });
///     { const auto locked = numbers.lock(); locked->push_back(8); }
///
/// Keep it short, as others wait: no call that may block, and never a co_await while it is locked. `with` cannot hold
/// the lock across an await; a lock object can, which nothing sees when compiling. When that happens and another
/// coroutine of the thread locks it meanwhile, or this one resumes on another thread, the program aborts with a message
/// rather than to hang.
///
/// Thread: any.
template <class T>
class Guarded {
 public:
  /// Access to the T, until the end of its block: it can neither be copied nor moved. Not across a co_await.
  template <class Parent, class Value>
  class [[nodiscard]] Lock {
   public:
    explicit Lock(Parent& parent) : parent_(parent) { parent_.acquire(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { parent_.release(); }

    Value& operator*() const { return parent_.value_; }
    Value* operator->() const { return &parent_.value_; }

   private:
    Parent& parent_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  /// Waits for the lock. Not while this thread has it (checked). On a const Guarded gives a const T.
  Lock<Guarded, T> lock() { return Lock<Guarded, T>(*this); }
  Lock<const Guarded, const T> lock() const { return Lock<const Guarded, const T>(*this); }

  /// Calls `function` with the T, locked; gives what it returns, which should not be a reference into the T.
  template <class F>
  decltype(auto) with(F&& function) {
    const auto locked = lock();
    return std::forward<F>(function)(*locked);
  }
  template <class F>
  decltype(auto) with(F&& function) const {
    const auto locked = lock();
    return std::forward<F>(function)(*locked);
  }

 private:
  void acquire() const {
    const std::thread::id thread = std::this_thread::get_id();
    WEIR_CHECK(owner_.load(std::memory_order_relaxed) != thread);  // else: for ever
    mutex_.lock();
    owner_.store(thread, std::memory_order_relaxed);
  }
  void release() const {
    WEIR_CHECK(owner_.load(std::memory_order_relaxed) == std::this_thread::get_id());
    owner_.store(std::thread::id(), std::memory_order_relaxed);
    mutex_.unlock();
  }

  mutable std::mutex mutex_;
  mutable std::atomic<std::thread::id> owner_{};
  T value_;
};

}  // namespace weir::base
