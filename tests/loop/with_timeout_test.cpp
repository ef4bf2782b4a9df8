// SPDX-License-Identifier: MIT
#include <weir/loop/with_timeout.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <type_traits>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class WithTimeoutTest : public CoroutineTest {
 protected:
  Task<void> bounded(std::chrono::nanoseconds bound, Task<int> task) {
    const int value = co_await with_timeout(bound, std::move(task));
    log += std::to_string(value) + ";";
  }
  Task<void> try_bounded(std::chrono::nanoseconds bound, Task<int> task) {
    const std::optional<int> value = co_await try_with_timeout(bound, std::move(task));
    log += value ? std::to_string(*value) + ";" : "too late;";
  }
  Task<void> try_bounded_sleep(std::chrono::nanoseconds bound, std::chrono::nanoseconds duration) {
    const bool is_in_time = co_await try_with_timeout(bound, sleep(duration));
    log += is_in_time ? "in time;" : "too late;";
  }
  Task<int> wait_for(Gate* gate) {
    co_await *gate;
    log += "passed;";
    co_return 7;
  }
};

TEST_F(WithTimeoutTest, GivesTheResultOfWhatEndsInTime) {
  spawn(noted("it", bounded(20ms, number_after(10ms, 1))));
  advance(10ms);
  EXPECT_EQ(log, "1;it ok;");
  advance(1h);
  EXPECT_EQ(log, "1;it ok;");
}

TEST_F(WithTimeoutTest, GivesTheExceptionOfWhatFailsInTime) {
  spawn(noted("it", bounded(20ms, fail_after(10ms, "no luck"))));
  advance(10ms);
  EXPECT_EQ(log, "it: no luck;");
}

TEST_F(WithTimeoutTest, StopsWhatTakesTooLongAndThrows) {
  spawn(noted("it", bounded(10ms, number_after(1h, 1))));
  advance(9ms);
  EXPECT_EQ(log, "");
  advance(1ms);
  EXPECT_EQ(log, "1 cancelled;it: timed out;");
}

TEST_F(WithTimeoutTest, WaitsForTheUnwindingAndDropsALateResult) {
  Gate gate;
  spawn(noted("it", bounded(10ms, wait_for(&gate))));
  advance(1h);
  EXPECT_EQ(log, "");
  on_loop([&gate] { gate.open(); });
  EXPECT_EQ(log, "passed;it: timed out;");
}

TEST_F(WithTimeoutTest, AStopOfTheParentIsNoTimeout) {
  spawn(noted("it", bounded(10ms, number_after(1h, 1))));
  request_stop();
  EXPECT_EQ(log, "1 cancelled;it cancelled;");
}

TEST_F(WithTimeoutTest, AStopOfTheParentGoesBeforeATimeout) {
  Gate gate;
  spawn(noted("it", bounded(10ms, wait_for(&gate))));
  advance(1h);
  request_stop();
  on_loop([&gate] { gate.open(); });
  EXPECT_EQ(log, "passed;it cancelled;");
}

TEST_F(WithTimeoutTest, TheTryTwinsThrowNoTimeout) {
  spawn(try_bounded(10ms, number_after(1h, 1)));
  spawn(try_bounded(10ms, number_after(5ms, 2)));
  advance(5ms);
  advance(5ms);
  EXPECT_EQ(log, "2;1 cancelled;too late;");
  spawn(try_bounded_sleep(1ms, 2ms));
  advance(1ms);
  spawn(try_bounded_sleep(2ms, 1ms));
  advance(1ms);
  EXPECT_EQ(log, "2;1 cancelled;too late;too late;in time;");
}

TEST_F(WithTimeoutTest, OnlyTheStopIsNoStandardException) {
  EXPECT_TRUE((std::is_base_of_v<std::exception, TimedOut>));
  EXPECT_FALSE((std::is_base_of_v<std::exception, Cancelled>));
}

}  // namespace
}  // namespace weir::loop
