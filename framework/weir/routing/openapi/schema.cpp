// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/schema.hpp>

#include <weir/routing/openapi/internal/schemas.hpp>

namespace weir::routing {

std::string json_schema(const base::described::TypeTable& type) {
  internal::Schemas schemas("#/$defs/");
  internal::Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  schema.update(schemas.of(type));
  if (internal::Json named = schemas.all(); !named.empty()) schema["$defs"] = std::move(named);
  return schema.dump(-1, ' ', false, internal::Json::error_handler_t::replace);
}

}  // namespace weir::routing
