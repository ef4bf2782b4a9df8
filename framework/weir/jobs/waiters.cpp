// SPDX-License-Identifier: MIT
#include <weir/jobs/waiters.hpp>

#include <weir/loop/with_timeout.hpp>

#include <utility>

namespace weir::jobs {
namespace {

loop::Task<void> await(loop::CompletionWait<void> wait) {
  co_await std::move(wait);
}

}  // namespace

Waiters::Place::Place(Waiters& waiters, const JobId& id) : waiters_(waiters), ends_(loop::completion<void>()) {
  const std::lock_guard lock(waiters_.mutex_);
  key_ = {id.number, waiters_.next_++};
  is_there_ = waiters_.waiting_.size() < waiters_.max_;
  if (is_there_) waiters_.waiting_.emplace(key_, std::move(ends_.done));
}

Waiters::Place::~Place() {
  const std::lock_guard lock(waiters_.mutex_);
  waiters_.waiting_.erase(key_);
}

loop::Task<void> Waiters::Place::wait(std::chrono::nanoseconds at_most) {
  auto task = await(std::move(ends_.wait));
  const bool is_in_time = co_await loop::try_with_timeout(at_most, std::move(task));
  static_cast<void>(is_in_time);
}

void Waiters::wake(const JobId& id) {
  const std::lock_guard lock(mutex_);
  auto at = waiting_.lower_bound({id.number, 0});
  while (at != waiting_.end() && at->first.first == id.number) {
    at->second();
    at = waiting_.erase(at);
  }
}

void Waiters::wake_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, done] : waiting_) done();
  waiting_.clear();
}

}  // namespace weir::jobs
