// SPDX-License-Identifier: MIT
// What a redirect makes of a request.
#pragma once

#include <weir/http/client/client_request.hpp>
#include <weir/http/client/client_response.hpp>
#include <weir/http/client/internal/target.hpp>

namespace weir::http::internal {

/// Whether the answer says where else to ask.
bool is_redirect(const ClientResponse& response);

/// Turns request and target into those to go on with. Credentials, cookies and a Host field stay with their origin.
///
/// Errors: throws ClientError kBadUrl.
/// Source: RFC 9110 section 15.4; for POST and 301 or 302, what browsers do (WHATWG Fetch, HTTP-redirect fetch).
void follow(const ClientResponse& response, ClientRequest& request, Target& target);

}  // namespace weir::http::internal
