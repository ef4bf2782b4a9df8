// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/internal/schemas.hpp>

#include <weir/routing/json/json_writer.hpp>
#include <weir/routing/openapi/internal/rule_keywords.hpp>
#include <weir/routing/route_table.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace weir::routing::internal {
namespace {

using base::described::CheckTable;
using base::described::FieldTable;
using base::described::Kind;
using base::described::ObjectTable;

Json text_schema(const base::described::TextTable& table) {
  Json schema = {{"type", "string"}};
  if (!table.format.empty()) {
    schema["format"] = std::string(table.format);
  } else if (std::string_view(table.expected) != "a valid value") {
    schema["description"] = std::string(table.expected);
  }
  return schema;
}

Json enum_schema(const base::described::EnumTable& table) {
  Json names = Json::array();
  for (const auto& enumerator : table.enumerators) names.push_back(std::string(enumerator.name));
  return {{"type", "string"}, {"enum", std::move(names)}};
}

std::string words_of(std::span<const CheckTable> checks) {
  std::string text;
  for (const CheckTable& check : checks) {
    text.append(text.empty() ? "It has to hold that " : ", and that ").append(check.text);
  }
  return text + '.';
}

// What each member is in a new object; null where it has to be there, or is nothing.
std::vector<Json> defaults_of(const ObjectTable& table) {
  struct Collector {
    const ObjectTable& table;
    std::vector<Json> values;
    static void collect(void* self, const void* object) {
      Collector& collector = *static_cast<Collector*>(self);
      for (std::size_t i = 0; i < collector.table.fields.size(); ++i) {
        const FieldTable& field = collector.table.fields[i];
        if (field.is_required) continue;
        std::string json;
        append_json(json, *field.type, field.get(const_cast<void*>(object)));  // a getter only adds an offset
        collector.values[i] = parse_or_null(json);
      }
    }
  };
  Collector collector{table, std::vector<Json>(table.fields.size())};
  if (table.with_new != nullptr) table.with_new(&collector, &Collector::collect);
  return std::move(collector.values);
}

void check_examples(const TypeTable& type, const FieldTable& field) {
  for (const Rule& rule : field.rules) {
    if (rule.kind != Rule::Kind::kExample || Json::accept(rule.text)) continue;
    throw SetupError("the example of " + std::string(type.name) + "." + std::string(field.name) +
                     " is not JSON: " + std::string(rule.text) + " (text is in quotes there)");
  }
}

bool has_items_rule(const FieldTable& field) {
  return std::any_of(field.rules.begin(), field.rules.end(),
                     [](const Rule& rule) { return rule.kind == Rule::Kind::kItems && rule.min_count != 0; });
}

// In a form a list without items is as if it were not there.
bool is_required(const FieldTable& field, bool is_form) {
  return field.is_required && (!is_form || field.type->kind != Kind::kList || has_items_rule(field));
}

bool differs_as_form(const TypeTable& type) {
  const auto fields = type.object->fields;
  return std::any_of(fields.begin(), fields.end(),
                     [](const FieldTable& field) { return field.is_required && !is_required(field, true); });
}

void erase_all(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

Json Schemas::of(const TypeTable& type, std::span<const Rule> rules) {
  Json schema = unruled(type);
  for (const Rule& rule : type.rules) add_rule(schema, type, rule);
  for (const Rule& rule : rules) add_rule(schema, type, rule);
  return schema;
}

Json Schemas::of_form(const TypeTable& type) {
  if (type.kind != Kind::kObject || !differs_as_form(type)) return of(type);
  return named(type, {.is_form = true});
}

Json Schemas::all() const {
  Json schemas = Json::object();
  for (const auto& [name, schema] : named_) schemas[name] = schema;
  return schemas;
}

Json Schemas::unruled(const TypeTable& type) {
  switch (type.kind) {
    case Kind::kBool:
      return {{"type", "boolean"}};
    case Kind::kString:
      return {{"type", "string"}};
    case Kind::kText:
      return text_schema(*type.text);
    case Kind::kEnum:
    case Kind::kObject:
      return named(type, {});
    case Kind::kOptional: {
      Json schema = of(*type.optional->inner);
      allow_null(schema);
      return schema;
    }
    case Kind::kList: {
      Json schema = {{"type", "array"}, {"items", of(*type.list->item)}};
      if (type.list->fixed_size == 0) return schema;
      schema["minItems"] = type.list->fixed_size;
      schema["maxItems"] = type.list->fixed_size;
      return schema;
    }
    case Kind::kMap:
      return {{"type", "object"}, {"additionalProperties", of(*type.map->value)}};
    case Kind::kOneOf:
      return one_of(type);
    case Kind::kDocument:
      return Json::object();
    default:
      return number_schema(type.kind);
  }
}

Json Schemas::named(const TypeTable& type, const Variant& variant) {
  const Key key{&type, variant.discriminator, variant.tag, variant.is_form};
  if (const auto known = names_.find(key); known != names_.end()) return reference(known->second);
  // The name is taken before the members are looked at: one of them may be of this very type.
  const std::string name = free_name(component_name(type.name) + (variant.is_form ? "Form" : ""));
  names_[key] = name;
  named_[name] = Json();
  Json schema = type.kind == Kind::kEnum ? enum_schema(*type.enumeration) : object_of(type, variant);
  named_[name] = std::move(schema);
  return reference(name);
}

Json Schemas::object_of(const TypeTable& type, const Variant& variant) {
  Json schema = {{"type", "object"}};
  if (!type.object->checks.empty()) schema["description"] = words_of(type.object->checks);
  Json properties = Json::object();
  Json required = Json::array();
  if (!variant.discriminator.empty()) {
    properties[std::string(variant.discriminator)] = {{"type", "string"}, {"const", std::string(variant.tag)}};
    required.push_back(std::string(variant.discriminator));
  }
  std::vector<Json> defaults = defaults_of(*type.object);
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    const FieldTable& field = type.object->fields[i];
    check_examples(type, field);
    Json member = of(*field.type, field.rules);
    if (!defaults[i].is_null()) member["default"] = std::move(defaults[i]);
    properties[std::string(field.name)] = std::move(member);
    if (is_required(field, variant.is_form)) required.push_back(std::string(field.name));
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Json Schemas::one_of(const TypeTable& type) {
  const auto& table = *type.one_of;
  Json alternatives = Json::array();
  Json mapping = Json::object();
  for (const auto& alternative : table.alternatives) {
    Json schema = named(*alternative.type, {.discriminator = table.discriminator, .tag = alternative.tag});
    mapping[std::string(alternative.tag)] = schema["$ref"];
    alternatives.push_back(std::move(schema));
  }
  return {{"oneOf", std::move(alternatives)},
          {"discriminator", {{"propertyName", std::string(table.discriminator)}, {"mapping", std::move(mapping)}}}};
}

std::string Schemas::free_name(const std::string& wanted) const {
  std::string name = wanted;
  for (int number = 2; named_.contains(name); ++number) name = wanted + std::to_string(number);
  return name;
}

std::string component_name(std::string_view type_name) {
  std::string text(type_name);
  erase_all(text, "(anonymous namespace)::");
  erase_all(text, "{anonymous}::");
  std::string name;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_word(text[i])) {
      word += text[i];
      continue;
    }
    const bool is_qualifier = text.compare(i, 2, "::") == 0;
    if (!word.empty() && !is_qualifier) name.append(name.empty() ? "" : "_").append(word);
    word.clear();
  }
  return name.empty() ? "Object" : name;
}

}  // namespace weir::routing::internal
