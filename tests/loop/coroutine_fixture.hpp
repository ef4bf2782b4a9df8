// SPDX-License-Identifier: MIT
// What tests of awaitables share: a loop on a manual clock, and coroutines on it.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task_scope.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::loop {

/// Something to wait for that a test lets happen; hears no stop.
class Gate {
 public:
  bool await_ready() const noexcept { return is_open_; }
  void await_suspend(std::coroutine_handle<> awaiting) { waiting_.push_back(awaiting); }
  void await_resume() const noexcept {}
  void open() {
    is_open_ = true;
    for (const auto frame : std::exchange(waiting_, {})) frame.resume();
  }

 private:
  bool is_open_ = false;
  std::vector<std::coroutine_handle<>> waiting_;
};

class CoroutineTest : public testing::Test {
 protected:
  /// Runs `step` within a callback of the loop, then what it made ready.
  void on_loop(std::function<void()> step) {
    ASSERT_TRUE(loop.try_post(std::move(step)));
    loop.run_once();
    loop.run_once();
  }
  /// Starts `task`, which `stop` stops.
  void spawn(Task<void> task) {
    task.set_stop_source(&stop);
    const auto held = std::make_shared<Task<void>>(std::move(task));
    on_loop([this, held] { scope.spawn(std::move(*held)); });
  }
  void request_stop() {
    on_loop([this] { stop.request_stop(); });
  }
  void advance(std::chrono::nanoseconds by) {
    clock.advance(by);
    loop.run_once();
    loop.run_once();
  }
  /// Notes how `task` ends: with "name ok;", "name cancelled;" or "name: what;".
  Task<void> noted(std::string name, Task<void> task) {
    try {
      co_await std::move(task);
      log += name + " ok;";
    } catch (const Cancelled&) {
      log += name + " cancelled;";
      throw;
    } catch (const std::exception& error) {
      log += name + ": " + error.what() + ";";
    }
  }
  Task<int> number_after(std::chrono::nanoseconds duration, int number) {
    try {
      co_await sleep(duration);
    } catch (const Cancelled&) {
      log += std::to_string(number) + " cancelled;";
      throw;
    }
    co_return number;
  }
  Task<int> fail_after(std::chrono::nanoseconds duration, std::string what) {
    co_await sleep(duration);
    throw std::runtime_error(what);
  }

  base::ManualClock clock;
  Loop loop{{.clock = &clock}};
  StopSource stop;
  std::string log;
  TaskScope scope;
};

}  // namespace weir::loop
