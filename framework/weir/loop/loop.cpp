// SPDX-License-Identifier: MIT
#include <weir/loop/loop.hpp>

#include <weir/base/check.hpp>

#include <uv.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::loop {
namespace {

constexpr std::size_t kReadSlabBytes = 64 * 1024;

// Which loop a thread runs is a fact about that thread.
constinit thread_local Loop* current_loop = nullptr;

// For what the system may refuse: descriptors.
void check_setup(int result) {
  if (result != 0) throw std::runtime_error(std::string("cannot create an event loop: ") + uv_strerror(result));
}

}  // namespace

Completion::Completion() noexcept : activity_(current_loop != nullptr ? current_loop->activity().current() : nullptr) {
  if (activity_ == nullptr) activity_ = &kCallback;
}

struct Loop::Native {
  uv_loop_t loop{};
  uv_async_t wakeup{};
  uv_timer_t timer{};
  uv_prepare_t prepare{};
  std::array<char, kReadSlabBytes> read_slab;

  std::atomic<std::thread::id> thread{};

  std::mutex mutex;  // guards the rest
  std::vector<Work> posts;
  Completion* completions_head = nullptr;
  Completion** completions_tail = &completions_head;
  std::size_t post_capacity = 0;
  base::Gauge* refused_gauge = nullptr;
  bool is_wakeup_sent = false;  // one uv_async_send per batch
  bool is_stop_asked = false;
  std::atomic<std::uint64_t> posts_refused{0};
  std::vector<Work> batch;  // loop thread only; keeps its room between turns

  /// To be called with the mutex held, so that the handle cannot be closed under the sender (its owner closes it
  /// under the same mutex).
  void wake() {
    if (std::exchange(is_wakeup_sent, true)) return;
    WEIR_CHECK(uv_async_send(&wakeup) == 0);
  }
};

// Marks the loop as the one that the thread runs. They may nest: a thread that has to wait within a callback runs
// another loop meanwhile.
class Loop::Running {
 public:
  explicit Running(Loop& loop) : outer_(std::exchange(current_loop, &loop)) {
    loop.native_->thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { current_loop = outer_; }

 private:
  Loop* outer_;
};

Loop::Loop(Options options)
    : clock_(options.clock != nullptr ? options.clock : &base::SystemClock::instance()),
      is_clock_manual_(clock_->is_manual()),
      // On a whole millisecond, as libuv's time is: a timer that is due is not late by the difference.
      timers_(std::chrono::floor<std::chrono::milliseconds>(clock_->now())),
      native_(std::make_unique<Native>()),
      read_slab_(native_->read_slab) {
  native_->post_capacity = options.post_capacity;
  native_->refused_gauge = options.posts_refused;
  native_->thread.store(std::this_thread::get_id());
  check_setup(uv_loop_init(&native_->loop));
  native_->loop.data = this;
  const auto on_wakeup = [](uv_async_t* handle) { static_cast<Loop*>(handle->loop->data)->drain_posts(); };
  if (const int result = uv_async_init(&native_->loop, &native_->wakeup, on_wakeup); result != 0) {
    uv_loop_close(&native_->loop);
    check_setup(result);
  }
  WEIR_CHECK(uv_timer_init(&native_->loop, &native_->timer) == 0);
  WEIR_CHECK(uv_prepare_init(&native_->loop, &native_->prepare) == 0);
  WEIR_CHECK(uv_prepare_start(&native_->prepare, [](uv_prepare_t* handle) {
               auto* const self = static_cast<Loop*>(handle->loop->data);
               self->run_own_completions();
               if (self->is_going_ != nullptr && !*self->is_going_) return uv_stop(handle->loop);
               self->keep_timer_promise();
             }) == 0);
  // None of the loop's own handles keeps it alive by itself; `run` holds it open until `stop`.
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->timer));
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->prepare));
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
}

Loop::~Loop() {
  const Running running(*this);
  drain_posts();
  run_own_completions();
  extensions_.clear();
  {
    const std::lock_guard lock(native_->mutex);
    uv_close(reinterpret_cast<uv_handle_t*>(&native_->wakeup), nullptr);
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&native_->timer), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&native_->prepare), nullptr);
  // Everything else must have been closed by its owner; waiting for a leaked handle would be for ever.
  uv_walk(
      &native_->loop, [](uv_handle_t* handle, void*) { WEIR_CHECK(uv_is_closing(handle) != 0); }, nullptr);
  while (uv_run(&native_->loop, UV_RUN_NOWAIT) != 0) {
  }
  WEIR_CHECK(uv_loop_close(&native_->loop) == 0);
}

void Loop::run() {
  const Running running(*this);
  uv_ref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
  const auto take_stop = [this] {
    const std::lock_guard lock(native_->mutex);
    return std::exchange(native_->is_stop_asked, false);
  };
  while (!take_stop()) uv_run(&native_->loop, UV_RUN_DEFAULT);
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
}

bool Loop::run_once() {
  const Running running(*this);
  if (is_clock_manual_) fire_timers();
  // Without a handle that counts libuv would return before it looks for posts.
  uv_ref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
  uv_run(&native_->loop, UV_RUN_NOWAIT);
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
  run_own_completions();
  return uv_loop_alive(&native_->loop) != 0;
}

