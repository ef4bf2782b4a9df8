// SPDX-License-Identifier: MIT
#include <middleware/cors.hpp>

#include <middleware/internal/vary.hpp>

#include <weir/base/text.hpp>
#include <weir/http/method.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace weir::middleware {
namespace {

using base::equals_ignoring_case;

constexpr std::string_view kOrigin = "Origin";
constexpr std::string_view kRequestMethod = "Access-Control-Request-Method";
constexpr std::string_view kRequestHeaders = "Access-Control-Request-Headers";
constexpr std::string_view kStar = "*";
constexpr std::size_t kAskedHeadersMax = 64;

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  throw std::invalid_argument("Cors: \"" + base::escape_for_log(text) + "\" " + std::string(reason));
}

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& member : list) {
    if (!text.empty()) text += ", ";
    text += member;
  }
  return text;
}

void check_methods(const std::vector<std::string>& methods) {
  for (const std::string& method : methods) {
    const auto known = std::find(http::kMethodNames.begin(), http::kMethodNames.end(), method);
    const bool is_forbidden = method == "CONNECT" || method == "TRACE";  // to pages, by the Fetch standard
    if (method == kStar || (known != http::kMethodNames.end() && !is_forbidden)) continue;
    refuse(method, "is no method that a page could use here: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or \"*\"");
  }
}

// A star is a token, too.
void check_headers(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!http::syntax::is_token(name)) refuse(name, "is no name of a header");
  }
}

void check(const CorsOptions& options) {
  check_methods(options.methods);
  check_headers(options.headers);
  check_headers(options.exposed_headers);
  if (options.max_age < std::chrono::seconds(0)) throw std::invalid_argument("Cors: max_age is negative");
  if (!options.credentials) return;
  if (has(options.origins, kStar)) {
    refuse(kStar, "and credentials exclude each other: any page could act as who looks at it; list the origins");
  }
  if (has(options.origins, "null")) {
    refuse("null", "and credentials exclude each other: any page can be in a sandbox, whose origin that is");
  }
  const bool has_star =
      has(options.methods, kStar) || has(options.headers, kStar) || has(options.exposed_headers, kStar);
  if (has_star) refuse(kStar, "means nothing to browsers where there are credentials: list methods and headers");
}

// The value of a field that may be there once.
std::optional<std::string_view> find_single(const http::Request& request, std::string_view name) {
  std::optional<std::string_view> found;
  for (std::size_t i = 0; i < request.field_count(); ++i) {
    const http::Field field = request.field(i);
    if (!equals_ignoring_case(field.name, name)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

std::optional<std::string_view> find_origin(const http::Request& request) {
  const auto origin = find_single(request, kOrigin);
  return origin && (*origin == "null" || internal::is_origin(*origin)) ? origin : std::nullopt;
}

// Depends on the request alone: `before` and `after` have to agree.
bool is_preflight(const http::Request& request) {
  return request.method() == http::Method::kOptions && request.header(kRequestMethod) && find_origin(request);
}

bool is_own(std::string_view origin, const routing::Context& context) {
  const std::string_view scheme = context.scheme();
  return origin.starts_with(scheme) && origin.substr(scheme.size()).starts_with("://") &&
         equals_ignoring_case(origin.substr(scheme.size() + 3), context.host());
}

}  // namespace

Cors::Cors(const CorsOptions& options)
    : origins_(options.origins),
      methods_(options.methods),
      headers_(options.headers),
      is_any_method_(has(options.methods, kStar)),
      is_any_header_(has(options.headers, kStar)),
      has_credentials_(options.credentials),
      methods_text_(join(options.methods)),
      headers_text_(join(options.headers)),
      exposed_text_(join(options.exposed_headers)),
      max_age_text_(std::to_string(options.max_age.count())) {
  check(options);
}

std::optional<http::Response> Cors::before(routing::Context& context) const {
  const http::Request& request = context.request();
  if (!is_preflight(request)) return std::nullopt;
  http::Response response = http::Response::no_content();
  if (!origins_.is_any()) response.add_header("Vary", kOrigin);
  response.add_header("Vary", kRequestMethod);
  response.add_header("Vary", kRequestHeaders);
  if (!may_be_sent(request)) return response;
  allow_origin(response, *find_origin(request));
  if (!methods_text_.empty()) response.add_header("Access-Control-Allow-Methods", methods_text_);
  if (!headers_text_.empty()) response.add_header("Access-Control-Allow-Headers", headers_text_);
  response.add_header("Access-Control-Max-Age", max_age_text_);
  return response;
}

void Cors::after(routing::Context& context, http::Response& response) const {
  const http::Request& request = context.request();
  if (is_preflight(request)) return;  // `before` has said everything
  if (origins_.is_any()) {
    allow_origin(response, kStar);
  } else {
    internal::add_vary(response, kOrigin);
    const auto origin = find_origin(request);
    if (!origin || !origins_.contains(*origin) || is_own(*origin, context)) return;
    allow_origin(response, *origin);
  }
  if (!exposed_text_.empty()) response.set_header("Access-Control-Expose-Headers", exposed_text_);
}

bool Cors::may_be_sent(const http::Request& preflight) const {
  if (!origins_.is_any() && !origins_.contains(*find_origin(preflight))) return false;
  const auto method = find_single(preflight, kRequestMethod);
  if (!method || !is_method_allowed(*method)) return false;
  std::size_t asked = 0;
  for (std::size_t i = 0; i < preflight.field_count(); ++i) {
    if (!equals_ignoring_case(preflight.field(i).name, kRequestHeaders)) continue;
    std::string_view names = preflight.field(i).value;
    while (!names.empty()) {
      const std::string_view name = base::trim(base::take_until(names, ','));
      if (++asked > kAskedHeadersMax || !is_header_allowed(name)) return false;
    }
  }
  return true;
}

// Methods differ in case: a browser makes "get" a GET by itself, and leaves "patch" as it is.
bool Cors::is_method_allowed(std::string_view method) const {
  return is_any_method_ ? http::syntax::is_token(method) : has(methods_, method);
}

bool Cors::is_header_allowed(std::string_view name) const {
  const bool is_listed = std::any_of(headers_.begin(), headers_.end(), [name](const std::string& allowed) {
    return equals_ignoring_case(allowed, name);
  });
  if (is_listed || name.empty()) return true;  // an empty member of a list counts for nothing
  return is_any_header_ && http::syntax::is_token(name) && !equals_ignoring_case(name, "Authorization");
}

void Cors::allow_origin(http::Response& response, std::string_view origin) const {
  response.set_header("Access-Control-Allow-Origin", origins_.is_any() ? kStar : origin);
  if (has_credentials_) response.set_header("Access-Control-Allow-Credentials", "true");
}

}  // namespace weir::middleware
