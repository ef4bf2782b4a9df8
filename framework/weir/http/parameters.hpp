// SPDX-License-Identifier: MIT
// Names with values, as queries, forms and cookies carry them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

/// Decoded names and values in the order they were sent; a name may occur several times.
///
/// Thread: as any value.
class Parameters {
 public:
  /// The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> find_all(std::string_view name) const;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// Reads `a=1&b=2`, as a query or as a body of application/x-www-form-urlencoded: '+' is a space, "a" alone is "a=".
///
/// Errors: nullopt when an escape is malformed or decodes to NUL.
/// Source: WHATWG URL, application/x-www-form-urlencoded parsing, with malformed escapes refused.
std::optional<Parameters> parse_form(std::string_view text);

/// Decodes a name or a value of a query or form: '+' is a space. Errors: nullopt as for parse_form.
std::optional<std::string> decode_form_text(std::string_view text);

/// The decoded first value of `name` in a query, without reading the others; an empty optional inside when the name is
/// not there. Errors: nullopt when its escapes are malformed.
std::optional<std::optional<std::string>> find_in_query(std::string_view query, std::string_view name);

/// Reads a Cookie field, `a=1; b=2`; values keep their bytes, surrounding quotes are dropped, malformed pairs skipped.
///
/// Source: RFC 6265 section 4.2.1.
Parameters parse_cookies(std::string_view field_value);

}  // namespace weir::http
