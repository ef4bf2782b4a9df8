// SPDX-License-Identifier: MIT
// Deadlines of one loop: any number of timers behind a single libuv timer.
#pragma once

#include <weir/base/clock.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace weir::loop {

class TimerWheel;

/// A deadline that can be armed, moved and disarmed in constant time, without allocating.
///
/// A move to a later time (the common case: every request pushes the idle deadline on) only writes a number; the
/// wheel looks again when the earlier time comes.
///
/// Thread:    loop thread only, the destructor included.
/// Ownership: who wants a deadline derives from it or holds one; the wheel never owns. Destruction disarms.
class Timer {
 public:
  explicit Timer(TimerWheel& wheel) : wheel_(wheel) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires once, at `deadline` or up to TimerWheel::kTick later; replaces an earlier arming.
  void arm_at(base::TimePoint deadline) { arm(deadline, false); }
  /// The same, but no more than TimerWheel::kFineTick late: for what a program waits for, not for what it guards
  /// against.
  void arm_finely_at(base::TimePoint deadline) { arm(deadline, true); }
  void disarm() { deadline_ = kNever; }
  bool is_armed() const { return deadline_ != kNever; }

 protected:
  virtual ~Timer() { unlink(); }

 private:
  friend class TimerWheel;
  static constexpr base::TimePoint kNever = base::TimePoint::max();

  /// Called disarmed; may arm again or destroy this timer.
  virtual void on_expiry() noexcept = 0;
  bool is_linked() const { return link_ != nullptr; }
  inline void arm(base::TimePoint deadline, bool is_fine);
  void link_at(Timer*& head);
  void unlink();

  TimerWheel& wheel_;
  Timer* next_ = nullptr;
  Timer** link_ = nullptr;             // the pointer that points here; null while not in the wheel
  base::TimePoint deadline_ = kNever;  // wanted
  base::TimePoint linked_for_{};       // the deadline that it had when it was linked
  bool is_fine_ = false;
};

/// Four levels of 64 slots, each 64 times as coarse as the one below; timers cascade down as their time nears.
///
/// Invariants: (1) a timer is linked at a tick after current_tick_; (2) its level is the lowest whose span holds the
/// distance; (3) a bit of occupied_ is set wherever a slot may hold timers.
///
/// Thread: loop thread only.
class TimerWheel {
 public:
  /// The precision of a deadline: it fires within one tick after its time, never before. Coarse, so that the many that
  /// guard against slow peers share their wake-ups.
  static constexpr std::chrono::milliseconds kTick{16};
  /// What the wheel itself turns by.
  static constexpr std::chrono::milliseconds kFineTick{1};

  explicit TimerWheel(base::TimePoint start) : start_(start) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  /// Every timer must be gone or disarmed and unlinked by then (checked).
  ~TimerWheel();

  /// Fires everything whose deadline is not after `now`.
  void advance(base::TimePoint now) noexcept;

  /// Promises to be advanced at the returned time; TimePoint::max() when nothing is armed.
  base::TimePoint promise_wakeup();

  /// Whether a timer was armed for a time before the last promise.
  bool is_promise_late() const { return is_promise_late_; }

 private:
  friend class Timer;
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kSlotBits = 6;
  static constexpr unsigned kSlots = 1U << kSlotBits;

  /// Ticks between two times at which a timer of its precision may fire.
  static std::uint64_t step_of(const Timer& timer) { return timer.is_fine_ ? 1 : kTick / kFineTick; }
  std::uint64_t tick_of(const Timer& timer) const;
  base::TimePoint time_of(std::uint64_t tick) const { return start_ + tick * kFineTick; }
  void schedule(Timer& timer);
  void expire(unsigned level, unsigned slot) noexcept;
  std::uint64_t next_event_tick() const;

  base::TimePoint start_;
  std::uint64_t current_tick_ = 0;
  std::uint64_t promised_tick_ = UINT64_MAX;
  bool is_promise_late_ = false;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<std::array<Timer*, kSlots>, kLevels> slots_{};
};

inline void Timer::arm(base::TimePoint deadline, bool is_fine) {
  deadline_ = deadline;
  if (is_linked() && linked_for_ <= deadline && is_fine_ == is_fine) return;  // looked at again when it comes up
  is_fine_ = is_fine;
  wheel_.schedule(*this);
}

}  // namespace weir::loop
