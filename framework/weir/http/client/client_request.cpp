// SPDX-License-Identifier: MIT
#include <weir/http/client/client_request.hpp>

#include <weir/base/text.hpp>

#include <algorithm>

namespace weir::http {

ClientRequest ClientRequest::post(std::string url, std::string body, std::string content_type) {
  ClientRequest request("POST", std::move(url), std::move(body));
  request.headers.emplace_back("Content-Type", std::move(content_type));
  return request;
}

bool ClientRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const auto& header) { return base::equals_ignoring_case(header.first, name); });
}

}  // namespace weir::http
