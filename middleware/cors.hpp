// SPDX-License-Identifier: MIT
// Lets pages of other origins read the answers (CORS).
#pragma once

#include <middleware/internal/origin.hpp>

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// Who may do what. Each list may be "*" where there are no credentials.
struct CorsOptions {
  /// As browsers send them, "https://app.example.com"; "https://*.example.com" for every host below that one (and not
  /// that one); "null", which is any page in a sandbox; or "*", alone, for all pages there are.
  std::vector<std::string> origins{};
  std::vector<std::string> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  /// Of requests, beyond those that pages may always send. "*" does not stand for Authorization, which needs a place of
  /// its own in the list.
  std::vector<std::string> headers{"Content-Type"};
  /// Of answers, beyond those that pages may always read.
  std::vector<std::string> exposed_headers{};
  /// Whether cookies and the like may come along.
  bool credentials = false;
  /// For how long a browser may keep the answer to a preflight; it may have a lower bound of its own.
  std::chrono::seconds max_age{600};
};

/// `app.use(Cors{{.origins = {"https://app.example.com"}}})`: answers preflights with 204, and gives every other
/// answer, errors included, the fields that let a page of a listed origin read it.
///
/// It refuses nothing: whoever is not listed gets the answer without these fields, and it is the browser that keeps it
/// from the page. With "*" every answer carries the fields; else `Vary: Origin`, whether it carries them or not, so
/// that a cache mixes up no two origins. A malformed Origin, or several, count as none. A request of the service's own
/// origin (Context::scheme and host) is left alone. Private network access is not supported: such preflights get no
/// leave.
///
/// Use it on an app or a group, as a preflight has no route of its own; outside of what asks who the client is, as a
/// preflight does not say.
///
/// Thread: immutable; never waits.
/// Errors: the constructor throws std::invalid_argument for what is no origin, method or header name, for an origin
///         that browsers never send, a negative max_age, and "*" or "null" together with credentials.
/// Source: the Fetch standard, section "HTTP CORS protocol"; RFC 9110 section 12.5.5 (Vary).
class Cors {
 public:
  explicit Cors(const CorsOptions& options);

  std::optional<http::Response> before(routing::Context& context) const;
  void after(routing::Context& context, http::Response& response) const;

 private:
  bool may_be_sent(const http::Request& preflight) const;
  bool is_method_allowed(std::string_view method) const;
  bool is_header_allowed(std::string_view name) const;
  void allow_origin(http::Response& response, std::string_view origin) const;

  internal::OriginList origins_;
  std::vector<std::string> methods_;
  std::vector<std::string> headers_;
  bool is_any_method_ = false;
  bool is_any_header_ = false;
  bool has_credentials_ = false;
  // Values of fields, written once.
  std::string methods_text_;
  std::string headers_text_;
  std::string exposed_text_;
  std::string max_age_text_;
};

}  // namespace weir::middleware
