// SPDX-License-Identifier: MIT
#include <weir/http/path.hpp>

#include <weir/base/inline.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/syntax.hpp>

#include <functional>

namespace weir::http {
namespace {

const char* skip_path_characters(const char* at, const char* end) {
  const auto class_of = [](char c) { return syntax::kClasses[static_cast<unsigned char>(c)]; };
  while (end - at >= 4 &&
         (class_of(at[0]) & class_of(at[1]) & class_of(at[2]) & class_of(at[3]) & syntax::kPath) != 0) {
    at += 4;
  }
  while (at != end && syntax::is(*at, syntax::kPath)) ++at;
  return at;
}

}  // namespace

std::size_t PathSegments::parse(std::string_view text) {
  count_ = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() != '/') {
    // An absolute-form target may have no path at all: RFC 9110 section 4.2.3 reads it as "/".
    return (text.empty() || text.front() == '?') && add({}) ? 0 : std::string_view::npos;
  }
  const char* begin = text.data() + 1;
  bool has_escape = false;
  decoded_.clear();
  for (const char* at = begin;; ++at) {
    at = skip_path_characters(at, end);
    const char stop = at != end ? *at : '?';
    if (stop == '/' || stop == '?') {
      const std::string_view segment(begin, static_cast<std::size_t>(at - begin));
      const bool is_added = has_escape ? add_escaped(segment) : add(segment);
      if (!is_added) return std::string_view::npos;
      if (stop == '?') return static_cast<std::size_t>(at - text.data());
      begin = at + 1;
      has_escape = false;
    } else if (stop == '%') {
      // All decoded text fits in the path's length: no later segment moves an earlier one.
      if (decoded_.empty()) decoded_.reserve(text.size());
      has_escape = true;
    } else {
      return std::string_view::npos;
    }
  }
}

void PathSegments::follow(std::string_view from, const char* to) {
  const std::less<> is_before;  // defined for pointers into different texts, too
  for (std::size_t i = 0; i < count_; ++i) {
    const char* const at = segments_[i].data();
    const bool is_decoded = is_before(at, from.data()) || is_before(from.data() + from.size(), at);
    if (!is_decoded) segments_[i] = {to + (at - from.data()), segments_[i].size()};
  }
}

WEIR_HOT_INLINE bool PathSegments::add(std::string_view segment) {
  if (segment.size() <= 2 && !segment.empty() && segment.front() == '.' && segment.back() == '.') return false;
  if (count_ == segments_.size()) segments_.emplace_back();
  segments_[count_++] = segment;
  return true;
}

bool PathSegments::add_escaped(std::string_view raw_segment) {
  const std::size_t from = decoded_.size();
  return append_percent_decoded(raw_segment, decoded_) && add(std::string_view(decoded_).substr(from));
}

}  // namespace weir::http
