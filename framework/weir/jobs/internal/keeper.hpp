// SPDX-License-Identifier: MIT
// The thread that keeps a worker alive in the eyes of the others, and buries them.
#pragma once

#include <weir/base/log.hpp>
#include <weir/jobs/liveness.hpp>
#include <weir/jobs/store.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::jobs::internal {

/// Registers this process, prolongs its lease, rescues the jobs of the dead, and removes what is over. On a thread of
/// its own: neither a handler nor a loop can hold it up.
///
/// Thread: construction, stop and destruction on one; worker() on any.
class Keeper {
 public:
  struct Parts {
    Store& store;
    Liveness* liveness;
    Milliseconds lease, beat, look_for_dead;
    base::Log& log;
    std::function<void()> rescued;        ///< Jobs of others have become available.
    std::function<void()> declared_dead;  ///< This worker was; it has a new number now.
  };
  /// Waits for the store. Errors: StoreError.
  explicit Keeper(Parts parts);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() { stop(); }

  std::int64_t worker() const { return worker_.load(); }
  /// Ends the thread, and takes leave of the store: what this worker still has is given back.
  void stop();

 private:
  void run() noexcept;
  void enter();
  void rescue(std::vector<Rescue::Dead> dead);
  void keep();
  /// A slice; whether there may be more.
  bool purge();

  Parts parts_;
  std::atomic<std::int64_t> worker_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;  // under the mutex
  std::thread thread_;
};

}  // namespace weir::jobs::internal
