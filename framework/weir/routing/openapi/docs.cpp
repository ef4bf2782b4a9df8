// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/docs.hpp>

#include <algorithm>

namespace weir::routing {

void RouteDocs::inherit(const RouteDocs& outer) {
  std::vector<std::string> all = outer.tags;
  for (std::string& tag : tags) {
    if (std::find(all.begin(), all.end(), tag) == all.end()) all.push_back(std::move(tag));
  }
  tags = std::move(all);
  if (!security) security = outer.security;
  is_deprecated = is_deprecated || outer.is_deprecated;
  is_hidden = is_hidden || outer.is_hidden;
}

}  // namespace weir::routing
