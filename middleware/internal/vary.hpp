// SPDX-License-Identifier: MIT
// Tells caches what an answer depends on.
#pragma once

#include <weir/http/response.hpp>

#include <string_view>

namespace weir::middleware::internal {

/// Adds `name` to what the response says in Vary, unless that has it, or "*", already. What is there stays.
///
/// Errors: throws as Response::add_header.
/// Source: RFC 9110 section 12.5.5; several fields are one list by section 5.3.
void add_vary(http::Response& response, std::string_view name);

}  // namespace weir::middleware::internal
