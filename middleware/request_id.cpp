// SPDX-License-Identifier: MIT
#include <middleware/request_id.hpp>

#include <weir/base/text.hpp>

#include <algorithm>
#include <string>

namespace weir::middleware {
namespace {

constexpr std::string_view kField = "X-Request-Id";
constexpr std::size_t kLengthMax = 64;

bool is_acceptable(std::string_view id) {
  const auto is_harmless = [](char c) {
    const char lower = base::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || base::is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return !id.empty() && id.size() <= kLengthMax && std::all_of(id.begin(), id.end(), is_harmless);
}

}  // namespace

void RequestId::before(routing::Context& context) const {
  const auto sent = context.header(kField);
  if (sent && is_acceptable(*sent)) context.set_request_id(std::string(*sent));
}

void RequestId::after(routing::Context& context, http::Response& response) const {
  response.set_header(kField, context.request_id());
}

}  // namespace weir::middleware
