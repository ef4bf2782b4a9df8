// SPDX-License-Identifier: MIT
#include <weir/http/internal/request_line.hpp>

#include <weir/base/text.hpp>
#include <weir/http/method.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>

namespace weir::http {

Refusal classify_request_line(std::string_view line, std::uint64_t target_bytes_max) {
  const Refusal malformed{400, "malformed-request", "The request is malformed."};
  if (line.empty() || line.back() != '\r') return malformed;
  line.remove_suffix(1);
  const std::string_view method = base::take_until(line, ' ');
  const std::string_view target = base::take_until(line, ' ');
  const bool is_version = line.size() == 8 && line.starts_with("HTTP/") && base::is_digit(line[5]) && line[6] == '.' &&
                          base::is_digit(line[7]);
  const bool is_target =
      !target.empty() && std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!syntax::is_token(method) || !is_target || !is_version) return malformed;
  if (line != "HTTP/1.1" && line != "HTTP/1.0") {
    return {505, "version-not-supported", "This server speaks HTTP/1.1 and HTTP/1.0."};
  }
  const bool is_known = std::find(kMethodNames.begin(), kMethodNames.end(), method) != kMethodNames.end();
  if (!is_known) return {501, "method-not-implemented", "This server does not implement the request method."};
  if (target.size() > target_bytes_max) {
    return {414, "target-too-long", "The request target is longer than this server reads."};
  }
  return malformed;
}

}  // namespace weir::http
