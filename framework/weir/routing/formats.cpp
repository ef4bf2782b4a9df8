// SPDX-License-Identifier: MIT
#include <weir/routing/formats.hpp>

#include <weir/base/text.hpp>
#include <weir/base/time_text.hpp>
#include <weir/base/uuid.hpp>
#include <weir/http/syntax.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace weir::routing {
namespace {

namespace syntax = http::syntax;

constexpr bool is_letter(char c) {
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'z';
}
constexpr bool is_letter_or_digit(char c) {
  return is_letter(c) || base::is_digit(c);
}

bool is_duration(std::string_view text) {
  std::chrono::nanoseconds ignored{};
  return base::parse_duration(text, ignored);
}

bool is_uuid(std::string_view text) {
  base::Uuid ignored;
  return base::Uuid::parse(text, ignored);
}

// ---- names ----

bool is_label(std::string_view label) {
  constexpr std::size_t kLabelBytesMax = 63;  // RFC 1034 section 3.1
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (!is_letter_or_digit(label.front()) || !is_letter_or_digit(label.back())) return false;
  return std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_dotted_labels(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_hostname(std::string_view text) {
  constexpr std::size_t kNameBytesMax = 253;  // The 255 octets of RFC 1034 section 3.1, less a length and the root.
  return text.size() <= kNameBytesMax && is_dotted_labels(text);
}

// atext of RFC 5322 section 3.2.3, and the dot: tchar of RFC 9110 and five more.
bool is_email_local_character(char c) {
  constexpr std::string_view kMore = "/=?{}";
  return syntax::is(c, syntax::kToken) || kMore.find(c) != std::string_view::npos;
}

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  return std::all_of(local.begin(), local.end(), is_email_local_character) && is_dotted_labels(text.substr(at + 1));
}

// ---- addresses ----

bool is_address(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(terminated.data(), text.size());
  in6_addr address;  // Has room for one of IPv4 too.
  return ::inet_pton(family, terminated.data(), &address) == 1;
}

bool is_ip_v4(std::string_view text) {
  return is_address(AF_INET, text);
}

bool is_ip_v6(std::string_view text) {
  return is_address(AF_INET6, text);
}

// ---- URI: RFC 3986 appendix A ----

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; });
}

// Escapes, unreserved characters, sub-delims, and those in `more`.
bool is_uri_text(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (syntax::is(text[i], syntax::kHost) || more.find(text[i]) != std::string_view::npos) continue;
    if (text[i] != '%' || text.size() - i < 3) return false;
    if (base::hex_value(text[i + 1]) < 0 || base::hex_value(text[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

bool is_path(std::string_view text) {
  return is_uri_text(text, ":@/");
}

bool is_query_or_fragment(std::string_view text) {
  return is_uri_text(text, ":@/?");
}

bool is_authority(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (!is_uri_text(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  return text.empty() || syntax::is_host(text);  // Empty as in file:///etc/hosts.
}

bool is_hierarchy(std::string_view text) {
  if (!text.starts_with("//")) return is_path(text);
  text.remove_prefix(2);
  const std::size_t authority_bytes = std::min(text.find('/'), text.size());
  return is_authority(text.substr(0, authority_bytes)) && is_path(text.substr(authority_bytes));
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) return false;
  std::string_view fragment = text.substr(colon + 1);
  std::string_view query = base::take_until(fragment, '#');
  const std::string_view hierarchy = base::take_until(query, '?');
  return is_hierarchy(hierarchy) && is_query_or_fragment(query) && is_query_or_fragment(fragment);
}

// ---- all of them ----

struct Format {
  std::string_view name;
  bool (*accepts)(std::string_view);
};
constexpr std::array<Format, 9> kFormats{{{"date", base::is_date},
                                          {"date-time", base::is_date_time},
                                          {"duration", is_duration},
                                          {"email", is_email},
                                          {"hostname", is_hostname},
                                          {"ipv4", is_ip_v4},
                                          {"ipv6", is_ip_v6},
                                          {"uri", is_uri},
                                          {"uuid", is_uuid}}};

const Format* find_format(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace

bool is_known_format(std::string_view format) {
  return find_format(format) != nullptr;
}

bool has_format(std::string_view format, std::string_view text) {
  const Format* const known = find_format(format);
  return known == nullptr || known->accepts(text);
}

}  // namespace weir::routing
