// SPDX-License-Identifier: MIT
#include <weir/loop/when_all.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <memory>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class WhenAllTest : public CoroutineTest {
 protected:
  Task<void> add_two(Task<int> first, Task<int> second) {
    const auto [a, b] = co_await when_all(std::move(first), std::move(second));
    log += std::to_string(a) + "+" + std::to_string(b) + ";";
  }
  Task<void> add_up(std::vector<Task<int>> tasks) {
    const std::vector<int> values = co_await when_all(std::move(tasks));
    for (const int value : values) log += std::to_string(value) + ";";
  }
  Task<void> mix() {
    const auto [nothing, text, slept] =
        co_await when_all(nothing_much(), text_of(std::make_unique<int>(7)), sleep(5ms));
    static_assert(std::is_same_v<decltype(nothing), const std::monostate>);
    static_assert(std::is_same_v<decltype(slept), const std::monostate>);
    log += *text + ";";
  }
  Task<void> nothing_much() { co_return; }
  Task<std::unique_ptr<std::string>> text_of(std::unique_ptr<int> number) {
    co_await sleep(1ms);
    co_return std::make_unique<std::string>(std::to_string(*number));
  }
  Task<void> wait_for_voids(std::vector<Task<void>> tasks) {
    co_await when_all(std::move(tasks));
    log += "all;";
  }
  Task<void> pass(Gate* gate) {
    co_await *gate;
    log += "passed;";
  }
};

TEST_F(WhenAllTest, GivesAllResultsOnceTheLastHasEnded) {
  spawn(noted("sum", add_two(number_after(20ms, 1), number_after(10ms, 2))));
  advance(10ms);
  EXPECT_EQ(log, "");
  advance(10ms);
  EXPECT_EQ(log, "1+2;sum ok;");
}

TEST_F(WhenAllTest, TakesAnythingThatCanBeAwaitedAndMoveOnlyResults) {
  spawn(noted("mix", mix()));
  advance(10ms);
  EXPECT_EQ(log, "7;mix ok;");
}

TEST_F(WhenAllTest, WhatEndsAtOnceNeedsNoTurn) {
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(nothing_much());
  spawn(wait_for_voids(std::move(tasks)));
  EXPECT_EQ(log, "all;");
}

TEST_F(WhenAllTest, GivesAVectorInTheOrderOfTheTasks) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(number_after((5 - i) * 1ms, i));
  spawn(noted("list", add_up(std::move(tasks))));
  advance(5ms);
  EXPECT_EQ(log, "0;1;2;3;list ok;");
}

TEST_F(WhenAllTest, OfNothingIsNothing) {
  spawn(noted("list", add_up({})));
  EXPECT_EQ(log, "list ok;");
}

TEST_F(WhenAllTest, TheFirstExceptionStopsTheOthersAndIsThrown) {
  spawn(noted("sum", add_two(number_after(1h, 1), fail_after(10ms, "no luck"))));
  advance(10ms);
  EXPECT_EQ(log, "1 cancelled;sum: no luck;");
}

TEST_F(WhenAllTest, AfterAnExceptionTheLaterOnesAreNotStarted) {
  const auto fails_at_once = []() -> Task<int> {
    throw std::runtime_error("at once");
    co_return 0;
  };
  spawn(noted("sum", add_two(fails_at_once(), number_after(1h, 2))));
  EXPECT_EQ(log, "sum: at once;");
}

TEST_F(WhenAllTest, WaitsForThoseThatHearNoStop) {
  Gate gate;
  std::vector<Task<void>> tasks;
  tasks.push_back(pass(&gate));
  tasks.push_back([](Task<int> failing) -> Task<void> { co_await std::move(failing); }(fail_after(1ms, "no luck")));
  spawn(noted("both", wait_for_voids(std::move(tasks))));
  advance(1ms);
  EXPECT_EQ(log, "");
  on_loop([&gate] { gate.open(); });
  EXPECT_EQ(log, "passed;both: no luck;");
}

TEST_F(WhenAllTest, AStopOfTheParentStopsAll) {
  spawn(noted("sum", add_two(number_after(1h, 1), number_after(1h, 2))));
  request_stop();
  EXPECT_EQ(log, "2 cancelled;1 cancelled;sum cancelled;");
}

TEST_F(WhenAllTest, AfterAStopNothingBegins) {
  request_stop();
  spawn(noted("sum", add_two(number_after(1h, 1), number_after(1h, 2))));
  EXPECT_EQ(log, "sum cancelled;");
}

TEST_F(WhenAllTest, CanBeNested) {
  const auto outer = [](Task<void> first, Task<void> second) -> Task<void> {
    co_await when_all(std::move(first), std::move(second));
  };
  spawn(noted("outer", outer(add_two(number_after(1ms, 1), number_after(1h, 2)),
                             add_two(number_after(2ms, 3), fail_after(3ms, "inner")))));
  advance(3ms);
  EXPECT_EQ(log, "2 cancelled;outer: inner;");
}

}  // namespace
}  // namespace weir::loop
