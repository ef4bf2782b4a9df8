// SPDX-License-Identifier: MIT
#include <weir/routing/described_check.hpp>

#include <weir/routing/pattern_cache.hpp>
#include <weir/routing/setup_error.hpp>

#include <string>

namespace weir::routing {

using base::described::FieldTable;
using base::described::Rule;
using base::described::TypeTable;

void DescribedCheck::look_at(const TypeTable& type) {
  if (!seen_.insert(&type).second) return;
  if (type.object != nullptr) look_at_fields(type);
  if (type.list != nullptr) look_at(*type.list->item);
  if (type.map != nullptr) look_at(*type.map->value);
  if (type.optional != nullptr) look_at(*type.optional->inner);
  if (type.one_of == nullptr) return;
  for (const auto& alternative : type.one_of->alternatives) look_at(*alternative.type);
}

void DescribedCheck::look_at_fields(const TypeTable& type) {
  for (const FieldTable& field : type.object->fields) {
    for (const Rule& rule : field.rules) {
      if (rule.kind != Rule::Kind::kPattern) continue;
      const std::string_view error = pattern_error(rule.text);
      if (error.empty()) continue;
      throw SetupError("the pattern of " + std::string(type.name) + "." + std::string(field.name) +
                       " is no regular expression of RE2: " + std::string(error));
    }
    look_at(*field.type);
  }
}

}  // namespace weir::routing
