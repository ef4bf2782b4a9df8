// SPDX-License-Identifier: MIT
#include <weir/app/internal/suggestion.hpp>

#include <weir/base/text.hpp>

namespace weir::app::internal {

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view quote) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto found = base::nearest(word, views);
  if (!found) return {};
  return "; did you mean " + std::string(quote) + std::string(*found) + std::string(quote) + "?";
}

}  // namespace weir::app::internal
