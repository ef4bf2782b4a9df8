// SPDX-License-Identifier: MIT
// The fields by which proxies tell whom they speak for: taken apart, not yet believed.
#pragma once

#include <middleware/internal/address_range.hpp>

#include <weir/http/request.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::middleware::internal {

/// Takes the last element of a comma-separated list off `rest`, without white space around it. Commas in quoted strings
/// do not separate. What comes before that element may be anything: it is not looked at, as a client may have written
/// it and a proxy may have added its own behind it.
std::string_view take_last_element(std::string_view& rest);

/// The elements of all fields of a name, from the last to the first; empty ones left out.
///
/// Ownership: borrows the request.
class ElementsFromLast {
 public:
  /// No chain of proxies is longer; what lies further on is not looked at.
  static constexpr std::size_t kElementsMax = 32;

  ElementsFromLast(const http::Request& request, std::string_view name)
      : request_(request), name_(name), fields_left_(request.field_count()) {}
  /// nullopt at the end.
  std::optional<std::string_view> next();

 private:
  const http::Request& request_;
  std::string_view name_;
  std::size_t fields_left_;
  std::string_view rest_;  // of the field at hand
  std::size_t taken_ = 0;
};

/// An element of Forwarded. What it does not say, or does not say well, is "".
struct ForwardedElement {
  std::optional<Node> node{};  ///< Of "for"; nullopt when it is missing, "unknown" or obfuscated.
  std::string_view scheme{};   ///< "http", "https" or "".
  std::string_view host{};
};

/// Reads one element; nullopt when it is malformed: no pairs, one of them twice, a "for" that is no node. White space
/// around a semicolon is let pass. A backslash in a value that counts is malformed: nothing in it needs one.
///
/// Ownership: the views point into `element`, or are literals.
/// Source:    RFC 7239 sections 4 to 6.
std::optional<ForwardedElement> parse_forwarded(std::string_view element);

/// Reads one element of X-Forwarded-For: a node, or an IPv6 address without brackets.
std::optional<Node> parse_forwarded_for(std::string_view element);

/// "http" or "https", in any case; "" for others.
std::string_view known_scheme(std::string_view text);

/// `text` if it is a host, with a port or without, of letters, digits, "-", "." and "_" alone, or an IPv6 address in
/// brackets; else "". Stricter than Host: it ends in links.
std::string_view harmless_host(std::string_view text);

}  // namespace weir::middleware::internal
