// SPDX-License-Identifier: MIT
#include <weir/observe/stall_watchdog.hpp>

#include <weir/loop/loop.hpp>
#include <weir/observe/metrics_registry.hpp>

#include "event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <thread>

namespace weir::observe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr std::chrono::milliseconds kStall{50};
constexpr loop::Activity kSlow{"GET", "/slow", "handler", "run it on a pool"};
constexpr loop::Activity kOther{"POST", "/other", "handler", "run it on a pool"};

class StallDetectorTest : public testing::Test {
 protected:
  /// Looks whenever the detector asks for it, until `time` has passed.
  void pass(std::chrono::milliseconds time) {
    const base::TimePoint end = now_ + time;
    while (next_ <= end) {
      now_ = next_;
      next_ = detector_.look(now_);
    }
    now_ = end;
  }
  /// One activity, begun and ended after a look each.
  void hold(const loop::Activity& activity, std::chrono::milliseconds time) {
    slot_.begin(activity);
    pass(time);
    slot_.end();
    pass(20ms);
  }
  std::vector<std::string> events() const {
    std::vector<std::string> events;
    for (const auto& line : log_.lines()) events.push_back(line.event + " " + line.fields.at("route"));
    return events;
  }

  EventLog log_;
  MetricsRegistry metrics_;
  loop::ActivitySlot slot_;
  StallDetector detector_{{.loops = {&slot_}, .stall = kStall, .log = log_, .metrics = metrics_}};
  base::TimePoint now_{1h};
  base::TimePoint next_ = detector_.look(now_);
};

TEST_F(StallDetectorTest, TellsWhileItLastsWhoHoldsTheLoopAndWhatHelps) {
  slot_.begin(kSlow);
  pass(80ms);
  const auto lines = log_.lines();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].event, "loop.stalled");
  EXPECT_THAT(lines[0].fields,
              ElementsAre(Pair("held_ms", "50"), Pair("loop", "0"), Pair("method", "GET"), Pair("part", "handler"),
                          Pair("remedy", "run it on a pool"), Pair("route", "/slow")));
}

TEST_F(StallDetectorTest, TellsAtTheEndHowLongItTook) {
  hold(kSlow, 400ms);
  const auto lines = log_.lines();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[1].event, "loop.resumed");
  EXPECT_EQ(lines[1].fields.at("route"), "/slow");
  EXPECT_NEAR(std::stoi(lines[1].fields.at("took_ms")), 400, 13);
}

