// SPDX-License-Identifier: MIT
// One operation of the document: what a route takes, gives back and is said of.
#pragma once

#include <weir/routing/openapi/internal/answers.hpp>
#include <weir/routing/openapi/internal/schemas.hpp>
#include <weir/routing/route.hpp>

#include <string>
#include <vector>

namespace weir::routing::internal {

/// A pattern as OpenAPI writes it.
struct PathTemplate {
  std::string text;                ///< "/users/{id}"
  std::vector<std::string> names;  ///< Of its parameters, in order.
};
PathTemplate template_of(const PathPattern& pattern);

/// "get_users_id"
std::string default_operation_id(const Route& route);

/// Ownership: borrows both, which outlive it.
class OperationWriter {
 public:
  OperationWriter(Schemas& schemas, Answers& answers) : schemas_(schemas), answers_(answers) {}

  /// Path parameters are called as in `path`, which has as many as the route.
  Json write(const Route& route, const PathTemplate& path, const std::string& operation_id);

 private:
  Json parameters_of(const Route& route, const PathTemplate& path);
  Json path_parameter(const PatternSegment& segment, const Operation& operation, const std::string& name);
  Json parameter_of(const ParameterInfo& info);
  Json content_of(const ContentInfo& content);
  Json request_body_of(const Operation& operation);
  Json responses_of(const Route& route);
  Json result_of(const ResultInfo& result);

  Schemas& schemas_;
  Answers& answers_;
};

}  // namespace weir::routing::internal
