// SPDX-License-Identifier: MIT
// One walk over the fields of a response, for who asks for several of them.
#pragma once

#include <weir/base/text.hpp>
#include <weir/http/response.hpp>

#include <string_view>

namespace weir::middleware::internal {

/// Calls visit(name, value) for each field, and for the Content-Type that media_type() stands for. The views are good
/// until the response changes.
template <class Visit>
void for_each_field(const http::Response& response, Visit visit) {
  if (response.media_type() != http::Response::MediaType::kOther) {
    visit(std::string_view("Content-Type"), response.header("Content-Type").value_or(""));
  }
  std::string_view lines = response.field_lines();
  while (!lines.empty()) {
    std::string_view line = base::take_until(lines, '\r');
    lines.remove_prefix(1);  // '\n'
    const std::string_view name = base::take_until(line, ':');
    visit(name, base::trim(line));
  }
}

/// Whether a list such as Cache-Control has that member, in any case.
inline bool has_member(std::string_view list, std::string_view member) {
  while (!list.empty()) {
    if (base::equals_ignoring_case(base::trim(base::take_until(list, ',')), member)) return true;
  }
  return false;
}

}  // namespace weir::middleware::internal