TEST_F(StallDetectorTest, TellsNothingOfWhatIsShorter) {
  for (int i = 0; i < 50; ++i) hold(kSlow, 49ms);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(StallDetectorTest, AnIdleLoopHasNotStalled) {
  pass(10s);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(StallDetectorTest, ManyShortOnesOfOneNameAreNoStall) {
  for (int i = 0; i < 500; ++i) {
    slot_.begin(kSlow);  // at each look the loop is in that handler, but it is another request
    pass(5ms);
    slot_.end();
  }
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(StallDetectorTest, WhatBeginsWhileItIsLookedAtIsTheOneThatIsTold) {
  slot_.begin(kSlow);
  pass(20ms);
  slot_.begin(kOther);
  pass(100ms);
  EXPECT_THAT(events(), ElementsAre("loop.stalled /other"));
}

TEST_F(StallDetectorTest, WhatGoesOnAfterAnInnerOneCountsAnew) {
  slot_.begin(kSlow);
  pass(40ms);
  {
    const loop::ActivityScope scope(slot_, kOther);
    pass(40ms);
  }
  pass(40ms);
  EXPECT_THAT(log_.lines(), IsEmpty());
  pass(40ms);
  EXPECT_THAT(events(), ElementsAre("loop.stalled /slow"));
}

TEST_F(StallDetectorTest, CountsByRouteAndMeasures) {
  hold(kSlow, 100ms);
  hold(kSlow, 300ms);
  hold(kOther, 100ms);
  const std::string text = metrics_.render_prometheus();
  EXPECT_THAT(text, HasSubstr("weir_loop_stalls_total{method=\"GET\",route=\"/slow\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("weir_loop_stalls_total{method=\"POST\",route=\"/other\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weir_loop_stalls_total{method=\"-\",route=\"-\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("weir_loop_stall_seconds_bucket{le=\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("weir_loop_stall_seconds_count 3\n"));
}

TEST_F(StallDetectorTest, TellsOneStallASecondOfARouteAndHowManyItLeftOut) {
  for (int i = 0; i < 7; ++i) hold(kSlow, 100ms);
  hold(kOther, 100ms);
  EXPECT_THAT(events(),
              ElementsAre("loop.stalled /slow", "loop.resumed /slow", "loop.stalled /other", "loop.resumed /other"));
  const auto lines = log_.lines();
  EXPECT_EQ(lines[2].fields.at("suppressed"), "6");
  EXPECT_FALSE(lines[3].fields.contains("suppressed"));
  pass(200ms);
  hold(kSlow, 100ms);
  EXPECT_THAT(log_.lines(), SizeIs(6));
  EXPECT_THAT(metrics_.render_prometheus(), HasSubstr("weir_loop_stalls_total{method=\"GET\",route=\"/slow\"} 8\n"));
}

TEST_F(StallDetectorTest, WritesTenLinesASecondInAll) {
  std::deque<std::string> patterns;
  std::deque<loop::Activity> activities;
  std::deque<loop::ActivitySlot> slots;
  StallDetector::Parts parts{.loops = {}, .stall = kStall, .log = log_, .metrics = metrics_};
  for (int i = 0; i < 20; ++i) {
    activities.push_back({"GET", patterns.emplace_back("/" + std::to_string(i)), "handler", ""});
    parts.loops.push_back(&slots.emplace_back());
  }
  StallDetector detector(std::move(parts));
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i].begin(activities[i]);
  base::TimePoint next = detector.look(now_);
  while (next < now_ + 900ms) next = detector.look(next);
  EXPECT_THAT(log_.lines(), SizeIs(10));
  for (loop::ActivitySlot& slot : slots) slot.end();
  next = detector.look(next);
  EXPECT_THAT(log_.lines(), SizeIs(10));
  while (next < now_ + 2s) next = detector.look(next);
  slots[0].begin(activities[0]);
  while (next < now_ + 3s) next = detector.look(next);
  ASSERT_THAT(log_.lines(), SizeIs(11));
  EXPECT_EQ(log_.lines().back().fields.at("suppressed"), "20");  // ten begins, and the ends of the others
}

TEST_F(StallDetectorTest, TimeInWhichTheProcessStoodStillIsNobodys) {
  slot_.begin(kSlow);
  pass(30ms);
  next_ = detector_.look(now_ += 10s);
  EXPECT_THAT(log_.lines(), IsEmpty());
  pass(60ms);
  ASSERT_THAT(log_.lines(), SizeIs(1));
  EXPECT_LE(std::stoi(log_.lines()[0].fields.at("held_ms")), 70);
}

TEST(StallWatchdogTest, AStallIsInTheLogWhileTheCallbackStillRuns) {
  EventLog log;
  MetricsRegistry metrics;
  loop::Loop loop;
  const auto watchdog = std::make_unique<StallWatchdog>(
      StallDetector::Parts{.loops = {&loop.activity()}, .stall = 20ms, .log = log, .metrics = metrics});
  bool is_told = false;
  ASSERT_TRUE(loop.try_post([&] { is_told = log.wait_for("loop.stalled"); }));
  loop.run_once();
  EXPECT_TRUE(is_told);
  EXPECT_TRUE(log.wait_for("loop.resumed"));
  EXPECT_THAT(log.lines(), ElementsAre(Field(&EventLog::Line::fields, testing::Contains(Pair("part", "callback"))),
                                       Field(&EventLog::Line::fields, testing::Contains(Pair("route", "-")))));
}

TEST(StallWatchdogTest, ALoopOfManyShortTurnsHasNotStalled) {
  EventLog log;
  MetricsRegistry metrics;
  loop::Loop loop;
  StallDetector detector({.loops = {&loop.activity()}, .stall = kStall, .log = log, .metrics = metrics});
  base::TimePoint now(1h);
  for (int i = 0; i < 100; ++i) {
    // Seen in a callback each time, two to a turn.
    for (int post = 0; post < 2; ++post) ASSERT_TRUE(loop.try_post([&] { detector.look(now += 10ms); }));
    loop.run_once();
  }
  EXPECT_THAT(log.lines(), IsEmpty());
}

TEST(StallWatchdogTest, EndsAtOnce) {
  base::NullLog log;
  MetricsRegistry metrics;
  loop::Loop loop;
  const StallWatchdog watchdog({.loops = {&loop.activity()}, .stall = 24h, .log = log, .metrics = metrics});
}

}  // namespace
}  // namespace weir::observe
