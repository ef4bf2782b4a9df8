// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/internal/answers.hpp>

#include <weir/http/status.hpp>

#include <algorithm>
#include <string_view>

namespace weir::routing::internal {
namespace {

using base::described::Kind;

constexpr const char* kProblem = "Problem";
constexpr const char* kProblemError = "ProblemError";
constexpr std::string_view kBytes = "application/octet-stream";

// Any text does for a string; and a path parameter is there, or the route is not found.
bool may_be_invalid(const ParameterInfo& info) {
  const bool is_any_text = info.type->kind == Kind::kString && info.type->rules.empty();
  return !is_any_text || (info.is_required && info.place != Place::kPath);
}

bool may_be_unprocessable(const Operation& operation) {
  return std::any_of(operation.contents.begin(), operation.contents.end(),
                     [](const ContentInfo& content) { return content.type != nullptr; }) ||
         std::any_of(operation.parameters.begin(), operation.parameters.end(), may_be_invalid);
}

const char* description_of(int status) {
  switch (status) {
    case 400:
      return "The request is malformed: its target, its fields, or the syntax of its content.";
    case 404:
      return "There is nothing of that kind.";
    case 413:
      return "The content is larger than this operation takes.";
    case 415:
      return "The content has to be of another media type.";
    case 422:
      return "Values of the request are not as they have to be; `errors` names each of them.";
    case 500:
      return "The service failed.";
    case 503:
      return "The service is busy or stopping: try again later.";
    case 504:
      return "The service did not answer in time.";
    default:
      return "Any other error.";
  }
}

// What failures.cpp writes of one failure. The bounds of a broken rule have names of their own: "min", "allowed".
Json error_schema() {
  Json places = {"path", "query", "header", "cookie", "body", "form"};
  return {
      {"type", "object"},
      {"description", "One value that is not as it has to be. Further members say what was expected of it."},
      {"properties",
       {{"in", {{"type", "string"}, {"enum", std::move(places)}}},
        {"pointer",
         {{"type", "string"}, {"format", "json-pointer"}, {"description", "In the body: where, as RFC 6901 says."}}},
        {"name", {{"type", "string"}, {"description", "Elsewhere: the parameter, or the member of the form."}}},
        {"rule", {{"type", "string"}, {"description", "What was broken: required, type, length, range, ..."}}},
        {"detail", {{"type", "string"}, {"description", "One sentence for people."}}}}},
      {"required", {"in", "rule", "detail"}}};
}

Json problem_schema(Json error_reference) {
  return {{"type", "object"},
          {"description", "An error, in the form of RFC 9457."},
          {"properties",
           {{"type", {{"type", "string"}, {"format", "uri-reference"}, {"examples", {"about:blank"}}}},
            {"title", {{"type", "string"}, {"description", "What the status means."}}},
            {"status", {{"type", "integer"}, {"format", "int32"}, {"minimum", 400}, {"maximum", 599}}},
            {"detail", {{"type", "string"}, {"description", "What is wrong, for people."}}},
            {"errors",
             {{"type", "array"},
              {"items", std::move(error_reference)},
              {"description", "All that is wrong with the request; 400, 415 and 422 have it."}}}}},
          {"required", {"type", "title", "status"}}};
}

// "Service Unavailable" is ServiceUnavailable.
std::string name_of(int status) {
  if (status == 0) return kProblem;
  std::string name(http::reason_phrase(status));
  name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }), name.end());
  return name;
}

}  // namespace

std::vector<int> framework_statuses(const Route& route) {
  const Operation& operation = *route.handler.operation();
  const bool reads_content = !operation.contents.empty() || route.handler.streams_body();
  const bool may_wait = route.pool || route.handler.is_async();
  std::vector<int> statuses;
  const auto add = [&statuses](int status, bool is_possible) {
    if (is_possible) statuses.push_back(status);
  };
  add(400, true);  // the target and the fields of any request may be malformed
  add(404, operation.result.may_be_missing);
  add(413, reads_content);
  add(415, std::any_of(operation.contents.begin(), operation.contents.end(),
                       [](const ContentInfo& content) { return content.media_type != kBytes; }));
  add(422, may_be_unprocessable(operation));
  add(500, true);
  add(503, may_wait || reads_content);
  add(504, may_wait || route.timeout);
  return statuses;
}

Answers::Answers(Schemas& schemas) {
  schemas.add(kProblemError, error_schema());
  schemas.add(kProblem, problem_schema(schemas.reference(kProblemError)));
  content_ = {{"application/problem+json", {{"schema", schemas.reference(kProblem)}}}};
}

Json Answers::reference(int status) {
  const std::string name = name_of(status);
  if (!responses_.contains(name)) responses_[name] = problem_response(status);
  return {{"$ref", "#/components/responses/" + name}};
}

Json Answers::problem_response(int status) const {
  Json response = {{"description", description_of(status)}};
  if (status == 503) {
    response["headers"] = {
        {"Retry-After",
         {{"description", "After how many seconds to try again."}, {"schema", {{"type", "integer"}, {"minimum", 1}}}}}};
  }
  response["content"] = content_;
  return response;
}

Json Answers::all() const {
  Json responses = Json::object();
  for (const auto& [name, response] : responses_) responses[name] = response;
  return responses;
}

}  // namespace weir::routing::internal
