// SPDX-License-Identifier: MIT
// Telling answers apart that have no content yet.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

namespace weir::middleware::internal {

/// Whether the content of `response` is to come in pieces; in an `after` hook. Also true for an answer without content
/// of a handler that might have sent pieces, and did not.
bool is_streamed(routing::Context& context, const http::Response& response);

}  // namespace weir::middleware::internal
