// SPDX-License-Identifier: MIT
#include <weir/loop/when_any.hpp>

#include "tests/loop/coroutine_fixture.hpp"

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class WhenAnyTest : public CoroutineTest {
 protected:
  Task<void> race(Task<int> first, Task<int> second) {
    const std::variant<int, int> winner = co_await when_any(std::move(first), std::move(second));
    const int value = std::visit([](int number) { return number; }, winner);
    log += "#" + std::to_string(winner.index()) + "=" + std::to_string(value) + ";";
  }
  Task<void> race_all(std::vector<Task<int>> tasks) {
    const auto [index, value] = co_await when_any(std::move(tasks));
    log += "#" + std::to_string(index) + "=" + std::to_string(value) + ";";
  }
  Task<void> race_a_sleep(Task<std::string> text) {
    const auto winner = co_await when_any(sleep(5ms), std::move(text));
    static_assert(std::is_same_v<decltype(winner), const std::variant<std::monostate, std::string>>);
    log += "#" + std::to_string(winner.index()) + ";";
  }
  Task<std::string> text_after(std::chrono::nanoseconds duration) {
    co_await sleep(duration);
    co_return "a text";
  }
};

TEST_F(WhenAnyTest, TheFirstToEndWinsAndTheOthersAreStopped) {
  spawn(noted("race", race(number_after(20ms, 1), number_after(10ms, 2))));
  advance(10ms);
  EXPECT_EQ(log, "1 cancelled;#1=2;race ok;");
}

TEST_F(WhenAnyTest, TakesAnythingThatCanBeAwaited) {
  spawn(race_a_sleep(text_after(1s)));
  advance(5ms);
  spawn(race_a_sleep(text_after(1ms)));
  advance(1ms);
  EXPECT_EQ(log, "#0;#1;");
}

TEST_F(WhenAnyTest, GivesTheWinnersPlaceInAVector) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(number_after((i == 1 ? 1 : 2) * 1ms, i));
  spawn(race_all(std::move(tasks)));
  advance(1ms);
  EXPECT_EQ(log, "2 cancelled;0 cancelled;#1=1;");
}

TEST_F(WhenAnyTest, AWinnerAtOnceKeepsTheLaterOnesFromStarting) {
  const auto at_once = []() -> Task<int> { co_return 1; };
  spawn(race(at_once(), number_after(1h, 2)));
  EXPECT_EQ(log, "#0=1;");
}

TEST_F(WhenAnyTest, AnExceptionWinsToo) {
  spawn(noted("race", race(number_after(1h, 1), fail_after(10ms, "no luck"))));
  advance(10ms);
  EXPECT_EQ(log, "1 cancelled;race: no luck;");
}

TEST_F(WhenAnyTest, WhatALoserThrowsIsDropped) {
  const auto spoilsport = []() -> Task<int> {
    try {
      co_await sleep(1h);
    } catch (const Cancelled&) {
    }
    throw std::runtime_error("sore loser");
  };
  spawn(noted("race", race(number_after(1ms, 1), spoilsport())));
  advance(1ms);
  EXPECT_EQ(log, "#0=1;race ok;");
}

TEST_F(WhenAnyTest, AStopOfTheParentStopsAll) {
  spawn(noted("race", race(number_after(1h, 1), number_after(1h, 2))));
  request_stop();
  EXPECT_EQ(log, "2 cancelled;1 cancelled;race cancelled;");
}

}  // namespace
}  // namespace weir::loop
