// SPDX-License-Identifier: MIT
#include <weir/observe/log_render.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace weir::observe {
namespace {

using base::LogField;
using base::LogLevel;

const base::WallTime kNoon =
    std::chrono::sys_days(std::chrono::year(2026) / 3 / 9) + std::chrono::hours(12) + std::chrono::milliseconds(34'056);

std::string json(std::string_view event, std::vector<LogField> fields, std::string_view service = {}) {
  LogLine line;
  render_json(line, {kNoon, LogLevel::kInfo, event, fields, service});
  return std::string(line.text());
}

std::string human(std::string_view event, std::vector<LogField> fields, HumanStyle style = {}) {
  LogLine line;
  render_human(line, {kNoon, LogLevel::kInfo, event, fields}, style);
  return std::string(line.text());
}

const std::string kJsonStart = R"({"ts":"2026-03-09T12:00:34.056Z","level":"info","event":"e")";

TEST(LogRenderTest, JsonHasTimeLevelEventAndFieldsInOrder) {
  EXPECT_EQ(json("e", {{"text", "v"}, {"n", -1}, {"u", 18446744073709551615ULL}, {"d", 1.5}, {"b", true}}),
            kJsonStart + R"(,"text":"v","n":-1,"u":18446744073709551615,"d":1.5,"b":true})" + "\n");
}

TEST(LogRenderTest, JsonNamesTheServiceFirst) {
  EXPECT_EQ(json("e", {{"a", 1}}, "quickstart"), kJsonStart + ",\"service\":\"quickstart\",\"a\":1}\n");
}

TEST(LogRenderTest, JsonWritesNumbersThatItDoesNotHaveAsText) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(json("e", {{"a", std::nan("")}, {"b", infinity}, {"c", -infinity}}),
            kJsonStart + R"(,"a":"NaN","b":"Infinity","c":"-Infinity"})" + "\n");
}

TEST(LogRenderTest, JsonEscapesControlsQuotesAndBackslashes) {
  EXPECT_EQ(json("e", {{"k\"", std::string_view("\0\x1b\r\n\t\x7f\"\\", 8)}}),
            kJsonStart + R"(,"k\"":"\u0000\u001b\r\n\t\u007f\"\\"})" + "\n");
}

TEST(LogRenderTest, JsonKeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(json("e", {{"k", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"}}),
            kJsonStart + ",\"k\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}\n");
  const std::string replacement = "\xef\xbf\xbd";
  // Stray continuation, overlong, surrogate, beyond the last plane, cut off.
  for (const std::string bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"}) {
    std::string expected;
    for (std::size_t i = 0; i < bad.size(); ++i) expected += replacement;
    EXPECT_EQ(json("e", {{"k", bad}}), kJsonStart + ",\"k\":\"" + expected + "\"}\n");
  }
}

TEST(LogRenderTest, JsonEscapesWhatSteersATerminal) {
  EXPECT_EQ(json("e", {{"k", "\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf"}}),
            kJsonStart + R"(,"k":"\u009b\u202e\u2028\ufeff"})" + "\n");
}

TEST(LogRenderTest, JsonStaysAnObjectAtEveryLength) {
  for (std::size_t size = 8000; size < 8300; ++size) {
    const std::string line = json("e", {{"a", std::string(size, 'x')}, {"b", 12345}, {"c", std::string("\x01")}});
    ASSERT_LE(line.size(), LogLine::kCapacity);
    ASSERT_TRUE(line.ends_with("}\n"));
    const bool is_whole = line.ends_with(R"(,"b":12345,"c":"\u0001"})"
                                         "\n");
    ASSERT_NE(is_whole, line.ends_with(",\"truncated\":true}\n")) << size;
    ASSERT_NE(line.find("xx\""), std::string::npos);
  }
}

TEST(LogRenderTest, JsonCutsAnEventThatIsTooLong) {
  const std::string line = json(std::string(10'000, '\n'), {{"a", 1}});
  EXPECT_LE(line.size(), LogLine::kCapacity);
  EXPECT_TRUE(line.ends_with("\\n\",\"truncated\":true}\n"));
}

TEST(LogRenderTest, HumanLinesAreAligned) {
  EXPECT_EQ(human("listener.open", {{"port", 8080}, {"host", "::1"}, {"on", false}}),
            "12:00:34.056 info  listener.open port=8080 host=::1 on=false\n");
}

TEST(LogRenderTest, HumanTimeIsShiftedByTheOffset) {
  EXPECT_EQ(human("e", {}, {.utc_offset = std::chrono::hours(-13)}), "23:00:34.056 info  e\n");
}

TEST(LogRenderTest, HumanValuesCannotInject) {
  EXPECT_EQ(human("e", {{"k", "a b"}, {"l", ""}, {"m", "x=y"}, {"n", "\r\n\x1b[2J\""}, {"o o", "\xc3\xa4"}}),
            "12:00:34.056 info  e k=\"a b\" l=\"\" m=\"x=y\" n=\"\\r\\n\\u001b[2J\\\"\" \"o o\"=\"\xc3\xa4\"\n");
}

TEST(LogRenderTest, HumanColoursTheLevelOnly) {
  EXPECT_EQ(human("e", {{"k", "\x1b"}}, {.is_coloured = true}), "12:00:34.056 \x1b[32minfo\x1b[0m  e k=\"\\u001b\"\n");
}

TEST(LogRenderTest, HumanLinesSayWhenTheyAreCut) {
  for (const char filler : {'x', ' '}) {
    const std::string line = human("e", {{"k", std::string(20'000, filler)}, {"b", 1}});
    EXPECT_LE(line.size(), LogLine::kCapacity);
    EXPECT_TRUE(line.ends_with(" (truncated)\n"));
  }
}

}  // namespace
}  // namespace weir::observe
