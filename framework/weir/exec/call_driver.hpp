// SPDX-License-Identifier: MIT
// A coroutine driven to its end by a thread that waits for it.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <mutex>

namespace weir::exec {

/// Runs a private loop until one coroutine has ended, and asks it to stop when its time is up or somebody elsewhere
/// says so. This is how a thread that blocks runs the same handlers that an event loop suspends.
///
/// Thread:    the driving one, but for request_stop.
/// Ownership: borrows the loop, such as Worker::private_loop(), which nobody else runs meanwhile.
class CallDriver : private loop::Completion {
 public:
  CallDriver() = default;

  /// Calls `start` as a callback of `loop`, and returns after end() was called in one.
  /// `deadline`: then the stop source fires.
  template <class Start>
  void drive(loop::Loop& loop, base::TimePoint deadline, Start&& start) {
    struct Starter final : loop::Completion {
      explicit Starter(Start& start_in) : start_(start_in) {}

     private:
      void on_loop() noexcept override { start_(); }
      Start& start_;
    };
    Starter starter(start);
    begin(loop);
    loop.complete(starter);
    run(loop, deadline);
  }
  /// The coroutine's last act.
  void end() { is_going_ = false; }

  /// What the coroutine is to be stopped by.
  loop::StopSource& stop_source() { return stop_; }
  /// Fires the stop source, now or when it is driven. Any thread.
  void request_stop();

 private:
  class Deadline;
  void begin(loop::Loop& loop);
  void run(loop::Loop& loop, base::TimePoint deadline);
  void on_loop() noexcept override;

  loop::StopSource stop_;
  bool is_going_ = false;
  std::mutex mutex_;  // guards the rest
  loop::Loop* loop_ = nullptr;
  bool is_stop_asked_ = false;
  bool is_stop_on_its_way_ = false;
};

}  // namespace weir::exec
