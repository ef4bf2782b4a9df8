// SPDX-License-Identifier: MIT
#include <tests/model/parking.hpp>

#include <chrono>
#include <iterator>
#include <set>
#include <utility>

namespace weir::model {

Parking::Spots::iterator Parking::park(Spot spot) {
  spot.thread = std::this_thread::get_id();
  Spots::iterator place;
  {
    const std::lock_guard lock(mutex_);
    place = spots_.insert(spots_.end(), std::move(spot));
  }
  static_cast<void>(loop_.try_post([] {}));  // the model waits for this
  return place;
}

void Parking::leave(Spots::iterator spot) {
  const std::lock_guard lock(mutex_);
  spots_.erase(spot);
}

void Parking::hold(const std::stop_token& stop) {
  const auto spot = park({.is_held = true, .is_over = [stop] { return stop.stop_requested(); }});
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return is_open_ || spot->is_released; });
  }
  leave(spot);
}

bool Parking::release(std::size_t pick) {
  const std::lock_guard lock(mutex_);
  std::list<Spot*> held;
  for (Spot& spot : spots_) {
    if (spot.is_held && !spot.is_released) held.push_back(&spot);
  }
  if (held.empty()) return false;
  (*std::next(held.begin(), static_cast<std::ptrdiff_t>(pick % held.size())))->is_released = true;
  changed_.notify_all();
  return true;
}

void Parking::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

// Who should leave and does not has begun its sleep later than it said, after time took a leap: that one does rest.
std::size_t Parking::resting(base::TimePoint now) {
  constexpr std::chrono::milliseconds kPatience{30};
  const base::TimePoint real_now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  std::set<std::thread::id> resting;
  std::set<std::thread::id> leaving;
  for (Spot& spot : spots_) {
    const bool is_due = spot.is_released || (spot.is_held && is_open_) || spot.wake <= now || spot.is_over();
    if (is_due && spot.due_since == base::TimePoint{}) spot.due_since = real_now;
    const bool is_leaving = is_due && (spot.is_held || real_now - spot.due_since < kPatience);
    (is_leaving ? leaving : resting).insert(spot.thread);
  }
  for (const auto& thread : leaving) resting.erase(thread);
  return resting.size();
}

Parking::Sleeper::Sleeper(Parking& parking, base::TimePoint wake, std::function<bool()> is_over)
    : parking_(parking), spot_(parking.park({.wake = wake, .is_over = std::move(is_over)})) {}

}  // namespace weir::model
