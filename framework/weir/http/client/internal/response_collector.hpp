// SPDX-License-Identifier: MIT
// Puts a response together from the pieces in which it comes.
#pragma once

#include <weir/http/client/client_response.hpp>

#include <cstddef>
#include <string_view>

namespace weir::http::internal {

/// Takes the lines of heads and trailers and the content, in order, within bounds.
class ResponseCollector {
 public:
  /// All heads of an exchange together, interim ones included.
  static constexpr std::size_t kHeadBytesMax = 64UL * 1024;

  explicit ResponseCollector(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// A status line, a field line or the empty line, its CRLF included.
  /// Both return false, with the piece dropped, when it goes beyond a bound.
  bool take_line(std::string_view line);
  bool take_body(std::string_view piece);

  bool is_too_large() const { return is_too_large_; }
  /// Whether the final head came to its end.
  bool is_head_complete() const { return is_head_complete_; }
  ClientResponse take(int status);

 private:
  void take_field(std::string_view line);

  ClientResponse response_;
  std::size_t body_bytes_max_;
  std::size_t head_bytes_ = 0;
  bool is_head_complete_ = false;
  bool is_too_large_ = false;
};

}  // namespace weir::http::internal
