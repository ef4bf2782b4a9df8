// SPDX-License-Identifier: MIT
// What is wrong with a request line that the parser did not take.
#pragma once

#include <weir/http/refusal.hpp>

#include <cstdint>
#include <string_view>

namespace weir::http {

/// 505 for a version token other than HTTP/1.0 and HTTP/1.1, 501 for a well-formed method that is not ours, 414 for a
/// target that is too long, else 400. `line` is all before the line feed, the carriage return included.
///
/// Source: RFC 9112 section 3; RFC 9110 sections 15.6.2 and 15.6.6.
Refusal classify_request_line(std::string_view line, std::uint64_t target_bytes_max);

}  // namespace weir::http
