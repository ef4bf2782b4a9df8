// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/response_collector.hpp>

#include <weir/base/text.hpp>

#include <utility>

namespace weir::http::internal {

bool ResponseCollector::take_line(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > kHeadBytesMax) {
    is_too_large_ = true;
    return false;
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    // After an interim response comes the next head, which replaces it.
    response_.headers.clear();
    is_head_complete_ = false;
  } else if (line.empty()) {
    is_head_complete_ = true;
  } else if (!is_head_complete_) {
    take_field(line);
  }
  return true;
}

void ResponseCollector::take_field(std::string_view line) {
  // A folded line goes on with the value before it, one space apart (RFC 9112 section 5.2).
  if ((line.front() == ' ' || line.front() == '\t') && !response_.headers.empty()) {
    response_.headers.back().second.append(" ").append(base::trim(line));
    return;
  }
  const std::string_view name = base::take_until(line, ':');
  response_.headers.emplace_back(base::trim(name), base::trim(line));
}

bool ResponseCollector::take_body(std::string_view piece) {
  if (piece.size() > body_bytes_max_ - response_.body.size()) {
    is_too_large_ = true;
    return false;
  }
  response_.body.append(piece);
  return true;
}

ClientResponse ResponseCollector::take(int status) {
  response_.status = status;
  return std::move(response_);
}

}  // namespace weir::http::internal
