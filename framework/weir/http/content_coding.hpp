// SPDX-License-Identifier: MIT
// Which content coding a client prefers.
#pragma once

#include <weir/http/request.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace weir::http {

/// The coding of `offered` that the client's Accept-Encoding gives the highest weight; of two with the same, the
/// earlier.
/// "" for none of them (identity), which is also the answer where the client says nothing, or prefers identity. Weights
/// that are no weights count as 0.
///
/// Source: RFC 9110 sections 12.4.2 and 12.5.3.
std::string_view choose_coding(const Request& request, std::span<const std::string_view> offered);

/// A weight of an Accept field, "0.5", in thousandths; nullopt where it is none.
std::optional<int> parse_weight(std::string_view text);

}  // namespace weir::http
