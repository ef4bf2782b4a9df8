// SPDX-License-Identifier: MIT
#include <weir/app/background.hpp>

#include <weir/loop/cancelled.hpp>

#include <exception>
#include <utility>

namespace weir::app {

void BackgroundTasks::spawn(loop::Task<void> task) {
  task.set_stop_source(&stop_);
  ++running_;
  scope_.spawn(run(std::move(task), this));
}

loop::Task<void> BackgroundTasks::run(loop::Task<void> task, BackgroundTasks* self) {
  try {
    loop::Task<void> owned = std::move(task);  // ends before it is said to have ended
    co_await std::move(owned);
  } catch (const loop::Cancelled&) {
  } catch (const std::exception& error) {
    self->log_.error("background.failed", {{"error", error.what()}});
  } catch (...) {
    self->log_.error("background.failed", {{"error", "an exception that is no std::exception"}});
  }
  --self->running_;
  self->on_ended_();
}

}  // namespace weir::app
