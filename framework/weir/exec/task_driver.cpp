// SPDX-License-Identifier: MIT
#include <weir/exec/task_driver.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/task_scope.hpp>

#include <chrono>

namespace weir::exec {
namespace {

// Whatever happens ends the wait. But nobody tells a loop that its manual clock was moved.
constexpr std::chrono::milliseconds kWait = std::chrono::hours(1);
constexpr std::chrono::milliseconds kManualWait{5};

// Starts a task from within the loop, so that its first await finds it.
class Start final : public loop::Completion {
 public:
  explicit Start(loop::Task<void> task) : task_(std::move(task)) {}
  bool is_done() const { return is_started_ && scope_.running() == 0; }

 private:
  void on_loop() noexcept override {
    is_started_ = true;
    WEIR_CHECK(scope_.spawn(std::move(task_)));
  }

  loop::Task<void> task_;
  bool is_started_ = false;
  loop::TaskScope scope_;
};

}  // namespace

void TaskDriver::drive(loop::Task<void> task) {
  WEIR_CHECK(loop::Loop::find_current() != &loop_);
  Start start(std::move(task));
  loop_.complete(start);
  while (!start.is_done()) loop_.run_for_event(loop_.clock().is_manual() ? kManualWait : kWait);
}

}  // namespace weir::exec
