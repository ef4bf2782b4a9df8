// SPDX-License-Identifier: MIT
// Regular expressions in linear time.
#pragma once

#include <string_view>

namespace weir::routing {

/// Whether `expression` (RE2 syntax) matches somewhere in `text`. Compiled once per process and expression, which has
/// to be a constant: the cache keeps it. An expression that is malformed matches nothing; see pattern_error. Any
/// thread.
bool matches_pattern(std::string_view expression, std::string_view text);

/// What is wrong with an expression; "" when nothing is. For start-up.
std::string_view pattern_error(std::string_view expression);

}  // namespace weir::routing
