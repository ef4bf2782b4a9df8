// SPDX-License-Identifier: MIT
// The end of a sentence about an unknown name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::app::internal {

/// "; did you mean --port?" with the nearest of `known` between two `quote`s, or nothing when none is near.
///
/// Thread: any.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view quote = "");

}  // namespace weir::app::internal
