// SPDX-License-Identifier: MIT
// Coroutines that wait in line for something another coroutine of the same thread will do.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <cstddef>
#include <stdexcept>
#include <thread>

namespace weir::loop {

/// Nobody may wait here any more: as many as its bound allows do so. Whoever asked did not wait.
class TooManyWaiters : public std::runtime_error {
 public:
  TooManyWaiters() : std::runtime_error("too many coroutines wait for the same thing") {}
};

/// How many coroutines may wait for one thing, unless said otherwise.
inline constexpr std::size_t kWaitersMax = 1024;

namespace detail {

class WaitingLine;

/// The part of an awaiter that stands in a WaitingLine: served, or cancelled by a stop, it resumes on its loop.
class Waiter : private StopListener, private Completion {
 public:
  bool await_ready() const noexcept { return false; }

 protected:
  /// Whether the stop has been requested, so that await_resume is to throw.
  template <class Promise>
  bool is_stopped(std::coroutine_handle<Promise> awaiting) {
    StopSource* const source = stop_source_of(awaiting);
    is_cancelled_ = source != nullptr && source->is_stop_requested();
    return is_cancelled_;
  }
  /// Waits in `line` until served. Returns false when there is no room: await_resume is to throw then.
  template <class Promise>
  bool wait_in(WaitingLine& line, std::coroutine_handle<Promise> awaiting) {
    return wait_in(line, awaiting, stop_source_of(awaiting));
  }
  /// In await_resume, first.
  void rethrow() const {
    if (is_cancelled_) throw Cancelled();
    if (is_refused_) throw TooManyWaiters();
  }

 private:
  friend class WaitingLine;
  bool wait_in(WaitingLine& line, std::coroutine_handle<> awaiting, StopSource* source);
  void on_stop() noexcept override;
  void on_loop() noexcept override { awaiting_.resume(); }

  WaitingLine* line_ = nullptr;
  Loop* loop_ = nullptr;
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
  std::coroutine_handle<> awaiting_;
  bool is_cancelled_ = false;
  bool is_refused_ = false;
};

/// Waiters in the order of their coming.
///
/// Thread: the one that uses it first (checked).
class WaitingLine {
 public:
  explicit WaitingLine(std::size_t waiters_max) : waiters_max_(waiters_max) {}
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;
  ~WaitingLine() { WEIR_CHECK(size_ == 0); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Waiter* first() const { return first_; }

  /// Takes the first out and lets it resume on its loop's next turn; a stop comes too late for it.
  void serve_first() {
    Waiter& waiter = *first_;
    waiter.stop_listening();
    remove(waiter);
    waiter.loop_->complete(waiter);
  }

 private:
  friend class Waiter;
  bool add(Waiter& waiter) {
    if (size_ >= waiters_max_) return false;
    waiter.previous_ = last_;
    (last_ != nullptr ? last_->next_ : first_) = &waiter;
    last_ = &waiter;
    ++size_;
    return true;
  }
  void remove(Waiter& waiter) {
    (waiter.previous_ != nullptr ? waiter.previous_->next_ : first_) = waiter.next_;
    (waiter.next_ != nullptr ? waiter.next_->previous_ : last_) = waiter.previous_;
    --size_;
  }

  std::size_t waiters_max_;
  std::size_t size_ = 0;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

inline bool Waiter::wait_in(WaitingLine& line, std::coroutine_handle<> awaiting, StopSource* source) {
  is_refused_ = !line.add(*this);
  if (is_refused_) return false;
  line_ = &line;
  loop_ = &Loop::current();
  awaiting_ = awaiting;
  WEIR_CHECK(listen_to(source));
  return true;
}

inline void Waiter::on_stop() noexcept {
  line_->remove(*this);
  is_cancelled_ = true;
  loop_->complete(*this);
}

/// Checks that all of its uses are on one thread: that of the first.
class OneThread {
 public:
  void check() {
    const std::thread::id current = std::this_thread::get_id();
    if (thread_ == std::thread::id()) thread_ = current;
    WEIR_CHECK(thread_ == current);
  }

 private:
  std::thread::id thread_;
};

}  // namespace detail
}  // namespace weir::loop
