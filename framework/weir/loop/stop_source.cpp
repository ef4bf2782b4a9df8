// SPDX-License-Identifier: MIT
#include <weir/loop/stop_source.hpp>

#include <memory>

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

// Sequentially consistent on both sides: either this sees the standard's source, or whoever makes that sees the
// request.
void StopSource::request_stop() noexcept {
  if (is_requested_.exchange(true)) return;
  // Taken out one by one: a listener may destroy or disarm any other. None can be added any more.
  while (first_ != nullptr) {
    StopListener& listener = *first_;
    listener.stop_listening();
    listener.on_stop();
  }
  if (std::stop_source* const standard = standard_.load()) standard->request_stop();
}

std::stop_token StopSource::token() {
  std::stop_source* standard = standard_.load();
  if (standard == nullptr) {
    auto made = std::make_unique<std::stop_source>();
    if (standard_.compare_exchange_strong(standard, made.get())) standard = made.release();
  }
  if (is_requested_.load()) standard->request_stop();
  return standard->get_token();
}

void StopSource::forget() {
  WEIR_CHECK(first_ == nullptr);
  delete standard_.exchange(nullptr);
  is_requested_.store(false, std::memory_order_relaxed);
}

}  // namespace weir::loop
