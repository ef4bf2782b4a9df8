// SPDX-License-Identifier: MIT
// Text as a template argument.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace weir::base {

/// `template <FixedString Name>` takes "id".
template <std::size_t kSize>
struct FixedString {
  char text[kSize]{};

  consteval FixedString(const char (&literal)[kSize]) { std::copy_n(literal, kSize, text); }  // NOLINT: converts
  constexpr std::string_view view() const { return {text, kSize - 1}; }
};

}  // namespace weir::base
