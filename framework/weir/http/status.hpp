// SPDX-License-Identifier: MIT
// Status codes (RFC 9110 section 15 and the IANA registry) with their reason phrases.
#pragma once

#include <string_view>

namespace weir::http {

/// The reason phrase of a registered status code, or "" for another.
std::string_view reason_phrase(int status);

/// "HTTP/1.1 200 OK\r\n" for a registered status code, or "" for another.
std::string_view status_line(int status);

/// Whether a response with that code has no content by definition (RFC 9110 section 6.4.1).
constexpr bool forbids_content(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace weir::http
