// SPDX-License-Identifier: MIT
#include <weir/http/client/client_response.hpp>

#include <weir/base/text.hpp>

namespace weir::http {

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (base::equals_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

}  // namespace weir::http
