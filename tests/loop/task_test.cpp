// SPDX-License-Identifier: MIT
#include <weir/loop/task.hpp>
#include <weir/loop/task_scope.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::loop {
namespace {

/// Something to wait for that a test lets happen.
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

Task<int> value(int number) {
  co_return number;
}

Task<int> failing() {
  throw std::runtime_error("no");
  co_return 0;
}

Task<int> sum_to(int number) {
  int sum = 0;
  for (int i = 1; i <= number; ++i) sum += co_await value(i);
  co_return sum;
}

Task<void> store(Task<int> task, int& out) {
  out = co_await std::move(task);
}

Task<void> catch_into(Task<int> task, std::string& out) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    out = error.what();
  }
}

Task<void> pass(Gate& gate, int& passed) {
  co_await gate;
  ++passed;
}

Task<void> close_and_note(TaskScope& scope, bool& is_closed) {
  co_await scope.close();
  is_closed = true;
}

Task<std::unique_ptr<int>> make_unique_int() {
  co_return std::make_unique<int>(7);
}

Task<void> store_unique(int& out) {
  const std::unique_ptr<int> made = co_await make_unique_int();
  out = *made;
}

TEST(TaskTest, DoesNotRunUntilAwaited) {
  int out = 0;
  { const Task<void> never = store(value(1), out); }
  EXPECT_EQ(out, 0);
}

TEST(TaskTest, ResultGoesToWhoAwaits) {
  TaskScope scope;
  int out = 0;
  EXPECT_TRUE(scope.spawn(store(sum_to(100), out)));
  EXPECT_EQ(out, 5050);
}

TEST(TaskTest, ExceptionGoesToWhoAwaits) {
  TaskScope scope;
  std::string out;
  EXPECT_TRUE(scope.spawn(catch_into(failing(), out)));
  EXPECT_EQ(out, "no");
}

TEST(TaskTest, ResultMayBeMoveOnly) {
  TaskScope scope;
  int out = 0;
  EXPECT_TRUE(scope.spawn(store_unique(out)));
  EXPECT_EQ(out, 7);
}

TEST(TaskDeathTest, DestroyingAHalfDoneTaskAborts) {
  EXPECT_DEATH(
      {
        Gate gate;
        int passed = 0;
        TaskScope scope;
        scope.spawn(pass(gate, passed));
      },
      "running_ == 0");
}

TEST(TaskScopeTest, RunsTasksBesideEachOther) {
  TaskScope scope;
  Gate gate;
  int passed = 0;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(scope.spawn(pass(gate, passed)));
  EXPECT_EQ(scope.running(), 3U);
  EXPECT_EQ(passed, 0);
  gate.open();
  EXPECT_EQ(passed, 3);
  EXPECT_EQ(scope.running(), 0U);
}

TEST(TaskScopeTest, CloseWaitsForTheLastTask) {
  TaskScope scope;
  TaskScope closers;
  Gate gate;
  int passed = 0;
  bool is_closed = false;
  EXPECT_TRUE(scope.spawn(pass(gate, passed)));
  EXPECT_TRUE(closers.spawn(close_and_note(scope, is_closed)));
  EXPECT_FALSE(is_closed);
  gate.open();
  EXPECT_TRUE(is_closed);
}

TEST(TaskScopeTest, ClosedScopeRefusesTasks) {
  TaskScope scope;
  TaskScope closers;
  Gate gate;
  int passed = 0;
  bool is_closed = false;
  EXPECT_TRUE(closers.spawn(close_and_note(scope, is_closed)));
  EXPECT_TRUE(is_closed);
  EXPECT_FALSE(scope.spawn(pass(gate, passed)));
}

}  // namespace
}  // namespace weir::loop
