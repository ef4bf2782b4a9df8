// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/sliding_window.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace weir::http::internal {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kStart{1h};

TEST(SlidingWindowTest, AddsUp) {
  SlidingWindow window(10s);
  window.add(kStart, {.all = 2, .marked = 1});
  window.add(kStart + 3s, {.all = 1, .marked = 0});
  EXPECT_EQ(window.sum(kStart + 3s).all, 3U);
  EXPECT_EQ(window.sum(kStart + 3s).marked, 1U);
}

TEST(SlidingWindowTest, ForgetsWhatIsOlderStepByStep) {
  SlidingWindow window(10s);
  window.add(kStart, {.all = 1, .marked = 1});
  window.add(kStart + 1s, {.all = 10, .marked = 0});
  EXPECT_EQ(window.sum(kStart + 9999ms).all, 11U);
  EXPECT_EQ(window.sum(kStart + 10s).all, 10U);
  EXPECT_EQ(window.sum(kStart + 10s).marked, 0U);
  EXPECT_EQ(window.sum(kStart + 11s).all, 0U);
}

TEST(SlidingWindowTest, ForgetsAllAfterAPause) {
  SlidingWindow window(10s);
  for (int i = 0; i < 10; ++i) window.add(kStart + i * 1s, {.all = 1, .marked = 1});
  EXPECT_EQ(window.sum(kStart + 9s).all, 10U);
  EXPECT_EQ(window.sum(kStart + 1000h).all, 0U);
  EXPECT_EQ(window.sum(kStart + 1000h).marked, 0U);
}

TEST(SlidingWindowTest, GoesOnForLong) {
  SlidingWindow window(1s);
  for (int i = 0; i < 1000; ++i) window.add(kStart + i * 100ms, {.all = 1, .marked = 0});
  EXPECT_EQ(window.sum(kStart + 99'900ms).all, 10U);
}

TEST(SlidingWindowTest, IsEmptyWhenCleared) {
  SlidingWindow window(10s);
  window.add(kStart, {.all = 1, .marked = 1});
  window.clear();
  EXPECT_EQ(window.sum(kStart).all, 0U);
  EXPECT_EQ(window.sum(kStart + 10s).all, 0U);
}

TEST(SlidingWindowTest, TheShortestIsOfNanoseconds) {
  SlidingWindow window(1ns);
  window.add(kStart, {.all = 1, .marked = 0});
  EXPECT_EQ(window.sum(kStart + 9ns).all, 1U);
  EXPECT_EQ(window.sum(kStart + 10ns).all, 0U);
}

}  // namespace
}  // namespace weir::http::internal
