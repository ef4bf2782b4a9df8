// SPDX-License-Identifier: MIT
#include <middleware/internal/forwarded.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <array>

namespace weir::middleware::internal {
namespace {

using base::equals_ignoring_case;

constexpr bool is_letter_or_digit(char c) {
  const char lower = base::to_lower(c);
  return (lower >= 'a' && lower <= 'z') || base::is_digit(c);
}

// Where the quoted string ends that `text` begins with, behind its closing quote; npos if it does not.
std::size_t end_of_quoted(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

struct Pair {
  std::string_view name;
  std::string_view value;  // without its quotes
};

// Takes `name=value` and the semicolon behind it off `rest`; nullopt when there is no such thing.
std::optional<Pair> take_pair(std::string_view& rest) {
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view name = rest.substr(0, equals);
  const std::string_view text = rest.substr(equals + 1);
  const bool is_quoted = text.starts_with('"');
  const std::size_t bytes = is_quoted ? end_of_quoted(text) : std::min(text.find_first_of("; \t"), text.size());
  if (bytes == std::string_view::npos || !http::syntax::is_token(name)) return std::nullopt;
  const std::string_view value = is_quoted ? text.substr(1, bytes - 2) : text.substr(0, bytes);
  if (!is_quoted && !http::syntax::is_token(value)) return std::nullopt;
  rest = base::trim(text.substr(bytes));
  if (!rest.empty() && rest.front() != ';') return std::nullopt;
  if (!rest.empty()) rest = base::trim(rest.substr(1));
  return Pair{name, value};
}

// Those that count; others may be there, and are not looked at.
struct Values {
  std::optional<std::string_view> node;
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> host;

  std::optional<std::string_view>* find(std::string_view name) {
    if (equals_ignoring_case(name, "for")) return &node;
    if (equals_ignoring_case(name, "proto")) return &scheme;
    return equals_ignoring_case(name, "host") ? &host : nullptr;
  }
};

std::optional<Values> parse_values(std::string_view element) {
  Values values;
  while (!element.empty()) {
    if (element.front() == ';') {  // an empty pair
      element = base::trim(element.substr(1));
      continue;
    }
    const auto pair = take_pair(element);
    if (!pair) return std::nullopt;
    std::optional<std::string_view>* const value = values.find(pair->name);
    if (value == nullptr) continue;
    if (*value) return std::nullopt;  // said twice: one of them may be somebody else's
    *value = pair->value;
  }
  return values;
}

// Names in place of an address: "unknown", "_hidden", with a port or without.
bool is_nameless(std::string_view node) {
  const std::string_view name = node.substr(0, node.find(':'));
  const auto may_follow = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; };
  return equals_ignoring_case(name, "unknown") ||
         (name.size() > 1 && name.front() == '_' && std::all_of(name.begin(), name.end(), may_follow));
}

}  // namespace

// From the end, as that is what the nearest proxy wrote: seen from there, quotes are balanced. Of those within a quoted
// string all have a backslash before them but the first, which has none.
std::string_view take_last_element(std::string_view& rest) {
  bool is_quoted = false;
  std::size_t begin = rest.size();
  for (; begin > 0; --begin) {
    const char c = rest[begin - 1];
    const bool is_escaped = is_quoted && begin > 1 && rest[begin - 2] == '\\';
    if (c == '"' && !is_escaped) is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) break;
  }
  const std::string_view element = base::trim(rest.substr(begin));
  rest = rest.substr(0, begin > 0 ? begin - 1 : 0);
  return element;
}

std::optional<std::string_view> ElementsFromLast::next() {
  while (taken_ < kElementsMax) {
    if (rest_.empty()) {
      if (fields_left_ == 0) return std::nullopt;
      const http::Field field = request_.field(--fields_left_);
      if (equals_ignoring_case(field.name, name_)) rest_ = field.value;
      continue;
    }
    ++taken_;
    const std::string_view element = take_last_element(rest_);
    if (!element.empty()) return element;
  }
  return std::nullopt;
}

std::optional<ForwardedElement> parse_forwarded(std::string_view element) {
  const auto values = parse_values(element);
  if (!values) return std::nullopt;
  ForwardedElement parsed;
  if (values->node && !is_nameless(*values->node)) {
    parsed.node = parse_node(*values->node);
    if (!parsed.node) return std::nullopt;
  }
  parsed.scheme = known_scheme(values->scheme.value_or(""));
  parsed.host = harmless_host(values->host.value_or(""));
  return parsed;
}

std::optional<Node> parse_forwarded_for(std::string_view element) {
  if (const auto address = Address::parse(element)) return Node{*address};
  return parse_node(element);
}

std::string_view known_scheme(std::string_view text) {
  constexpr std::array<std::string_view, 2> kSchemes{"https", "http"};
  for (const std::string_view scheme : kSchemes) {
    if (equals_ignoring_case(text, scheme)) return scheme;
  }
  return "";
}

std::string_view harmless_host(std::string_view text) {
  const bool is_v6 = text.starts_with('[');
  const auto is_harmless = [is_v6](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == ':' || (is_v6 && (c == '[' || c == ']'));
  };
  return http::syntax::is_host(text) && std::all_of(text.begin(), text.end(), is_harmless) ? text : "";
}

}  // namespace weir::middleware::internal
