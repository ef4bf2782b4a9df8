// SPDX-License-Identifier: MIT
// A first-in first-out queue that never grows beyond its bound.
#pragma once

#include <weir/base/check.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace weir::base {

/// Holds at most `capacity` items; whoever brings one more is told so and keeps it.
///
/// Thread: not synchronised; the owner locks where two threads meet.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) { WEIR_CHECK(capacity > 0); }

  /// Appends `item` and returns true, or leaves it untouched and returns false when full.
  [[nodiscard]] bool try_push(T&& item) {
    if (items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  /// Takes the oldest item, if there is one.
  std::optional<T> try_pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> oldest(std::move(items_.front()));
    items_.pop_front();
    return oldest;
  }

  /// Takes everything at once, oldest first.
  std::deque<T> take_all() { return std::exchange(items_, {}); }

  std::size_t size() const { return items_.size(); }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return items_.empty(); }
  bool full() const { return items_.size() >= capacity_; }

 private:
  std::deque<T> items_;
  std::size_t capacity_;
};

}  // namespace weir::base
