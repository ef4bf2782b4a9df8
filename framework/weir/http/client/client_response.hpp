// SPDX-License-Identifier: MIT
// What another service answered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

/// The final answer, of any status: interim ones (1xx) and trailers are dropped.
struct ClientResponse {
  int status = 0;
  /// All fields in their order; names as received, values without surrounding white space.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Decoded from its transfer coding; a content coding, which this client never asks for, is left as it is.
  std::string body;

  // Declared so that it is no aggregate: g++ 12 destroys a temporary one twice in an awaiting expression.
  ClientResponse() = default;

  /// The first field of that name, in any case. Good as long as `headers` is.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace weir::http
