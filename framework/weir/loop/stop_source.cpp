// SPDX-License-Identifier: MIT
#include <weir/loop/stop_source.hpp>

namespace weir::loop {

bool StopListener::listen_to(StopSource* source) {
  stop_listening();
  if (source == nullptr) return true;
  if (source->is_stop_requested()) return false;
  next_ = source->first_;
  if (next_ != nullptr) next_->link_ = &next_;
  source->first_ = this;
  link_ = &source->first_;
  return true;
}

void StopListener::stop_listening() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  next_ = nullptr;
  link_ = nullptr;
}

void StopSource::request_stop() noexcept {
  std::optional<std::stop_source> standard;
  {
    const std::lock_guard lock(mutex_);
    if (is_requested_.exchange(true, std::memory_order_acq_rel)) return;
    standard = standard_;
  }
  // Taken out one by one: a listener may destroy or disarm any other. None can be added any more.
  while (first_ != nullptr) {
    StopListener& listener = *first_;
    listener.stop_listening();
    listener.on_stop();
  }
  if (standard) standard->request_stop();  // outside the lock: it calls back into the user's code
}

std::stop_token StopSource::token() {
  const std::lock_guard lock(mutex_);
  if (!standard_) {
    standard_.emplace();
    if (is_requested_.load(std::memory_order_relaxed)) standard_->request_stop();
  }
  return standard_->get_token();
}

void StopSource::forget() {
  WEIR_CHECK(first_ == nullptr);
  const std::lock_guard lock(mutex_);
  is_requested_.store(false, std::memory_order_relaxed);
  standard_.reset();
}

}  // namespace weir::loop
