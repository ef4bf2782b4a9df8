// SPDX-License-Identifier: MIT
// Where in a JSON document a reader is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::routing {

/// One step of a path; lies on the stack of its reader, and costs nothing until somebody asks.
struct JsonPath {
  const JsonPath* up = nullptr;
  std::string_view name;  ///< Of a member; empty: an item.
  std::size_t index = 0;
};

/// As a JSON pointer, "/items/3/name"; "" for the whole document. Source: RFC 6901.
inline std::string pointer_of(const JsonPath* path) {
  if (path == nullptr) return {};
  std::string pointer = pointer_of(path->up) + '/';
  if (path->name.data() == nullptr) return pointer + std::to_string(path->index);
  for (const char c : path->name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace weir::routing
