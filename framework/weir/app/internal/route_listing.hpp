// SPDX-License-Identifier: MIT
// The table that `myservice routes` prints.
#pragma once

#include <weir/routing/route_table.hpp>

#include <string>

namespace weir::app {

/// One line per route: method, pattern, lane, middleware chain, source location.
std::string list_routes(const routing::Routes& routes);

}  // namespace weir::app
