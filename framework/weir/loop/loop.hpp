// SPDX-License-Identifier: MIT
// The event loop of one thread: libuv, its deadlines, and the door for other threads.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/metrics.hpp>
#include <weir/base/unique_function.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <cstddef>
#include <memory>
#include <span>

struct uv_loop_s;

namespace weir::loop {

/// A piece of finished work on its way to its loop. It is part of something that was already admitted (an awaiter, a
/// responder, a work item), so that handing it over can neither fail nor allocate.
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;

 private:
  friend class Loop;
  /// Runs on the loop's thread; may destroy this object.
  virtual void on_loop() noexcept = 0;
  Completion* next_ = nullptr;
};

/// Runs callbacks of sockets, timers and other threads, one after the other, on one thread.
///
/// Thread:    belongs to the thread that calls `run` or `run_once`; only the members marked "any thread" may be
///            called elsewhere. Construction and destruction may happen on another thread while nothing runs.
/// Ownership: outlives every object made on it (checked: the destructor finds no open handle but its own).
class Loop {
 public:
  using Work = base::UniqueFunction<void()>;

  struct Options {
    const base::Clock* clock = nullptr;    ///< The system's when null.
    std::size_t post_capacity = 65'536;    ///< Bound of try_post.
    base::Gauge* posts_refused = nullptr;  ///< Goes up with every refused try_post; may serve several loops.
  };

  /// Errors: throws std::runtime_error when the system has no descriptors for it.
  Loop() : Loop(Options{}) {}
  explicit Loop(Options options);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs until `stop`.
  void run();
  /// Runs what is ready now, without waiting; returns whether active, referenced handles other than the loop's
  /// own are open.
  bool run_once();
  /// Like run_once, but waits for the next event first, `at_most` long.
  void run_for_event(std::chrono::milliseconds at_most);
  /// Lets `run` return after the current turn. Any thread.
  void stop();

  /// Runs `work` on the loop's thread, in order of the calls of one thread. Any thread.
  /// Returns false, with `work` dropped, when `post_capacity` of them wait: the caller answers "saturated".
  [[nodiscard]] bool try_post(Work work);

  /// Hands over finished work; cannot fail. Any thread.
  /// Ownership: borrows `completion` until its on_loop() ran.
  void complete(Completion& completion);

  /// Time as of the current turn.
  base::TimePoint now() const;
  const base::Clock& clock() const { return *clock_; }
  TimerWheel& timers() { return timers_; }

  /// Scratch memory for one read, shared by all streams of this loop: valid until the callback returns.
  std::span<char> read_slab() { return read_slab_; }

  bool in_loop_thread() const;
  /// How many try_post calls were refused so far. Any thread.
  std::uint64_t posts_refused() const;

  /// For the floors that wrap libuv handles.
  uv_loop_s* native() const;

 private:
  struct Native;
  void fire_timers() noexcept;
  void keep_timer_promise();
  void drain_posts() noexcept;

  const base::Clock* clock_;
  bool is_clock_manual_;
  TimerWheel timers_;
  std::unique_ptr<Native> native_;
  std::span<char> read_slab_;  // within native_
};

}  // namespace weir::loop
