// SPDX-License-Identifier: MIT
// The answers that the framework gives in a handler's place, for documentation.
#pragma once

#include <weir/routing/openapi/internal/schemas.hpp>
#include <weir/routing/route.hpp>

#include <map>
#include <string>
#include <vector>

namespace weir::routing::internal {

/// Which statuses they have, for a route; but for those that any request may get, such as 431, and that are "default".
std::vector<int> framework_statuses(const Route& route);

/// Responses that operations refer to. Those that are asked for come to be.
class Answers {
 public:
  /// Adds the schema Problem to `schemas`.
  explicit Answers(Schemas& schemas);

  /// A reference to that of a status; 0: to that of any other error.
  Json reference(int status);
  Json all() const;

 private:
  Json problem_response(int status) const;

  Json content_;
  std::map<std::string, Json> responses_;
};

}  // namespace weir::routing::internal
