// SPDX-License-Identifier: MIT
// Where handlers on workers wait for what only the model brings: a release, or time.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/loop/loop.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace weir::model {

/// Thread: any.
class Parking {
 public:
  explicit Parking(loop::Loop& loop) : loop_(loop) {}

  /// Holds the calling worker until it is released, or until `stop` is requested.
  void hold(const std::stop_token& stop);

  /// Says that the calling worker drives a coroutine that sleeps until `wake`, unless `is_over` earlier.
  class Sleeper;

  /// Lets one of the held go; false when there is none.
  bool release(std::size_t pick);
  /// Lets all go, those to come, too.
  void open();

  /// How many threads wait here, for longer than `now`.
  std::size_t resting(base::TimePoint now);

 private:
  struct Spot {
    std::thread::id thread{};
    bool is_held = false;
    bool is_released = false;
    base::TimePoint wake = base::TimePoint::max();
    std::function<bool()> is_over;
    base::TimePoint due_since{};  // in real time: when somebody saw first that it is to leave
  };
  using Spots = std::list<Spot>;
  Spots::iterator park(Spot spot);
  void leave(Spots::iterator spot);

  loop::Loop& loop_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable_any changed_;
  Spots spots_;
  bool is_open_ = false;
};

class Parking::Sleeper {
 public:
  Sleeper(Parking& parking, base::TimePoint wake, std::function<bool()> is_over);
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() { parking_.leave(spot_); }

 private:
  Parking& parking_;
  Spots::iterator spot_;
};

}  // namespace weir::model
