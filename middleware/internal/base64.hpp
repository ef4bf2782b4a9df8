// SPDX-License-Identifier: MIT
// Base64, decoded strictly: one text for one sequence of bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::middleware::internal {

/// Letters, digits, '+' and '/', padded with '='. nullopt for any other character (white space, too), missing or
/// surplus padding, and unused bits that are not 0. Source: RFC 4648 section 4.
std::optional<std::string> decode_base64(std::string_view text);

/// Letters, digits, '-' and '_', without padding; else as above. Source: RFC 4648 section 5, RFC 7515 section 2.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace weir::middleware::internal
