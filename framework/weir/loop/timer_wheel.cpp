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

void Timer::arm_at(base::TimePoint deadline) {
  constexpr std::uint64_t kCoarse = TimerWheel::kTick / TimerWheel::kFineTick;
  static_assert(std::has_single_bit(kCoarse));
  const std::uint64_t tick = std::max(wheel_.tick_at_or_after(deadline), wheel_.current_tick_ + 1);
  arm_at_tick((tick + kCoarse - 1) & ~(kCoarse - 1));
}

void Timer::arm_finely_at(base::TimePoint deadline) {
  arm_at_tick(std::max(wheel_.tick_at_or_after(deadline), wheel_.current_tick_ + 1));
}

void Timer::arm_at_tick(std::uint64_t tick) {
  deadline_tick_ = tick;
  if (is_linked() && scheduled_tick_ <= deadline_tick_) return;  // looked at again when scheduled_tick_ comes
  wheel_.schedule(*this);
}

TimerWheel::~TimerWheel() {
  for (const auto& level : slots_) {
    for (const Timer* head : level) WEIR_CHECK(head == nullptr);
  }
}

std::uint64_t TimerWheel::tick_at_or_after(base::TimePoint time) const {
  const auto since_start = time - start_;
  if (since_start.count() <= 0) return 0;
  return static_cast<std::uint64_t>((since_start + kFineTick - std::chrono::nanoseconds(1)) / kFineTick);
}

void TimerWheel::schedule(Timer& timer) {
  timer.unlink();
  // What lies beyond the wheel waits in its farthest slot and is scheduled again from there.
  constexpr std::uint64_t kFarthest = (1ULL << (kSlotBits * kLevels)) - (1ULL << (kSlotBits * (kLevels - 1))) - 1;
  timer.scheduled_tick_ = std::min(timer.deadline_tick_, current_tick_ + kFarthest);
  const std::uint64_t distance = timer.scheduled_tick_ - current_tick_;
  const unsigned level = distance < kSlots ? 0 : (static_cast<unsigned>(std::bit_width(distance)) - 1) / kSlotBits;
  const auto slot = static_cast<unsigned>(timer.scheduled_tick_ >> (kSlotBits * level)) % kSlots;
  timer.link_at(slots_[level][slot]);
  occupied_[level] |= 1ULL << slot;
  if (timer.scheduled_tick_ < promised_tick_) is_promise_late_ = true;
}

void TimerWheel::expire(unsigned level, unsigned slot) noexcept {
  occupied_[level] &= ~(1ULL << slot);
  // Taken out one by one: a callback may destroy, disarm or add any timer, this slot's included.
  Timer* due = std::exchange(slots_[level][slot], nullptr);
  if (due != nullptr) due->link_ = &due;
  while (due != nullptr) {
    Timer& timer = *due;
    timer.unlink();
    if (timer.deadline_tick_ > current_tick_) {
      if (timer.is_armed()) schedule(timer);
    } else {
      timer.deadline_tick_ = Timer::kNever;
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
