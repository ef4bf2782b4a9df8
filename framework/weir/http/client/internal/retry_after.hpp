// SPDX-License-Identifier: MIT
// When a server wants to be asked again.
#pragma once

#include <weir/base/clock.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::http::internal {

/// How long to wait after `now` by the value of a Retry-After: seconds, or a date (IMF-fixdate; one that has passed is
/// zero). None when it is malformed. A year at most.
///
/// Source: RFC 9110 section 10.2.3.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, base::WallTime now);

}  // namespace weir::http::internal
