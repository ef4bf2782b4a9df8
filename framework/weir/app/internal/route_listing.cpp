// SPDX-License-Identifier: MIT
#include <weir/app/internal/route_listing.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace weir::app {
namespace {

using Row = std::array<std::string, 5>;

std::string chain_text(const routing::Chain& chain) {
  std::string text;
  for (const auto& link : chain.links) text += (text.empty() ? "" : " > ") + link.middleware.name();
  return text.empty() ? "-" : text;
}

std::string where_text(const routing::Route& route) {
  std::string_view file = route.where.file_name();
  if (const std::size_t slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(route.where.line());
}

}  // namespace

std::string list_routes(const routing::Routes& routes, exec::Pattern pattern,
                        std::span<const exec::PoolDeclaration> pools) {
  std::vector<Row> rows{{"METHOD", "PATTERN", "LANE", "MIDDLEWARE", "DECLARED"}};
  for (const routing::Route& route : routes.all()) {
    rows.push_back({std::string(to_string(route.method)), route.pattern.text, lane_text(route, pattern, pools),
                    chain_text(route.chain), where_text(route)});
  }
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace weir::app
