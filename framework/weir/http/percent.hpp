// SPDX-License-Identifier: MIT
// Percent-decoding (RFC 3986 section 2.1): once, and all or nothing.
#pragma once

#include <string>
#include <string_view>

namespace weir::http {

/// Appends the decoded `text` to `out`; false, with `out` as it was, when an escape is malformed or decodes to NUL.
[[nodiscard]] bool append_percent_decoded(std::string_view text, std::string& out);

}  // namespace weir::http
