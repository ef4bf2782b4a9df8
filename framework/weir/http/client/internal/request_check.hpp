// SPDX-License-Identifier: MIT
// Whether a request can be sent as it is.
#pragma once

#include <weir/http/client/client_request.hpp>
#include <weir/http/client/internal/target.hpp>

namespace weir::http::internal {

/// Nothing that is sent may end its line and begin another, or say something else about where the message ends.
///
/// Errors: throws ClientError kBadRequest.
/// Source: RFC 9110 sections 5.5, 5.6.2 and 9.1.
void check_request(const ClientRequest& request, const Target& target);

}  // namespace weir::http::internal
