// SPDX-License-Identifier: MIT
#include <middleware/internal/authorization.hpp>

#include <weir/base/text.hpp>
#include <weir/http/problem.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kParameterBytesMax = 256;

bool is_harmless(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

}  // namespace

std::size_t count_fields(const http::Request& request, std::string_view name) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < request.field_count(); ++i) {
    if (base::equals_ignoring_case(request.field(i).name, name)) ++count;
  }
  return count;
}

Authorization find_authorization(const http::Request& request, std::string_view scheme) {
  using Kind = Authorization::Kind;
  constexpr std::string_view kField = "Authorization";
  const std::size_t count = count_fields(request, kField);
  if (count == 0) return {};
  if (count > 1) return {Kind::kSeveral, {}};
  std::string_view rest = *request.header(kField);
  if (!base::equals_ignoring_case(base::take_until(rest, ' '), scheme)) return {};
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return {Kind::kOne, rest};
}

http::Response challenge(int status, std::string_view challenge, std::string_view detail) {
  http::Response response = http::problem(status, detail);
  response.set_header("WWW-Authenticate", challenge);
  return response;
}

std::string parameter(std::string_view who, std::string_view name, std::string_view value) {
  if (value.empty() || value.size() > kParameterBytesMax || !std::all_of(value.begin(), value.end(), is_harmless)) {
    throw std::invalid_argument(std::string(who) + ": the " + std::string(name) +
                                " is not 1 to 256 printable ASCII characters without quotes and backslashes");
  }
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

}  // namespace weir::middleware::internal
