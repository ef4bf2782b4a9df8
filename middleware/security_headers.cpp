// SPDX-License-Identifier: MIT
#include <middleware/security_headers.hpp>

#include <weir/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace weir::middleware {
namespace {

constexpr std::array<std::string_view, 2> kFrameOptions{"DENY", "SAMEORIGIN"};
constexpr std::array<std::string_view, 8> kReferrerPolicies{"no-referrer",
                                                            "no-referrer-when-downgrade",
                                                            "origin",
                                                            "same-origin",
                                                            "origin-when-cross-origin",
                                                            "strict-origin-when-cross-origin",
                                                            "unsafe-url",
                                                            "strict-origin"};
constexpr std::array<std::string_view, 3> kResourcePolicies{"same-origin", "same-site", "cross-origin"};
constexpr std::array<std::string_view, 4> kOpenerPolicies{"unsafe-none", "same-origin-allow-popups", "same-origin",
                                                          "noopener-allow-popups"};
constexpr std::chrono::seconds kPreloadAgeMin = std::chrono::hours(24 * 365);

void check_word(std::string_view name, std::string_view word, std::span<const std::string_view> known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  std::string words;
  for (const std::string_view each : known) words += (words.empty() ? "" : ", ") + std::string(each);
  throw std::invalid_argument("SecurityHeaders: " + std::string(name) + " is one of " + words + ", not \"" +
                              base::escape_for_log(word) + "\"");
}

// A list: browsers take the last one that they know.
void check_referrer_policy(std::string_view list) {
  while (!list.empty()) check_word("referrer_policy", base::trim(base::take_until(list, ',')), kReferrerPolicies);
}

void check(const SecurityHeadersOptions& options) {
  const auto check_set = [](std::string_view name, std::string_view word, std::span<const std::string_view> known) {
    if (!word.empty()) check_word(name, word, known);
  };
  check_set("frame_options", options.frame_options, kFrameOptions);
  check_referrer_policy(options.referrer_policy);
  check_set("cross_origin_resource_policy", options.cross_origin_resource_policy, kResourcePolicies);
  check_set("cross_origin_opener_policy", options.cross_origin_opener_policy, kOpenerPolicies);
  const std::chrono::seconds age = options.hsts_max_age.value_or(std::chrono::seconds(0));
  if (age < std::chrono::seconds(0)) throw std::invalid_argument("SecurityHeaders: hsts_max_age is negative");
  if (options.hsts_preload && (age < kPreloadAgeMin || !options.hsts_includes_subdomains)) {
    throw std::invalid_argument(
        "SecurityHeaders: hsts_preload needs hsts_includes_subdomains and an hsts_max_age of a year or more");
  }
}

std::string hsts_value(const SecurityHeadersOptions& options) {
  if (!options.hsts_max_age) return "";
  std::string value = "max-age=" + std::to_string(options.hsts_max_age->count());
  if (options.hsts_includes_subdomains) value += "; includeSubDomains";
  if (options.hsts_preload) value += "; preload";
  return value;
}

}  // namespace

SecurityHeaders::SecurityHeaders(const SecurityHeadersOptions& options) {
  check(options);
  add("X-Content-Type-Options", "nosniff");
  add("Content-Security-Policy", options.content_security_policy);
  add("X-Frame-Options", options.frame_options);
  add("Referrer-Policy", options.referrer_policy);
  add("Cross-Origin-Resource-Policy", options.cross_origin_resource_policy);
  add("Cross-Origin-Opener-Policy", options.cross_origin_opener_policy);
  add("Permissions-Policy", options.permissions_policy);
  const std::size_t count = fields_.size();
  add("Strict-Transport-Security", hsts_value(options));
  if (fields_.size() > count) fields_.back().is_for_https = true;
  all_ = all_of(false);
  all_for_https_ = all_of(true);
}

void SecurityHeaders::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  try {
    http::Response().add_header(name, value);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument("SecurityHeaders: " + std::string(error.what()));
  }
  fields_.push_back({name, std::string(value)});
}

// What answers get that set none of these themselves.
http::Response SecurityHeaders::all_of(bool is_https) const {
  http::Response all;
  for (const Field& field : fields_) {
    if (is_https || !field.is_for_https) all.add_header(field.name, field.value);
  }
  return all;
}

void SecurityHeaders::after(routing::Context& context, http::Response& response) const {
  // One walk over what the handler has set, rather than one for each field.
  std::uint32_t already_set = 0;
  std::string_view lines = response.field_lines();
  while (!lines.empty()) {
    std::string_view line = base::take_until(lines, '\n');
    const std::string_view name = base::take_until(line, ':');
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (base::equals_ignoring_case(name, fields_[i].name)) already_set |= 1U << i;
    }
  }
  const bool is_https = context.scheme() == "https";
  if (already_set == 0) {
    response.add_fields(is_https ? all_for_https_ : all_);
    return;
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const bool is_due = (already_set >> i & 1U) == 0 && (is_https || !fields_[i].is_for_https);
    if (is_due) response.add_header(fields_[i].name, fields_[i].value);
  }
}

}  // namespace weir::middleware
