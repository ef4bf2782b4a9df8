// SPDX-License-Identifier: MIT
#include <middleware/internal/origin.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace weir::middleware::internal {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kOriginBytesMax = 320;  // room for a scheme and a port

constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_scheme(std::string_view text) {
  const auto may_follow = [](char c) { return is_lower(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && is_lower(text.front()) && std::all_of(text.begin(), text.end(), may_follow);
}

// Labels of letters, digits, "-" and "_", none of them empty.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  char before = '.';
  for (const char c : text) {
    const bool is_in_label = is_lower(c) || base::is_digit(c) || c == '-' || c == '_';
    if (!is_in_label && (c != '.' || before == '.')) return false;
    before = c;
  }
  return before != '.';
}

bool is_port(std::string_view text) {
  constexpr unsigned kPortMax = 65'535;
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  unsigned value = 0;
  for (const char c : text) {
    if (!base::is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= kPortMax;
}

bool is_v6_literal(std::string_view text) {
  const auto is_upper = [](char c) { return base::to_lower(c) != c; };
  return http::syntax::is_host(text) && std::none_of(text.begin(), text.end(), is_upper);
}

[[noreturn]] void refuse(std::string_view origin, std::string_view reason) {
  throw std::invalid_argument("Cors: the origin \"" + base::escape_for_log(origin) + "\" " + std::string(reason));
}

// Browsers leave it out, so that such an entry would never match.
bool has_default_port(std::string_view origin) {
  return (origin.starts_with("https://") && origin.ends_with(":443")) ||
         (origin.starts_with("http://") && origin.ends_with(":80"));
}

}  // namespace

bool is_origin(std::string_view text) {
  if (text.size() > kOriginBytesMax) return false;
  const std::size_t scheme_bytes = text.find(kSchemeEnd);
  if (scheme_bytes == std::string_view::npos || !is_scheme(text.substr(0, scheme_bytes))) return false;
  const std::string_view authority = text.substr(scheme_bytes + kSchemeEnd.size());
  const bool is_v6 = authority.starts_with('[');
  const std::size_t host_bytes = is_v6 ? authority.find(']') + 1 : std::min(authority.find(':'), authority.size());
  const std::string_view host = authority.substr(0, host_bytes);
  const std::string_view port = authority.substr(host_bytes);
  const bool has_good_host = is_v6 ? is_v6_literal(host) : is_host_name(host);
  return has_good_host && (port.empty() || (port.front() == ':' && is_port(port.substr(1))));
}

OriginList::OriginList(const std::vector<std::string>& origins) {
  if (origins.empty()) throw std::invalid_argument("Cors: it needs at least one origin; leave it out to allow none");
  is_any_ = origins.front() == "*" && origins.size() == 1;
  if (is_any_) return;
  for (const std::string& origin : origins) add(origin);
}

void OriginList::add(std::string_view origin) {
  if (origin == "*") refuse(origin, "stands for all, and cannot be one of several");
  const std::size_t star = origin.find('*');
  // A star stands for labels: with one in its place, what is left has to be an origin.
  const bool is_pattern = star != std::string_view::npos;
  std::string example(origin);
  if (is_pattern) example[star] = 'a';
  if (origin != "null" && !is_origin(example)) {
    refuse(origin,
           "is not what browsers send: scheme://host or scheme://host:port in lower case, with nothing behind it");
  }
  if (has_default_port(origin)) refuse(origin, "has the default port of its scheme, which browsers leave out");
  if (!is_pattern) {
    exact_.emplace_back(origin);
    return;
  }
  const std::string_view scheme = origin.substr(0, star);
  const std::string_view suffix = origin.substr(star + 1);
  const bool has_two_labels = suffix.starts_with('.') && suffix.find('.', 1) != std::string_view::npos;
  if (!scheme.ends_with(kSchemeEnd) || !has_two_labels) {
    refuse(origin, "may have a star only as its first label, before a host of two or more: https://*.example.com");
  }
  patterns_.push_back({std::string(scheme), std::string(suffix)});
}

bool OriginList::contains(std::string_view origin) const {
  if (std::find(exact_.begin(), exact_.end(), origin) != exact_.end()) return true;
  // The suffix begins with a dot, and an origin has nothing but labels and dots there: what is left before it is whole
  // labels, and neither a user, a port nor a path that merely ends like the host.
  return std::any_of(patterns_.begin(), patterns_.end(), [origin](const Pattern& pattern) {
    return origin.size() > pattern.scheme.size() + pattern.suffix.size() && origin.starts_with(pattern.scheme) &&
           origin.ends_with(pattern.suffix) && is_origin(origin);
  });
}

}  // namespace weir::middleware::internal
