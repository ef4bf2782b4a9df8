// SPDX-License-Identifier: MIT
// What a loop runs at the moment, told to another thread: how a stalled loop is found and named.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace weir::loop {

/// Something that may hold a loop, in words for whoever reads the log.
///
/// Ownership: borrows its texts. Outlives the loop's work, and whoever watches the loop.
struct Activity {
  std::string_view method;  ///< "GET"; "-" where there is none.
  std::string_view route;   ///< The pattern, "/users/{id}"; "-" where there is none.
  std::string_view part;    ///< Which code: "handler", "hook", "callback".
  std::string_view remedy;  ///< What to do when it takes too long.
};

/// A timer's or a completion's callback of which no more is known.
inline constexpr Activity kCallback{"-", "-", "callback", "hand the slow step to a pool: co_await ctx.offload(...)"};

/// The activity of one loop: a word that the loop writes, and that a watching thread looks at now and then. Loops pay
/// two stores for each activity and never look at a clock.
///
/// How one activity is told from the next of the same name: the watcher marks the word that it has seen. What begins
/// later writes it anew, without the mark.
///
/// Thread: begin, end and current on the loop's thread; look on any one other.
class ActivitySlot {
 public:
  /// What a look found.
  struct Sighting {
    const Activity* begun = nullptr;  ///< It began since the last look.
    bool is_same = false;             ///< What the last look found still runs.
  };

  ActivitySlot() = default;
  ActivitySlot(const ActivitySlot&) = delete;
  ActivitySlot& operator=(const ActivitySlot&) = delete;

  /// From here on the loop runs `activity`; also when it was in another one.
  void begin(const Activity& activity) noexcept {
    word_.store(reinterpret_cast<std::uintptr_t>(&activity), std::memory_order_release);
  }
  void end() noexcept { word_.store(0, std::memory_order_release); }

  /// Null when nothing has begun.
  const Activity* current() const noexcept { return activity_of(word_.load(std::memory_order_relaxed)); }

  Sighting look() noexcept {
    std::uintptr_t word = word_.load(std::memory_order_acquire);
    if (word == 0) return {};
    if ((word & kSeen) != 0) return {.begun = nullptr, .is_same = true};
    // When this fails it has just ended: whatever runs now began later than this look.
    if (!word_.compare_exchange_strong(word, word | kSeen, std::memory_order_acq_rel)) return {};
    return {.begun = activity_of(word), .is_same = false};
  }

 private:
  static constexpr std::uintptr_t kSeen = 1;
  static_assert(alignof(Activity) > kSeen);
  static const Activity* activity_of(std::uintptr_t word) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the lowest bit is a mark
    return reinterpret_cast<const Activity*>(word & ~kSeen);
  }

  std::atomic<std::uintptr_t> word_{0};
};

/// An activity for the time of a block. What it is within goes on after it, and its time counts anew.
class ActivityScope {
 public:
  ActivityScope(ActivitySlot& slot, const Activity& activity) noexcept : slot_(slot), outer_(slot.current()) {
    slot_.begin(activity);
  }
  ActivityScope(const ActivityScope&) = delete;
  ActivityScope& operator=(const ActivityScope&) = delete;
  ~ActivityScope() {
    if (outer_ != nullptr) {
      slot_.begin(*outer_);
    } else {
      slot_.end();
    }
  }

 private:
  ActivitySlot& slot_;
  const Activity* outer_;
};

}  // namespace weir::loop
