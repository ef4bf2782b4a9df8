// SPDX-License-Identifier: MIT
#include <weir/observe/log_format.hpp>

#include <weir/base/text.hpp>

#include <array>
#include <string>

namespace weir::observe {
namespace {

template <class E, std::size_t kCount>
base::Result<E> parse_name(std::string_view text, const std::array<std::string_view, kCount>& names,
                           std::string_view what) {
  std::string expected;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (text == names[i]) return static_cast<E>(i);
    (expected += i == 0 ? "" : i + 1 == kCount ? " or " : ", ") += names[i];
  }
  return base::Error(base::ErrorCode::kInvalidArgument,
                     "'" + base::escape_for_log(text, 64) + "' is not " + std::string(what) + " (" + expected + ")");
}

}  // namespace

base::Result<LogFormat> parse_log_format(std::string_view text) {
  return parse_name<LogFormat>(text, std::array<std::string_view, 3>{"json", "human", "auto"}, "a log format");
}

base::Result<base::LogLevel> parse_log_level(std::string_view text) {
  return parse_name<base::LogLevel>(text, std::array<std::string_view, 5>{"debug", "info", "warn", "error", "off"},
                                    "a log level");
}

}  // namespace weir::observe
