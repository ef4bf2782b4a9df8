// SPDX-License-Identifier: MIT
#include <weir/http/syntax.hpp>

#include <weir/base/text.hpp>

#include <arpa/inet.h>

#include <array>

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

// IPvFuture is refused: there is none to be reached at.
bool is_ip_v6(std::string_view literal) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (literal.size() >= text.size() || literal.find('\0') != std::string_view::npos) return false;
  literal.copy(text.data(), literal.size());
  in6_addr address;
  return ::inet_pton(AF_INET6, text.data(), &address) == 1;
}

bool is_registered_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is(name[i], kHost)) continue;
    const bool is_escape =
        name[i] == '%' && i + 2 < name.size() && base::hex_value(name[i + 1]) >= 0 && base::hex_value(name[i + 2]) >= 0;
    if (!is_escape) return false;
    i += 2;
  }
  return !name.empty() && name.size() <= 253;
}

}  // namespace

bool is_host(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !is_ip_v6(host.substr(1, end - 1))) return false;
    const std::string_view rest = host.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return is_registered_name(host);
  return is_registered_name(host.substr(0, colon)) && is_port(host.substr(colon + 1));
}

}  // namespace weir::http::syntax