void Loop::run_for_event(std::chrono::milliseconds at_most) {
  const Running running(*this);
  if (is_clock_manual_) fire_timers();
  uv_timer_t bound{};
  WEIR_CHECK(uv_timer_init(&native_->loop, &bound) == 0);
  WEIR_CHECK(uv_timer_start(
                 &bound, [](uv_timer_t*) {}, static_cast<std::uint64_t>(at_most.count()), 0) == 0);
  uv_run(&native_->loop, UV_RUN_ONCE);
  bool is_closed = false;
  bound.data = &is_closed;
  uv_close(reinterpret_cast<uv_handle_t*>(&bound),
           [](uv_handle_t* handle) { *static_cast<bool*>(handle->data) = true; });
  while (!is_closed) uv_run(&native_->loop, UV_RUN_NOWAIT);
  run_own_completions();
}

void Loop::run_while(const bool& is_going) {
  const Running running(*this);
  const bool* const outer = std::exchange(is_going_, &is_going);
  uv_ref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
  while (is_going) {
    if (is_clock_manual_) {
      // Somebody else moves the clock on, and nobody tells.
      uv_run(&native_->loop, UV_RUN_NOWAIT);
      fire_timers();
      run_own_completions();
      if (is_going) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else {
      uv_run(&native_->loop, UV_RUN_ONCE);
    }
  }
  uv_unref(reinterpret_cast<uv_handle_t*>(&native_->wakeup));
  run_own_completions();
  is_going_ = outer;
}

void Loop::stop() {
  const std::lock_guard lock(native_->mutex);
  native_->is_stop_asked = true;
  native_->wake();
}

bool Loop::try_post(Work work) {
  const std::lock_guard lock(native_->mutex);
  if (native_->posts.size() >= native_->post_capacity) {
    native_->posts_refused.fetch_add(1, std::memory_order_relaxed);
    if (native_->refused_gauge != nullptr) native_->refused_gauge->add(1);
    return false;
  }
  native_->posts.push_back(std::move(work));
  native_->wake();
  return true;
}

void Loop::complete(Completion& completion) {
  if (current_loop == this) {
    completion.next_ = nullptr;
    *own_tail_ = &completion;
    own_tail_ = &completion.next_;
    return;
  }
  const std::lock_guard lock(native_->mutex);
  completion.next_ = nullptr;
  *native_->completions_tail = &completion;
  native_->completions_tail = &completion.next_;
  native_->wake();
}

void Loop::drain_posts() noexcept {
  Completion* completion = nullptr;
  {
    const std::lock_guard lock(native_->mutex);
    native_->is_wakeup_sent = false;
    native_->batch.swap(native_->posts);
    completion = std::exchange(native_->completions_head, nullptr);
    native_->completions_tail = &native_->completions_head;
    if (native_->is_stop_asked) uv_stop(&native_->loop);
  }
  // Posts first: a lifecycle step that comes as a completion finds done what was posted before it.
  for (Work& work : native_->batch) {
    activity_.begin(kCallback);
    work();
  }
  native_->batch.clear();
  run_completions(completion);
  activity_.end();
}

void Loop::run_completions(Completion* first) noexcept {
  while (first != nullptr) {
    Completion& completion = *std::exchange(first, first->next_);
    activity_.begin(*completion.activity_);
    completion.on_loop();
  }
}

// Runs before the loop waits, so that nothing of it is late. What they add is run, too, but sockets get their turn even
// while two tasks keep waking each other.
void Loop::run_own_completions() noexcept {
  constexpr int kBatchesMax = 64;
  for (int batch = 0; own_head_ != nullptr; ++batch) {
    if (batch == kBatchesMax) {
      const std::lock_guard lock(native_->mutex);
      return native_->wake();
    }
    Completion* completion = std::exchange(own_head_, nullptr);
    own_tail_ = &own_head_;
    run_completions(completion);
    activity_.end();
  }
}

base::TimePoint Loop::now() const {
  if (is_clock_manual_) return clock_->now();
  return base::TimePoint(std::chrono::milliseconds(uv_now(&native_->loop)));
}

void Loop::fire_timers() noexcept {
  const ActivityScope scope(activity_, kCallback);
  timers_.advance(now());
}

// Runs before each poll: libuv's timer must not be later than the earliest deadline.
void Loop::keep_timer_promise() {
  if (!timers_.is_promise_late() || is_clock_manual_) return;
  const base::TimePoint wakeup = timers_.promise_wakeup();
  if (wakeup == base::TimePoint::max()) return;
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(wakeup - now());
  const auto on_timer = [](uv_timer_t* handle) noexcept {
    auto* const loop = static_cast<Loop*>(handle->loop->data);
    loop->fire_timers();
    const base::TimePoint next = loop->timers_.promise_wakeup();
    if (next == base::TimePoint::max()) return;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - loop->now()).count();
    uv_timer_start(handle, handle->timer_cb, static_cast<std::uint64_t>(std::max<std::int64_t>(wait, 1)), 0);
  };
  WEIR_CHECK(uv_timer_start(&native_->timer, on_timer,
                            static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0)), 0) == 0);
}

bool Loop::in_loop_thread() const {
  return native_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

LoopExtension* Loop::find_extension(const void* key) const {
  for (const auto& [known, extension] : extensions_) {
    if (known == key) return extension.get();
  }
  return nullptr;
}

LoopExtension& Loop::add_extension(const void* key, std::unique_ptr<LoopExtension> extension) {
  WEIR_CHECK(current_loop == this);
  return *extensions_.emplace_back(key, std::move(extension)).second;
}

Loop& Loop::current() {
  WEIR_CHECK(current_loop != nullptr);
  return *current_loop;
}

Loop* Loop::find_current() {
  return current_loop;
}

std::uint64_t Loop::posts_refused() const {
  return native_->posts_refused.load(std::memory_order_relaxed);
}

uv_loop_s* Loop::native() const {
  return &native_->loop;
}

}  // namespace weir::loop
