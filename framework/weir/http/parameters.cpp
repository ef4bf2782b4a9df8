// SPDX-License-Identifier: MIT
#include <weir/http/parameters.hpp>

#include <weir/base/text.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>

namespace weir::http {

std::optional<std::string> decode_form_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // a body may hold it unescaped
  std::string with_spaces(text);
  std::replace(with_spaces.begin(), with_spaces.end(), '+', ' ');
  std::string decoded;
  if (!append_percent_decoded(with_spaces, decoded)) return std::nullopt;
  return decoded;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Parameters::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : entries_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::optional<Parameters> parse_form(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    std::string_view value = base::take_until(text, '&');
    if (value.empty()) continue;
    const std::string_view name = base::take_until(value, '=');
    auto decoded_name = decode_form_text(name);
    auto decoded_value = decode_form_text(value);
    if (!decoded_name || !decoded_value) return std::nullopt;
    parameters.add(std::move(*decoded_name), std::move(*decoded_value));
  }
  return parameters;
}

std::optional<std::optional<std::string>> find_in_query(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view value = base::take_until(query, '&');
    const std::string_view raw_name = base::take_until(value, '=');
    const bool is_escaped = raw_name.find_first_of("%+") != std::string_view::npos;
    bool is_wanted = !is_escaped && raw_name == name;
    if (is_escaped) {
      const auto decoded_name = decode_form_text(raw_name);
      if (!decoded_name) return std::nullopt;
      is_wanted = *decoded_name == name;
    }
    if (!is_wanted) continue;
    auto decoded = decode_form_text(value);
    if (!decoded) return std::nullopt;
    return std::optional<std::optional<std::string>>(std::move(decoded));
  }
  return std::optional<std::optional<std::string>>(std::in_place, std::nullopt);
}

Parameters parse_cookies(std::string_view field_value) {
  Parameters cookies;
  while (!field_value.empty()) {
    std::string_view value = base::trim(base::take_until(field_value, ';'));
    if (value.find('=') == std::string_view::npos) continue;
    const std::string_view name = base::trim(base::take_until(value, '='));
    value = base::trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (syntax::is_token(name)) cookies.add(std::string(name), std::string(value));
  }
  return cookies;
}

}  // namespace weir::http
