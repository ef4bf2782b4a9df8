// SPDX-License-Identifier: MIT
#include <weir/http/path.hpp>

#include <weir/http/percent.hpp>
#include <weir/http/syntax.hpp>

namespace weir::http {

bool PathSegments::parse(std::string_view raw_path) {
  segments_.clear();
  decoded_.clear();
  // An absolute-form target may have no path at all: RFC 9110 section 4.2.3 reads it as "/".
  if (raw_path.empty()) raw_path = "/";
  if (raw_path.front() != '/') return false;
  std::size_t begin = 1;
  bool has_escape = false;
  for (std::size_t i = 1; i < raw_path.size(); ++i) {
    const char c = raw_path[i];
    if (syntax::is(c, syntax::kPath)) continue;
    if (c == '%') {
      // All decoded text fits in the path's length: no later segment moves an earlier one.
      if (!has_escape && decoded_.capacity() < raw_path.size()) {
        if (!decoded_.empty()) return false;
        decoded_.reserve(raw_path.size());
      }
      has_escape = true;
    } else if (c == '/') {
      if (!add(raw_path.substr(begin, i - begin), has_escape)) return false;
      begin = i + 1;
      has_escape = false;
    } else {
      return false;
    }
  }
  return add(raw_path.substr(begin), has_escape);
}

bool PathSegments::add(std::string_view raw_segment, bool has_escape) {
  std::string_view segment = raw_segment;
  if (has_escape) {
    const std::size_t from = decoded_.size();
    if (!append_percent_decoded(raw_segment, decoded_)) return false;
    segment = std::string_view(decoded_).substr(from);
  }
  if (segment == "." || segment == "..") return false;
  segments_.push_back(segment);
  return true;
}

}  // namespace weir::http
