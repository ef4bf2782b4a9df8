// SPDX-License-Identifier: MIT
// Work items in line, linked through themselves.
#pragma once

#include <weir/exec/work_item.hpp>

#include <cstddef>
#include <utility>

namespace weir::exec {

/// First in, first out, but an item may leave from anywhere; every step takes constant time and no memory.
///
/// Thread:    not synchronised.
/// Ownership: borrows the items; one is in at most one queue.
class WorkQueue {
 public:
  WorkQueue() = default;
  WorkQueue(WorkQueue&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)),
        last_(std::exchange(other.last_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  WorkQueue& operator=(WorkQueue&&) = delete;

  void push_back(WorkItem& item) {
    item.previous_ = last_;
    item.next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = &item;
    last_ = &item;
    ++size_;
  }

  /// Nothing when empty.
  WorkItem* pop_front() {
    WorkItem* const item = first_;
    if (item != nullptr) remove(*item);
    return item;
  }

  void remove(WorkItem& item) {
    (item.previous_ == nullptr ? first_ : item.previous_->next_) = item.next_;
    (item.next_ == nullptr ? last_ : item.next_->previous_) = item.previous_;
    item.previous_ = item.next_ = nullptr;
    --size_;
  }

  const WorkItem* front() const { return first_; }
  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }

 private:
  WorkItem* first_ = nullptr;
  WorkItem* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weir::exec
