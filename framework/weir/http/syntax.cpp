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

bool is_ipv4(std::string_view address) {
  int octets = 0;
  for (bool is_last = false; !is_last; ++octets) {
    is_last = address.find('.') == std::string_view::npos;
    const std::string_view octet = base::take_until(address, '.');
    if (octet.empty() || octet.size() > 3 || (octet.size() > 1 && octet.front() == '0')) return false;
    int value = 0;
    for (const char c : octet) {
      if (!base::is_digit(c)) return false;
      value = value * 10 + (c - '0');
    }
    if (value > 255) return false;
  }
  return octets == 4;
}

// How many of the eight groups stand in a part of an IPv6 address, a dotted end counting as two; -1 when malformed.
int count_groups(std::string_view part, bool may_end_in_ipv4) {
  if (part.empty()) return 0;
  int groups = 0;
  for (bool is_last = false; !is_last; ++groups) {
    is_last = part.find(':') == std::string_view::npos;
    const std::string_view group = base::take_until(part, ':');
    if (is_last && may_end_in_ipv4 && is_ipv4(group)) return groups + 2;
    if (group.empty() || group.size() > 4) return -1;
    for (const char c : group) {
      if (base::hex_value(c) < 0) return -1;
    }
  }
  return groups;
}

// IPv6address of RFC 3986 section 3.2.2. IPvFuture is refused: there is none to be reached at.
bool is_ip_literal(std::string_view literal) {
  const std::size_t elision = literal.find("::");
  if (elision == std::string_view::npos) return count_groups(literal, true) == 8;
  const int before = count_groups(literal.substr(0, elision), false);
  const int after = count_groups(literal.substr(elision + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
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
