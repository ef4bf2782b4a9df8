// SPDX-License-Identifier: MIT
#include <weir/observe/metrics_registry.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace weir::observe {
namespace {

TEST(MetricsRegistryTest, AnEmptyRegistryRendersNothing) {
  EXPECT_EQ(MetricsRegistry().render_prometheus(), "");
}

TEST(MetricsRegistryTest, CellsOfOneNameAndLabelsAreAddedUp) {
  MetricsRegistry registry;
  registry.counter({"weir_requests_total", "Requests.", {{"loop", "a"}, {"kind", "x"}}}).add(2);
  registry.counter({"weir_requests_total", "Requests.", {{"kind", "x"}, {"loop", "a"}}}).add(3);
  EXPECT_EQ(registry.render_prometheus(),
            "# HELP weir_requests_total Requests.\n# TYPE weir_requests_total counter\n"
            "weir_requests_total{kind=\"x\",loop=\"a\"} 5\n");
}

TEST(MetricsRegistryTest, EachCallMakesANewCell) {
  MetricsRegistry registry;
  EXPECT_NE(&registry.gauge({"g", ""}), &registry.gauge({"g", ""}));
}

TEST(MetricsRegistryTest, FamiliesAndSeriesAreSortedAndHeadedOnce) {
  MetricsRegistry registry;
  registry.gauge({"b", "B."}).set(-4);
  registry.counter({"a", "A.", {{"l", "2"}}});
  registry.counter({"a", "A.", {{"l", "1"}}}).add();
  EXPECT_EQ(registry.render_prometheus(),
            "# HELP a A.\n# TYPE a counter\na{l=\"1\"} 1\na{l=\"2\"} 0\n# HELP b B.\n# TYPE b gauge\nb -4\n");
}

TEST(MetricsRegistryTest, HelpAndLabelValuesAreEscaped) {
  MetricsRegistry registry;
  registry.counter({"a", "say \"x\\y\"\nz", {{"l", "\"q\"\\\n"}}});
  EXPECT_EQ(registry.render_prometheus(),
            "# HELP a say \"x\\\\y\"\\nz\n# TYPE a counter\na{l=\"\\\"q\\\"\\\\\\n\"} 0\n");
}

TEST(MetricsRegistryTest, HistogramBucketsAreCumulative) {
  MetricsRegistry registry;
  base::Histogram& first = registry.histogram({"h", "H.", {{"r", "/"}}}, {0.005, 1, 2.5});
  base::Histogram& second = registry.histogram({"h", "H.", {{"r", "/"}}}, {0.005, 1, 2.5});
  for (const double value : {0.005, 0.5, 3.0}) first.observe(value);
  second.observe(0.25);
  EXPECT_EQ(registry.render_prometheus(),
            "# HELP h H.\n# TYPE h histogram\n"
            "h_bucket{r=\"/\",le=\"0.005\"} 1\nh_bucket{r=\"/\",le=\"1\"} 3\nh_bucket{r=\"/\",le=\"2.5\"} 3\n"
            "h_bucket{r=\"/\",le=\"+Inf\"} 4\nh_sum{r=\"/\"} 3.755\nh_count{r=\"/\"} 4\n");
}

TEST(MetricsRegistryTest, InfiniteSumsAreWrittenThePrometheusWay) {
  MetricsRegistry registry;
  registry.histogram({"h", ""}, {}).observe(std::numeric_limits<double>::infinity());
  EXPECT_NE(registry.render_prometheus().find("h_sum +Inf\n"), std::string::npos);
}

TEST(MetricsRegistryTest, CountingAndRenderingMayHappenAtOnce) {
  MetricsRegistry registry;
  base::Counter& cell = registry.counter({"a", ""});
  std::thread writer([&cell] {
    for (int i = 0; i < 10'000; ++i) cell.add();
  });
  for (int i = 0; i < 100; ++i) registry.render_prometheus();
  writer.join();
  EXPECT_EQ(cell.value(), 10'000U);
}

TEST(MetricsRegistryDeathTest, ProgrammingErrorsAbort) {
  MetricsRegistry registry;
  registry.counter({"a", ""});
  registry.histogram({"h", ""}, {1});
  EXPECT_DEATH(registry.gauge({"a", ""}), "is_same_kind");
  EXPECT_DEATH(registry.histogram({"h", ""}, {2}), "has_same_buckets");
  EXPECT_DEATH(registry.histogram({"i", ""}, {2, 2}), "are_buckets");
  EXPECT_DEATH(registry.histogram({"i", "", {{"le", "1"}}}, {2}), "is_label_name");
  EXPECT_DEATH(registry.counter({"1a", ""}), "is_name");
  EXPECT_DEATH(registry.counter({"a-b", ""}), "is_name");
  EXPECT_DEATH(registry.counter({"b", "", {{"x:y", ""}}}), "is_label_name");
  EXPECT_DEATH(registry.counter({"b", "", {{"__x", ""}}}), "is_label_name");
  EXPECT_DEATH(registry.counter({"b", "", {{"x", "1"}, {"x", "2"}}}), "first");
}

}  // namespace
}  // namespace weir::observe
