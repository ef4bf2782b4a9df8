// SPDX-License-Identifier: MIT
#include <weir/observe/log_format.hpp>

#include <gtest/gtest.h>

namespace weir::observe {
namespace {

TEST(LogFormatTest, LevelsAndFormatsAreReadByName) {
  EXPECT_EQ(parse_log_level("debug").value(), base::LogLevel::kDebug);
  EXPECT_EQ(parse_log_level("off").value(), base::LogLevel::kOff);
  EXPECT_EQ(parse_log_level("lo\nud").error().message(),
            "'lo\\x0aud' is not a log level (debug, info, warn, error or off)");
  EXPECT_EQ(parse_log_format("human").value(), LogFormat::kHuman);
  EXPECT_EQ(parse_log_format("xml").error().message(), "'xml' is not a log format (json, human or auto)");
}

}  // namespace
}  // namespace weir::observe
