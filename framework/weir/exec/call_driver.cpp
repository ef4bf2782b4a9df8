// SPDX-License-Identifier: MIT
#include <weir/exec/call_driver.hpp>

#include <utility>

namespace weir::exec {

class CallDriver::Deadline final : public loop::Timer {
 public:
  Deadline(loop::Loop& loop, loop::StopSource& stop) : Timer(loop.timers()), stop_(stop) {}

 private:
  void on_expiry() noexcept override { stop_.request_stop(); }
  loop::StopSource& stop_;
};

void CallDriver::begin(loop::Loop& loop) {
  is_going_ = true;
  const std::lock_guard lock(mutex_);
  loop_ = &loop;
  if (!is_stop_asked_) return;
  is_stop_on_its_way_ = true;
  loop.complete(*this);
}

void CallDriver::run(loop::Loop& loop, base::TimePoint deadline) {
  Deadline timer(loop, stop_);
  if (deadline != base::TimePoint::max()) timer.arm_at(deadline);
  loop.run_while(is_going_);
  const auto is_stop_on_its_way = [this] {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;  // nothing new comes from here on
    return is_stop_on_its_way_;
  };
  while (is_stop_on_its_way()) loop.run_once();
}

void CallDriver::request_stop() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(is_stop_asked_, true) || loop_ == nullptr) return;
  is_stop_on_its_way_ = true;
  loop_->complete(*this);
}

void CallDriver::on_loop() noexcept {
  stop_.request_stop();
  const std::lock_guard lock(mutex_);
  is_stop_on_its_way_ = false;
}

}  // namespace weir::exec
