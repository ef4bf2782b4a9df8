// SPDX-License-Identifier: MIT
#include <weir/base/log.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::base {
namespace {

class CountingLog final : public Log {
 public:
  std::vector<std::string> events;

 protected:
  void write(LogLevel, std::string_view event, std::span<const LogField>) noexcept override {
    events.emplace_back(event);
  }
};

TEST(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  CountingLog log;
  log.set_level(LogLevel::kWarn);
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");
  EXPECT_EQ(log.events, (std::vector<std::string>{"w", "e"}));
}

TEST(LogTest, InfoIsTheDefault) {
  const CountingLog log;
  EXPECT_TRUE(log.enabled(LogLevel::kInfo));
  EXPECT_FALSE(log.enabled(LogLevel::kDebug));
}

TEST(LogTest, TheNullLogTakesNothing) {
  EXPECT_FALSE(NullLog().enabled(LogLevel::kError));
}

TEST(LogFieldTest, EachKindOfValueKeepsItsType) {
  EXPECT_EQ(LogField("k", "text").value, LogField::Value(std::string_view("text")));
  EXPECT_EQ(LogField("k", true).value, LogField::Value(true));
  EXPECT_EQ(LogField("k", -3).value, LogField::Value(std::int64_t{-3}));
  EXPECT_EQ(LogField("k", 3U).value, LogField::Value(std::uint64_t{3}));
  EXPECT_EQ(LogField("k", 0.5F).value, LogField::Value(0.5));
}

}  // namespace
}  // namespace weir::base
