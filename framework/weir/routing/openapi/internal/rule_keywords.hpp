// SPDX-License-Identifier: MIT
// The keywords of JSON Schema that say what a type of numbers, a rule, or a default value says.
#pragma once

#include <weir/base/described/type_table.hpp>

#include <nlohmann/json.hpp>

#include <string_view>

namespace weir::routing::internal {

/// A number of one of C++'s types: its kind, its format and, where it is small, its bounds.
nlohmann::ordered_json number_schema(base::described::Kind kind);

/// Adds what `rule` says of a value of `type` to its schema. Where another rule says the same, both hold.
void add_rule(nlohmann::ordered_json& schema, const base::described::TypeTable& type,
              const base::described::Rule& rule);

/// Adds null to the values that `schema` allows.
void allow_null(nlohmann::ordered_json& schema);

/// JSON text as a value; null for what is none.
nlohmann::ordered_json parse_or_null(std::string_view json);

}  // namespace weir::routing::internal
