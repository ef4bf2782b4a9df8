// SPDX-License-Identifier: MIT
#include <middleware/body_limit.hpp>

#include <weir/http/problem.hpp>

#include <charconv>
#include <string_view>
#include <system_error>

namespace weir::middleware {
namespace {

// What is no number has been refused before the hooks run.
std::uint64_t announced_bytes(const routing::Context& context) {
  const std::string_view text = context.header("Content-Length").value_or("");
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return error == std::errc() && end == text.data() + text.size() ? bytes : 0;
}

}  // namespace

std::optional<http::Response> BodyLimit::before(routing::Context& context) const {
  context.lower_body_limit(bytes_);                 // for content whose length shows as it comes
  const bool is_routed = !context.route().empty();  // else 404 or 405 says more
  if (!is_routed || announced_bytes(context) <= bytes_) return std::nullopt;
  return http::problem(413, "The content is longer than this resource takes.");
}

}  // namespace weir::middleware
