// SPDX-License-Identifier: MIT
#include <weir/base/metrics.hpp>

#include <gtest/gtest.h>

namespace weir::base {
namespace {

TEST(CounterTest, ItAddsUp) {
  Counter counter;
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.value(), 42U);
}

TEST(GaugeTest, ItGoesUpAndDown) {
  Gauge gauge;
  gauge.add(3);
  gauge.add(-5);
  EXPECT_EQ(gauge.value(), -2);
  gauge.set(7);
  EXPECT_EQ(gauge.value(), 7);
}

TEST(HistogramTest, AValueOnABoundBelongsToItsBucket) {
  Histogram histogram({1.0, 2.0});
  histogram.observe(1.0);
  histogram.observe(1.5);
  histogram.observe(2.0);
  histogram.observe(2.5);
  EXPECT_EQ(histogram.bucket(0), 1U);
  EXPECT_EQ(histogram.bucket(1), 2U);
  EXPECT_EQ(histogram.bucket(2), 1U);
  EXPECT_DOUBLE_EQ(histogram.sum(), 7.0);
}

}  // namespace
}  // namespace weir::base
