// SPDX-License-Identifier: MIT
// What is said of routes and of the whole service beside what their types say: words for the OpenAPI document.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::routing {

/// Of one route, or, as defaults, of all routes of a group.
struct RouteDocs {
  std::string summary;
  std::string description;
  std::string operation_id;
  std::vector<std::string> tags;
  /// Names of security schemes, one of which suffices. Set and empty: none is needed; unset: as the group says.
  std::optional<std::vector<std::string>> security;
  bool is_deprecated = false;
  bool is_hidden = false;

  bool is_empty() const {
    return summary.empty() && description.empty() && operation_id.empty() && tags.empty() && !security &&
           !is_deprecated && !is_hidden;
  }
  void add_security(std::string_view scheme) {
    if (!security) security.emplace();
    security->emplace_back(scheme);
  }
  /// Takes from `outer`, the docs of a group around it, what this does not say: its tags come first, and what is hidden
  /// or deprecated there is so here.
  void inherit(const RouteDocs& outer);
};

/// How a client says who it is.
struct SecurityScheme {
  enum class Kind : std::uint8_t { kBearer, kBasic, kApiKey };
  Kind kind = Kind::kBearer;
  std::string name;
  std::string detail;  ///< The header of an API key; the format of a bearer token, such as "JWT", if it is said.
};

/// Of the whole service: `app.openapi().title("Orders").bearer_auth("token")`. Documentation alone: that a scheme is
/// named lets nobody in or out, a middleware does.
///
/// Thread: one, before serving.
class ApiDocs {
 public:
  struct Named {
    std::string name;
    std::string text;
  };

  ApiDocs& title(std::string_view text) { return set(title_, text); }
  ApiDocs& version(std::string_view text) { return set(version_, text); }
  /// May be CommonMark, as all descriptions may.
  ApiDocs& description(std::string_view text) { return set(description_, text); }
  ApiDocs& license(std::string_view name, std::string_view url) {
    license_ = {std::string(name), std::string(url)};
    return *this;
  }
  /// Where the service is reached; without any it is where the document comes from.
  ApiDocs& server(std::string_view url, std::string_view description = {}) { return add(servers_, url, description); }
  /// A sentence about a tag; its place among the others, too.
  ApiDocs& tag(std::string_view name, std::string_view description) { return add(tags_, name, description); }
  /// Authorization: Bearer. `format` is a hint for people, such as "JWT".
  ApiDocs& bearer_auth(std::string_view name, std::string_view format = {}) {
    return add_scheme(SecurityScheme::Kind::kBearer, name, format);
  }
  /// Authorization: Basic.
  ApiDocs& basic_auth(std::string_view name) { return add_scheme(SecurityScheme::Kind::kBasic, name, {}); }
  ApiDocs& api_key(std::string_view name, std::string_view header) {
    return add_scheme(SecurityScheme::Kind::kApiKey, name, header);
  }

  const std::string& title() const { return title_; }
  const std::string& version() const { return version_; }
  const std::string& description() const { return description_; }
  const Named& license() const { return license_; }
  std::span<const Named> servers() const { return servers_; }
  std::span<const Named> tags() const { return tags_; }
  std::span<const SecurityScheme> security_schemes() const { return security_schemes_; }

 private:
  ApiDocs& set(std::string& member, std::string_view text) {
    member = text;
    return *this;
  }
  ApiDocs& add(std::vector<Named>& list, std::string_view name, std::string_view text) {
    list.push_back({std::string(name), std::string(text)});
    return *this;
  }
  ApiDocs& add_scheme(SecurityScheme::Kind kind, std::string_view name, std::string_view detail) {
    security_schemes_.push_back({kind, std::string(name), std::string(detail)});
    return *this;
  }

  std::string title_ = "API";
  std::string version_ = "0.0.0";
  std::string description_;
  Named license_;
  std::vector<Named> servers_;
  std::vector<Named> tags_;
  std::vector<SecurityScheme> security_schemes_;
};

}  // namespace weir::routing
