// SPDX-License-Identifier: MIT
#include <weir/loop/internal/blocking_work.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/cancelled.hpp>

namespace weir::loop::internal {

bool BlockingWork::start(std::coroutine_handle<> awaiting, StopSource* source) {
  WEIR_CHECK(loop_.in_loop_thread());
  if (!listen_to(source)) {
    is_stopped_ = true;
    return false;
  }
  awaiting_ = awaiting;
  if (const Activity* const current = loop_.activity().current()) activity_ = current;
  uv_.data = this;
  const auto work = [](uv_work_t* uv) noexcept {
    auto& self = *static_cast<BlockingWork*>(uv->data);
    try {
      self.run();
    } catch (...) {
      self.failure_ = std::current_exception();
    }
  };
  const auto after = [](uv_work_t* uv, int) noexcept {
    auto& self = *static_cast<BlockingWork*>(uv->data);
    self.stop_listening();
    const ActivityScope scope(self.loop_.activity(), *self.activity_);
    self.awaiting_.resume();
  };
  WEIR_CHECK(uv_queue_work(loop_.native(), &uv_, work, after) == 0);
  return true;
}

void BlockingWork::on_stop() noexcept {
  is_stopped_ = true;
  // Whether it is still queued or not: `after` is called, and the frame resumes there.
  uv_cancel(reinterpret_cast<uv_req_t*>(&uv_));
}

void BlockingWork::await_resume() {
  if (is_stopped_) throw Cancelled();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace weir::loop::internal
