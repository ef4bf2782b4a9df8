// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/internal/operation_writer.hpp>

#include <weir/base/text.hpp>
#include <weir/http/status.hpp>
#include <weir/routing/openapi/docs.hpp>
#include <weir/routing/openapi/internal/rule_keywords.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace weir::routing::internal {
namespace {

using base::described::Kind;

// OpenAPI has other words for these: "If in is header and the name field is ... the parameter definition SHALL be
// ignored" (section 4.8.12.2.1).
bool is_said_elsewhere(const ParameterInfo& info) {
  constexpr std::array<std::string_view, 3> kNames{"accept", "content-type", "authorization"};
  return info.place == Place::kHeader && std::any_of(kNames.begin(), kNames.end(), [&info](std::string_view name) {
           return base::equals_ignoring_case(name, info.name);
         });
}

bool has_parameter(const Json& parameters, const ParameterInfo& info) {
  return std::any_of(parameters.begin(), parameters.end(), [&info](const Json& known) {
    return known["name"] == info.name && known["in"] == to_string(info.place);
  });
}

// Of a path parameter that a handler takes as plain text, or not at all.
Json schema_of(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kInt:
      return number_schema(Kind::kInt64);
    case SegmentKind::kUuid:
      return {{"type", "string"}, {"format", "uuid"}};
    default:
      return {{"type", "string"}};
  }
}

Json schema_of_undescribed(std::string_view media_type) {
  if (media_type.starts_with("text/")) return {{"type", "string"}};
  if (media_type.starts_with("multipart/")) return {{"type", "object"}};
  return Json::object();
}

std::string phrase_of(int status) {
  const std::string_view phrase = http::reason_phrase(status);
  return phrase.empty() ? "Status " + std::to_string(status) : std::string(phrase);
}

void append_word(std::string& id, std::string_view text) {
  id += '_';
  for (const char c : text) {
    const bool is_word = base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
    id += is_word ? c : '_';
  }
}

}  // namespace

PathTemplate template_of(const PathPattern& pattern) {
  PathTemplate path;
  for (const PatternSegment& segment : pattern.segments) {
    const bool is_parameter = segment.kind != SegmentKind::kLiteral;
    path.text.append("/").append(is_parameter ? "{" + segment.text + "}" : segment.text);
    if (is_parameter) path.names.push_back(segment.text);
  }
  return path;
}

std::string default_operation_id(const Route& route) {
  std::string id;
  for (const char c : to_string(route.method)) id += base::to_lower(c);
  for (const PatternSegment& segment : route.pattern.segments) {
    if (!segment.text.empty()) append_word(id, segment.text);
  }
  return id.find('_') == std::string::npos ? id + "_root" : id;
}

