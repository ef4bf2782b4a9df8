// SPDX-License-Identifier: MIT
// Tells browsers to be strict with the answers.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// The values of the fields; "" leaves one out. The defaults suit an API, whose answers are no pages: a service with
/// pages sets a Content-Security-Policy of its own, here or in their handlers.
struct SecurityHeadersOptions {
  std::string content_security_policy = "default-src 'none'; frame-ancestors 'none'";
  std::string frame_options = "DENY";  ///< For browsers that do not know frame-ancestors.
  std::string referrer_policy = "no-referrer";
  std::string cross_origin_resource_policy = "same-origin";
  std::string cross_origin_opener_policy = "same-origin";
  std::string permissions_policy{};
  /// For how long browsers reach this host by https only; nullopt: as they like. Zero takes back what was said before.
  std::optional<std::chrono::seconds> hsts_max_age = std::chrono::hours(24 * 365);
  bool hsts_includes_subdomains = true;
  bool hsts_preload = false;  ///< Consents to be built into browsers, which is hard to take back.
};

/// `app.use(SecurityHeaders{})`: gives every answer that passes it, errors included, X-Content-Type-Options: nosniff
/// and the fields of its options; Strict-Transport-Security where Context::scheme is https only, as browsers ignore it
/// elsewhere. A field that the handler has set stays as it is.
///
/// Thread: immutable; never waits.
/// Errors: the constructor throws std::invalid_argument for a value that its field does not know, a control
///         character, a negative hsts_max_age, and hsts_preload without what it takes: subdomains, and a year.
/// Source: OWASP HTTP Headers and REST Security cheat sheets; RFC 6797 sections 6.1 and 7.2 (HSTS).
class SecurityHeaders {
 public:
  explicit SecurityHeaders(const SecurityHeadersOptions& options = {});
  void after(routing::Context& context, http::Response& response) const;

 private:
  struct Field {
    std::string_view name;
    std::string value;
    bool is_for_https = false;
  };
  void add(std::string_view name, std::string_view value);
  http::Response all_of(bool is_https) const;

  std::vector<Field> fields_;  // fewer than 32: `after` keeps a bit for each
  http::Response all_;
  http::Response all_for_https_;
};

}  // namespace weir::middleware
