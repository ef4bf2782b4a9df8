// SPDX-License-Identifier: MIT
// The event loop of one thread: libuv, its deadlines, and the door for other threads.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/metrics.hpp>
#include <weir/base/unique_function.hpp>
#include <weir/loop/activity.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

struct uv_loop_s;

namespace weir::loop {

/// A piece of finished work on its way to its loop. It is part of something that was already admitted (an awaiter, a
/// responder, a work item), so that handing it over can neither fail nor allocate.
class Completion {
 public:
  /// Remembers what the current loop runs: what is on_loop() goes on with that.
  Completion() noexcept;
  /// For one whose work has nothing to do with what the current loop runs.
  explicit Completion(const Activity& activity) noexcept : activity_(&activity) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;

 protected:
  const Activity& activity() const { return *activity_; }

 private:
  friend class Loop;
  /// Runs on the loop's thread; may destroy this object.
  virtual void on_loop() noexcept = 0;
  Completion* next_ = nullptr;
  const Activity* activity_;
};

/// Something that a loop has one of, made when first asked for: a client, a watcher.
///
/// Thread: made, used and destroyed on its loop.
class LoopExtension {
 public:
  LoopExtension() = default;
  LoopExtension(const LoopExtension&) = delete;
  LoopExtension& operator=(const LoopExtension&) = delete;
  virtual ~LoopExtension() = default;
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
  /// Runs as long as `is_going`, which a callback of this loop ends.
  void run_while(const bool& is_going);
  /// Lets `run` return after the current turn. Any thread.
  void stop();

  /// Runs `work` on the loop's thread, in order of the calls of one thread. Any thread.
  /// Returns false, with `work` dropped, when `post_capacity` of them wait: the caller answers "saturated".
  [[nodiscard]] bool try_post(Work work);

  /// Hands over finished work; cannot fail, and never calls back before it returns. Any thread; from within this loop's
  /// own callbacks it costs no system call.
  /// Ownership: borrows `completion` until its on_loop() ran.
  void complete(Completion& completion);

  /// Time as of the current turn.
  base::TimePoint now() const;
  const base::Clock& clock() const { return *clock_; }
  TimerWheel& timers() { return timers_; }
  /// What it runs at the moment: whoever calls the user's code says so.
  ActivitySlot& activity() { return activity_; }

  /// The one T of this loop: T(Loop&). It ends with the loop.
  template <std::derived_from<LoopExtension> T>
  T& extension() {
    static constexpr char kKey = 0;  // its address tells the types apart
    if (LoopExtension* const found = find_extension(&kKey)) return static_cast<T&>(*found);
    return static_cast<T&>(add_extension(&kKey, std::make_unique<T>(*this)));
  }

  /// Scratch memory for one read, shared by all streams of this loop: valid until the callback returns.
  std::span<char> read_slab() { return read_slab_; }

  bool in_loop_thread() const;
  /// The loop that the calling thread runs: what an awaitable waits on. Only within its callbacks (checked).
  static Loop& current();
  /// Null outside of a loop's callbacks.
  static Loop* find_current();
  /// How many try_post calls were refused so far. Any thread.
  std::uint64_t posts_refused() const;

  /// For the floors that wrap libuv handles.
  uv_loop_s* native() const;

 private:
  struct Native;
  class Running;
  void fire_timers() noexcept;
  void keep_timer_promise();
  void drain_posts() noexcept;
  void run_own_completions() noexcept;
  void run_completions(Completion* first) noexcept;
  LoopExtension* find_extension(const void* key) const;
  LoopExtension& add_extension(const void* key, std::unique_ptr<LoopExtension> extension);

  const base::Clock* clock_;
  bool is_clock_manual_;
  ActivitySlot activity_;
  TimerWheel timers_;
  std::unique_ptr<Native> native_;
  std::span<char> read_slab_;       // within native_
  Completion* own_head_ = nullptr;  // from within this loop's callbacks; run before it waits again
  Completion** own_tail_ = &own_head_;
  const bool* is_going_ = nullptr;  // of run_while
  std::vector<std::pair<const void*, std::unique_ptr<LoopExtension>>> extensions_;
};

}  // namespace weir::loop