Json OperationWriter::write(const Route& route, const PathTemplate& path, const std::string& operation_id) {
  static const RouteDocs kNothing;
  const RouteDocs& docs = route.docs != nullptr ? *route.docs : kNothing;
  Json operation = Json::object();
  if (!docs.tags.empty()) operation["tags"] = docs.tags;
  operation["summary"] = docs.summary.empty() ? std::string(to_string(route.method)) + " " + path.text : docs.summary;
  if (!docs.description.empty()) operation["description"] = docs.description;
  operation["operationId"] = operation_id;
  if (Json parameters = parameters_of(route, path); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (const Operation& taken = *route.handler.operation(); !taken.contents.empty()) {
    operation["requestBody"] = request_body_of(taken);
  } else if (route.handler.streams_body()) {
    operation["requestBody"] = {{"content", {{"application/octet-stream", Json::object()}}}};
  }
  operation["responses"] = responses_of(route);
  if (docs.is_deprecated) operation["deprecated"] = true;
  if (docs.security) {
    Json& security = operation["security"] = Json::array();
    for (const std::string& scheme : *docs.security) security.push_back({{scheme, Json::array()}});
  }
  return operation;
}

Json OperationWriter::parameters_of(const Route& route, const PathTemplate& path) {
  const Operation& operation = *route.handler.operation();
  Json parameters = Json::array();
  std::size_t at = 0;
  for (const PatternSegment& segment : route.pattern.segments) {
    if (segment.kind == SegmentKind::kLiteral) continue;
    parameters.push_back(path_parameter(segment, operation, path.names[at++]));
  }
  for (const ParameterInfo& info : operation.parameters) {
    if (info.place == Place::kPath || is_said_elsewhere(info) || has_parameter(parameters, info)) continue;
    parameters.push_back(parameter_of(info));
  }
  return parameters;
}

Json OperationWriter::path_parameter(const PatternSegment& segment, const Operation& operation,
                                     const std::string& name) {
  Json parameter = {{"name", name}, {"in", "path"}};
  if (segment.kind == SegmentKind::kRest) parameter["description"] = "The rest of the path, slashes included.";
  parameter["required"] = true;
  const auto is_it = [&segment](const ParameterInfo& info) {
    return info.place == Place::kPath && info.name == segment.text;
  };
  const auto taken = std::find_if(operation.parameters.begin(), operation.parameters.end(), is_it);
  const bool is_typed = taken != operation.parameters.end() && taken->type->kind != Kind::kString;
  parameter["schema"] = is_typed ? schemas_.of(*taken->type) : schema_of(segment.kind);
  return parameter;
}

Json OperationWriter::parameter_of(const ParameterInfo& info) {
  Json parameter = {{"name", std::string(info.name)}, {"in", to_string(info.place)}};
  if (info.is_required) parameter["required"] = true;
  Json schema = schemas_.of(*info.type);
  if (info.is_repeated) schema = {{"type", "array"}, {"items", std::move(schema)}};
  if (info.append_default != nullptr) {
    std::string json;
    info.append_default(json);
    schema["default"] = parse_or_null(json);
  }
  parameter["schema"] = std::move(schema);
  return parameter;
}

Json OperationWriter::request_body_of(const Operation& operation) {
  Json content = Json::object();
  bool is_required = false;
  for (const ContentInfo& one : operation.contents) {
    content[std::string(one.media_type)] = content_of(one);
    is_required = is_required || one.type != nullptr || one.media_type.starts_with("multipart/");
  }
  Json body = {{"content", std::move(content)}};
  if (is_required) body["required"] = true;
  return body;
}

Json OperationWriter::content_of(const ContentInfo& content) {
  if (content.type == nullptr) {
    Json schema = schema_of_undescribed(content.media_type);
    return schema.empty() ? schema : Json{{"schema", std::move(schema)}};
  }
  const bool is_json = content.media_type.ends_with("json");
  return {{"schema", is_json ? schemas_.of(*content.type) : schemas_.of_form(*content.type)}};
}

Json OperationWriter::responses_of(const Route& route) {
  const ResultInfo& result = route.handler.operation()->result;
  Json responses = Json::object();
  // Where the handler makes the response itself, all that can be said is that it means well.
  const bool is_unknown = result.media_type.empty() && (result.status == 200 || route.handler.is_stream());
  if (is_unknown) {
    responses["2XX"] = {{"description", "As the operation answers."}};
  } else {
    responses[std::to_string(result.status)] = result_of(result);
  }
  for (const int status : framework_statuses(route)) responses[std::to_string(status)] = answers_.reference(status);
  responses["default"] = answers_.reference(0);
  return responses;
}

Json OperationWriter::result_of(const ResultInfo& result) {
  Json response = {{"description", phrase_of(result.status)}};
  if (result.status == 201) {
    response["headers"] = {
        {"Location", {{"description", "Where it is."}, {"schema", {{"type", "string"}, {"format", "uri-reference"}}}}}};
  }
  if (!result.media_type.empty()) {
    Json schema = result.type != nullptr ? schemas_.of(*result.type) : schema_of_undescribed(result.media_type);
    response["content"] = {{std::string(result.media_type), {{"schema", std::move(schema)}}}};
  }
  return response;
}

}  // namespace weir::routing::internal
