// SPDX-License-Identifier: MIT
// What the hooks and handlers of a run saw, by request.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace weir::model {

/// How often the hooks of one middleware ran for one request.
struct HookCounts {
  int before = 0;
  int after = 0;
  int done = 0;
};

struct Entry {
  HookCounts outer;
  HookCounts inner;
  int status = 0;             ///< As the outer `after` saw it.
  bool is_complete = false;   ///< As the outer `done` was told.
  bool was_answered = false;  ///< Likewise.
};

/// Thread: `entries` is the loop's; the rest any.
class Ledger {
 public:
  std::map<int, Entry> entries;

  /// A handler or a state of a hook that is alive.
  class Frame {
   public:
    explicit Frame(Ledger& ledger) : ledger_(&ledger) { ++ledger.made_; }
    Frame(Frame&& other) noexcept : ledger_(other.ledger_) { ++ledger_->made_; }
    Frame& operator=(Frame&&) = delete;
    ~Frame() { ++ledger_->ended_; }

   private:
    Ledger* ledger_;
  };
  int frames_alive() const { return made_ - ended_; }
  int frames_made() const { return made_; }

  /// Somebody who must not throw found something wrong; the first one counts.
  void blame(std::string what) {
    const std::lock_guard lock(mutex_);
    if (fault_.empty()) fault_ = std::move(what);
  }
  std::string fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
  }

 private:
  std::atomic<int> made_{0};
  std::atomic<int> ended_{0};
  mutable std::mutex mutex_;
  std::string fault_;
};

}  // namespace weir::model
