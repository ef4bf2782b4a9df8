// SPDX-License-Identifier: MIT
// UTF-8, as far as a server has to look into it.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::base {

/// The length of the valid sequence at the front of `text`, which is not empty; 0 when there is none.
/// Source: RFC 3629 section 4.
std::size_t utf8_sequence_length(std::string_view text);

/// Whether all of `text` is valid UTF-8.
bool is_utf8(std::string_view text);

/// How many characters (code points) valid UTF-8 has.
std::size_t count_characters(std::string_view text);

}  // namespace weir::base
