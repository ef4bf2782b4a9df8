// SPDX-License-Identifier: MIT
// problem+json (RFC 9457): the form of every error that the framework answers.
#pragma once

#include <weir/http/response.hpp>

#include <string_view>

namespace weir::http {

/// {"type":"about:blank","title":<reason phrase>,"status":n,"detail":<detail>}; `detail` is left out when empty.
///
/// Errors: throws as Response::status. Invalid UTF-8 in `detail` becomes U+FFFD.
Response problem(int status, std::string_view detail = {});

}  // namespace weir::http
