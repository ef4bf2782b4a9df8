// SPDX-License-Identifier: MIT
#include <weir/loop/timer_wheel.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <bit>
#include <utility>

namespace weir::loop {

void Timer::link_at(Timer*& head) {
  next_ = head;
  if (next_ != nullptr) next_->link_ = &next_;
  head = this;
  link_ = &head;
}

void Timer::unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  next_ = nullptr;
  link_ = nullptr;
}

TimerWheel::~TimerWheel() {
  for (const auto& level : slots_) {
    for (const Timer* head : level) WEIR_CHECK(head == nullptr);
  }
}

// The first one not before its deadline, of those at which it may fire.
std::uint64_t TimerWheel::tick_of(const Timer& timer) const {
  const auto since_start = timer.deadline_ - start_;
  if (since_start.count() <= 0) return 0;
  const auto tick = static_cast<std::uint64_t>((since_start + kFineTick - std::chrono::nanoseconds(1)) / kFineTick);
  const std::uint64_t step = step_of(timer);
  return (tick + step - 1) / step * step;
}

void TimerWheel::schedule(Timer& timer) {
  timer.unlink();
  // What lies beyond the wheel waits in its farthest slot and is scheduled again from there.
  constexpr std::uint64_t kFarthest = (1ULL << (kSlotBits * kLevels)) - (1ULL << (kSlotBits * (kLevels - 1))) - 1;
  const std::uint64_t step = step_of(timer);
  const std::uint64_t next_tick = current_tick_ / step * step + step;
  const std::uint64_t tick = std::min(std::max(tick_of(timer), next_tick), current_tick_ + kFarthest);
  const std::uint64_t distance = tick - current_tick_;
  const unsigned level = distance < kSlots ? 0 : (static_cast<unsigned>(std::bit_width(distance)) - 1) / kSlotBits;
  const auto slot = static_cast<unsigned>(tick >> (kSlotBits * level)) % kSlots;
  timer.link_at(slots_[level][slot]);
  timer.linked_for_ = timer.deadline_;
  occupied_[level] |= 1ULL << slot;
  if (tick < promised_tick_) is_promise_late_ = true;
}

void TimerWheel::expire(unsigned level, unsigned slot) noexcept {
  occupied_[level] &= ~(1ULL << slot);
  // Taken out one by one: a callback may destroy, disarm or add any timer, this slot's included.
  Timer* due = std::exchange(slots_[level][slot], nullptr);
  if (due != nullptr) due->link_ = &due;
  while (due != nullptr) {
    Timer& timer = *due;
    timer.unlink();
    if (!timer.is_armed()) continue;
    if (tick_of(timer) > current_tick_) {
      schedule(timer);
    } else {
      timer.disarm();
      timer.on_expiry();
    }
  }
}

void TimerWheel::advance(base::TimePoint now) noexcept {
  const auto since_start = now - start_;
  const auto target = static_cast<std::uint64_t>(std::max<std::int64_t>(since_start / kFineTick, 0));
  while (current_tick_ < target) {
    const std::uint64_t next = next_event_tick();
    if (next > target) {
      current_tick_ = target;
      break;
    }
    current_tick_ = next;
    for (unsigned level = kLevels; level-- > 0;) {
      const std::uint64_t span_mask = (1ULL << (kSlotBits * level)) - 1;
      if ((current_tick_ & span_mask) != 0) continue;
      expire(level, static_cast<unsigned>(current_tick_ >> (kSlotBits * level)) % kSlots);
    }
  }
}

std::uint64_t TimerWheel::next_event_tick() const {
  std::uint64_t nearest = UINT64_MAX;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const unsigned shift = kSlotBits * level;
    const std::uint64_t position = current_tick_ >> shift;
    // Slots after the current one come first; the current slot itself comes a whole turn later.
    const auto from = static_cast<int>((position + 1) % kSlots);
    const auto steps = static_cast<std::uint64_t>(std::countr_zero(std::rotr(occupied_[level], from))) + 1;
    nearest = std::min(nearest, (position + steps) << shift);
  }
  return nearest;
}

base::TimePoint TimerWheel::promise_wakeup() {
  promised_tick_ = next_event_tick();
  is_promise_late_ = false;
  return promised_tick_ == UINT64_MAX ? base::TimePoint::max() : time_of(promised_tick_);
}

}  // namespace weir::loop
