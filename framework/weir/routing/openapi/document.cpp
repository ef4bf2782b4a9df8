// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/document.hpp>

#include <weir/base/text.hpp>
#include <weir/routing/openapi/docs.hpp>
#include <weir/routing/openapi/internal/answers.hpp>
#include <weir/routing/openapi/internal/operation_writer.hpp>
#include <weir/routing/openapi/internal/schemas.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::routing {
namespace {

using internal::Json;
using internal::PathTemplate;
using internal::template_of;

std::string lower(std::string_view text) {
  std::string lowered;
  for (const char c : text) lowered += base::to_lower(c);
  return lowered;
}

// "/users/{}" for "/users/{id}": of paths that OpenAPI takes for the same.
std::string shape_of(const PathPattern& pattern) {
  std::string shape;
  for (const PatternSegment& segment : pattern.segments) {
    shape.append("/").append(segment.kind == SegmentKind::kLiteral ? segment.text : "{}");
  }
  return shape;
}

Json info_of(const ApiDocs& docs) {
  Json info = {{"title", docs.title()}};
  if (!docs.description().empty()) info["description"] = docs.description();
  if (!docs.license().name.empty()) {
    info["license"] = {{"name", docs.license().name}};
    if (!docs.license().text.empty()) info["license"]["url"] = docs.license().text;
  }
  info["version"] = docs.version();
  return info;
}

Json servers_of(const ApiDocs& docs) {
  Json servers = Json::array();
  for (const auto& server : docs.servers()) {
    Json entry = {{"url", server.name}};
    if (!server.text.empty()) entry["description"] = server.text;
    servers.push_back(std::move(entry));
  }
  if (servers.empty()) servers.push_back({{"url", "/"}});
  return servers;
}

Json scheme_of(const SecurityScheme& scheme) {
  switch (scheme.kind) {
    case SecurityScheme::Kind::kBasic:
      return {{"type", "http"}, {"scheme", "basic"}};
    case SecurityScheme::Kind::kApiKey:
      return {{"type", "apiKey"}, {"name", scheme.detail}, {"in", "header"}};
    case SecurityScheme::Kind::kBearer:
      break;
  }
  Json bearer = {{"type", "http"}, {"scheme", "bearer"}};
  if (!scheme.detail.empty()) bearer["bearerFormat"] = scheme.detail;
  return bearer;
}

[[noreturn]] void refuse_scheme(const Route& route, const std::string& name) {
  throw SetupError("the route " + describe(route) + " has security(\"" + name +
                   "\"), and there is no scheme of that name: app.openapi().bearer_auth(\"" + name + "\")");
}

bool is_shown(const Route& route) {
  return !route.is_built_in && route.method != http::Method::kConnect &&
         (route.docs == nullptr || !route.docs->is_hidden);
}

std::vector<const Route*> shown_of(const Routes& routes) {
  std::vector<const Route*> shown;
  for (const Route& route : routes.all()) {
    if (is_shown(route)) shown.push_back(&route);
  }
  return shown;
}

using Ids = std::map<std::string, const Route*>;

// All before the first id is made up: those keep clear of them.
Ids given_ids(const std::vector<const Route*>& shown) {
  Ids ids;
  for (const Route* const route : shown) {
    if (route->docs == nullptr || route->docs->operation_id.empty()) continue;
    const auto [known, is_new] = ids.emplace(route->docs->operation_id, route);
    if (is_new) continue;
    throw SetupError("two routes have the operation id \"" + known->first + "\": " + describe(*known->second) +
                     " and " + describe(*route));
  }
  return ids;
}

void check_security(const Route& route, const ApiDocs& docs) {
  if (route.docs == nullptr || !route.docs->security) return;
  for (const std::string& name : *route.docs->security) {
    const auto is_it = [&name](const SecurityScheme& scheme) { return scheme.name == name; };
    if (std::none_of(docs.security_schemes().begin(), docs.security_schemes().end(), is_it)) refuse_scheme(route, name);
  }
}

class DocumentWriter {
 public:
  explicit DocumentWriter(const Routes& routes) : docs_(routes.api()) {
    for (const auto& tag : docs_.tags()) tags_.push_back(tag);
    const auto shown = shown_of(routes);
    ids_ = given_ids(shown);
    for (const Route* const route : shown) add(*route);
  }

  Json take() {
    Json document = {{"openapi", "3.1.0"}, {"info", info_of(docs_)}, {"servers", servers_of(docs_)}};
    document["security"] = Json::array();  // none is needed, unless an operation says so
    if (!tags_.empty()) document["tags"] = tags();
    document["paths"] = std::move(paths_);
    Json components = {{"schemas", schemas_.all()}};
    if (Json responses = answers_.all(); !responses.empty()) components["responses"] = std::move(responses);
    for (const SecurityScheme& scheme : docs_.security_schemes()) {
      components["securitySchemes"][scheme.name] = scheme_of(scheme);
    }
    document["components"] = std::move(components);
    return document;
  }

 private:
  void add(const Route& route) {
    const auto [known, is_new] = templates_.try_emplace(shape_of(route.pattern), template_of(route.pattern));
    const PathTemplate& path = known->second;
    const std::string method = lower(to_string(route.method));
    Json& item = paths_[path.text];
    if (item.contains(method)) return note_twin(item[method], route);
    item[method] = operations_.write(route, path, operation_id_of(route));
    if (route.docs != nullptr) note_tags(*route.docs);
    check_security(route, docs_);
  }

  // One operation stands for both, as a path has one of each method.
  static void note_twin(Json& operation, const Route& twin) {
    std::string text = operation.value("description", std::string());
    text.append(text.empty() ? "" : "\n\n").append("Values that do not fit here may fit ");
    text.append(to_string(twin.method)).append(" ").append(twin.pattern.text).append(".");
    operation["description"] = std::move(text);
  }

  std::string operation_id_of(const Route& route) {
    if (route.docs != nullptr && !route.docs->operation_id.empty()) return route.docs->operation_id;
    const std::string wanted = internal::default_operation_id(route);
    std::string id = wanted;
    for (int number = 2; !ids_.emplace(id, &route).second; ++number) {
      id = wanted;
      id.append("_").append(std::to_string(number));
    }
    return id;
  }

  void note_tags(const RouteDocs& docs) {
    for (const std::string& name : docs.tags) {
      const auto is_it = [&name](const ApiDocs::Named& tag) { return tag.name == name; };
      if (std::none_of(tags_.begin(), tags_.end(), is_it)) tags_.push_back({name, ""});
    }
  }

  Json tags() const {
    Json tags = Json::array();
    for (const auto& tag : tags_) {
      Json entry = {{"name", tag.name}};
      if (!tag.text.empty()) entry["description"] = tag.text;
      tags.push_back(std::move(entry));
    }
    return tags;
  }

  const ApiDocs& docs_;
  internal::Schemas schemas_{"#/components/schemas/"};
  internal::Answers answers_{schemas_};
  internal::OperationWriter operations_{schemas_, answers_};
  std::map<std::string, PathTemplate> templates_;  // by shape
  Ids ids_;
  std::vector<ApiDocs::Named> tags_;
  Json paths_ = Json::object();
};

}  // namespace

void check_documentation(const Routes& routes) {
  const auto shown = shown_of(routes);
  given_ids(shown);
  for (const Route* const route : shown) check_security(*route, routes.api());
}

std::string openapi_document(const Routes& routes, JsonLayout layout) {
  const int indent = layout == JsonLayout::kIndented ? 2 : -1;
  return DocumentWriter(routes).take().dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::routing
