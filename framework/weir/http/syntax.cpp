// SPDX-License-Identifier: MIT
#include <weir/http/syntax.hpp>

#include <weir/base/text.hpp>

namespace weir::http::syntax {
namespace {

bool is_port(std::string_view port) {
  unsigned value = 0;
  for (const char c : port) {
    if (!base::is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > 65'535) return false;
  }
  return true;  // empty is allowed: port = *DIGIT
}

// IPv6address without validating each group's place: hexadecimal groups, colons, and a dotted end.
bool is_ip_literal(std::string_view literal) {
  if (literal.size() < 2) return false;
  bool has_colon = false;
  for (const char c : literal) {
    if (c == ':') has_colon = true;
    if (c != ':' && c != '.' && base::hex_value(c) < 0) return false;
  }
  return has_colon;
}

bool is_registered_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is(name[i], kHost)) continue;
    const bool is_escape = name[i] == '%' && i + 2 < name.size() && base::hex_value(name[i + 1]) >= 0 &&
                           base::hex_value(name[i + 2]) >= 0;
    if (!is_escape) return false;
    i += 2;
  }
  return !name.empty() && name.size() <= 253;
}

}  // namespace

bool is_host(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !is_ip_literal(host.substr(1, end - 1))) return false;
    const std::string_view rest = host.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return is_registered_name(host);
  return is_registered_name(host.substr(0, colon)) && is_port(host.substr(colon + 1));
}

}  // namespace weir::http::syntax
