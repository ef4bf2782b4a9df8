// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/redirect.hpp>

#include <weir/base/text.hpp>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace weir::http::internal {
namespace {

void drop_headers(ClientRequest& request, std::span<const std::string_view> names) {
  std::erase_if(request.headers, [names](const auto& header) {
    return std::any_of(names.begin(), names.end(),
                       [&header](std::string_view name) { return base::equals_ignoring_case(header.first, name); });
  });
}

void turn_into_get(ClientRequest& request) {
  constexpr std::string_view kOfContent[] = {"content-type", "content-encoding", "content-language",
                                             "content-location"};
  request.method = "GET";
  request.body.clear();
  drop_headers(request, kOfContent);
}

}  // namespace

bool is_redirect(const ClientResponse& response) {
  const int status = response.status;
  const bool is_status = (status >= 301 && status <= 303) || status == 307 || status == 308;
  return is_status && response.header("location").has_value();
}

void follow(const ClientResponse& response, ClientRequest& request, Target& target) {
  constexpr std::string_view kOfOrigin[] = {"authorization", "proxy-authorization", "cookie", "host"};
  Target next = resolve(target, response.header("location").value_or(""));
  if (next.origin != target.origin) drop_headers(request, kOfOrigin);
  target = std::move(next);
  const bool is_post_elsewhere = (response.status == 301 || response.status == 302) && request.method == "POST";
  const bool is_see_other = response.status == 303 && request.method != "HEAD";
  if (is_post_elsewhere || is_see_other) turn_into_get(request);
}

}  // namespace weir::http::internal
