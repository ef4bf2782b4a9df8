// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/request_check.hpp>

#include <weir/base/text.hpp>
#include <weir/http/client/client_error.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace weir::http::internal {
namespace {

bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs{"content-length", "transfer-encoding", "connection", "upgrade",
                                                  "expect"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [name](std::string_view known) { return base::equals_ignoring_case(name, known); });
}

}  // namespace

void check_request(const ClientRequest& request, const Target& target) {
  constexpr std::size_t kMethodBytesMax = 32;
  const auto refuse = [&target](const std::string& why) {
    throw ClientError(ClientErrorCode::kBadRequest, target.authority + ": " + why);
  };
  if (!syntax::is_token(request.method) || request.method.size() > kMethodBytesMax || request.method == "CONNECT") {
    refuse("\"" + base::escape_for_log(request.method) + "\" is no method that can be sent");
  }
  if (request.method == "HEAD" && !request.body.empty()) refuse("a HEAD request has no content");
  for (const auto& [name, value] : request.headers) {
    if (!syntax::is_token(name)) refuse("\"" + base::escape_for_log(name) + "\" is no name of a header");
    // Without the value: it may be a secret.
    if (!syntax::all(value, syntax::kFieldValue)) refuse("the value of " + name + " has control characters");
    if (is_ours(name)) refuse(name + " is the client's to send");
  }
}

}  // namespace weir::http::internal
