// SPDX-License-Identifier: MIT
#include <middleware/internal/vary.hpp>

#include <weir/base/text.hpp>

namespace weir::middleware::internal {
namespace {

constexpr std::string_view kVary = "Vary";

bool names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view member = base::trim(base::take_until(list, ','));
    if (member == "*" || base::equals_ignoring_case(member, name)) return true;
  }
  return false;
}

}  // namespace

void add_vary(http::Response& response, std::string_view name) {
  std::string_view lines = response.field_lines();
  while (!lines.empty()) {
    std::string_view line = base::take_until(lines, '\r');
    lines.remove_prefix(1);  // '\n'
    if (base::equals_ignoring_case(base::take_until(line, ':'), kVary) && names(line, name)) return;
  }
  response.add_header(kVary, name);
}

}  // namespace weir::middleware::internal
