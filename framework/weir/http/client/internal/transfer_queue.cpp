// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/transfer_queue.hpp>

#include <weir/base/check.hpp>

#include <algorithm>

namespace weir::http::internal {

TransferQueue::~TransferQueue() {
  WEIR_CHECK(running_ == 0 && waiting_.empty());
}

bool TransferQueue::enter(Member& member, const std::string& origin) {
  const auto found = origins_.find(origin);
  const bool may_run = running_ < bounds_.running_max && (found == origins_.end() || has_room(found->second));
  if (!may_run && waiting_.size() >= bounds_.waiting_max) return false;
  member.origin_ = found != origins_.end() ? found : origins_.emplace(origin, Origin{}).first;
  ++member.origin_->second.members;
  if (may_run) {
    run(member);
  } else {
    member.waiting_ = waiting_.insert(waiting_.end(), &member);
  }
  return true;
}

void TransferQueue::leave(Member& member) {
  Origin& origin = member.origin_->second;
  if (member.is_running_) {
    member.is_running_ = false;
    --running_;
    --origin.running;
  } else {
    waiting_.erase(member.waiting_);
  }
  if (--origin.members == 0) origins_.erase(member.origin_);
  run_next();
}

bool TransferQueue::has_room(const Origin& origin) const {
  return running_ < bounds_.running_max && origin.running < bounds_.running_per_origin_max;
}

void TransferQueue::run(Member& member) {
  member.is_running_ = true;
  ++running_;
  ++member.origin_->second.running;
  member.start();
}

// One at most: one place has become free.
void TransferQueue::run_next() {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                 [this](const Member* member) { return has_room(member->origin_->second); });
  if (next == waiting_.end()) return;
  Member& member = **next;
  waiting_.erase(next);
  run(member);
}

}  // namespace weir::http::internal
