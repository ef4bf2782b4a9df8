// SPDX-License-Identifier: MIT
// The table that `myservice routes` prints.
#pragma once

#include <weir/routing/lanes.hpp>

#include <span>
#include <string>

namespace weir::app {

/// One line per route: method, pattern, where it runs under the execution pattern, middleware chain, source location.
std::string list_routes(const routing::Routes& routes, exec::Pattern pattern,
                        std::span<const exec::PoolDeclaration> pools);

}  // namespace weir::app
