// SPDX-License-Identifier: MIT
// Work that goes on after its response.
#pragma once

#include <weir/base/log.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>
#include <weir/loop/task_scope.hpp>

#include <cstddef>
#include <functional>
#include <utility>

namespace weir::app {

/// Who takes such work: a running app, or a TestClient.
class BackgroundSink {
 public:
  /// Returns false, with the task destroyed unstarted, when nothing runs or too much does. Any thread.
  [[nodiscard]] virtual bool start_background(loop::Task<void> task) = 0;

 protected:
  ~BackgroundSink() = default;
};

/// The background tasks of one loop. What they throw is logged.
///
/// Thread: loop thread.
class BackgroundTasks {
 public:
  /// `on_ended` runs after each task's end.
  BackgroundTasks(base::Log& log, std::function<void()> on_ended) : log_(log), on_ended_(std::move(on_ended)) {}

  void spawn(loop::Task<void> task);
  /// Asks all of them to stop, later ones from their start.
  void request_stop() { stop_.request_stop(); }
  bool empty() const { return running_ == 0; }

 private:
  static loop::Task<void> run(loop::Task<void> task, BackgroundTasks* self);

  base::Log& log_;
  std::function<void()> on_ended_;
  std::size_t running_ = 0;
  loop::StopSource stop_;
  loop::TaskScope scope_;
};

}  // namespace weir::app
