// SPDX-License-Identifier: MIT
// Request methods (RFC 9110 section 9; PATCH: RFC 5789).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::http {

enum class Method : unsigned char { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kConnect, kTrace };

inline constexpr std::array<std::string_view, 9> kMethodNames{"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                                              "DELETE", "OPTIONS", "CONNECT", "TRACE"};
inline constexpr std::size_t kMethodCount = kMethodNames.size();

constexpr std::string_view to_string(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}

}  // namespace weir::http
