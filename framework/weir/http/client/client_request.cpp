// SPDX-License-Identifier: MIT
#include <weir/http/client/client_request.hpp>

#include <weir/base/text.hpp>

#include <algorithm>
#include <array>

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

bool ClientRequest::may_be_repeated() const {
  constexpr std::array<std::string_view, 6> kIdempotent{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  if (is_idempotent) return *is_idempotent;
  return std::find(kIdempotent.begin(), kIdempotent.end(), method) != kIdempotent.end() ||
         has_header("Idempotency-Key");
}

}  // namespace weir::http
