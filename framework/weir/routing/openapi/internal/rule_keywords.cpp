// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/internal/rule_keywords.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace weir::routing::internal {
namespace {

using base::described::Kind;
using base::described::Number;
using base::described::Rule;
using base::described::TypeTable;
using Json = nlohmann::ordered_json;

template <class T>
Json whole_number(const char* format) {
  Json schema = {{"type", "integer"}, {"format", format}};
  // That of 32 bits and more is said by the format: as bounds, viewers take these for examples, and cannot even hold
  // those of 64 bits.
  if (std::is_unsigned_v<T> || sizeof(T) < 4) schema["minimum"] = std::numeric_limits<T>::min();
  if (sizeof(T) < 4) schema["maximum"] = std::numeric_limits<T>::max();
  return schema;
}

Json json_of(const Number& number) {
  if (number.is_real) return number.real;
  return number.beyond != 0 ? Json(number.beyond) : Json(number.whole);
}

// Compared as long double, which holds every integer of 64 bits exactly; nlohmann compares signed with unsigned badly.
long double value_of(const Json& number) {
  if (number.is_number_unsigned()) return static_cast<long double>(number.get<std::uint64_t>());
  if (number.is_number_integer()) return static_cast<long double>(number.get<std::int64_t>());
  return static_cast<long double>(number.get<double>());
}

void raise(Json& schema, const char* keyword, const Json& bound) {
  if (!schema.contains(keyword) || value_of(schema[keyword]) < value_of(bound)) schema[keyword] = bound;
}
void lower(Json& schema, const char* keyword, const Json& bound) {
  if (!schema.contains(keyword) || value_of(schema[keyword]) > value_of(bound)) schema[keyword] = bound;
}

// For keywords of which a schema has one, and a value may have to meet several.
void require(Json& schema, const char* keyword, const Json& value) {
  if (!schema.contains(keyword)) {
    schema[keyword] = value;
  } else if (schema[keyword] != value) {
    schema["allOf"].push_back({{keyword, value}});
  }
}

void add_counts(Json& schema, const Rule& rule, const char* min, const char* max) {
  if (rule.min_count != 0) raise(schema, min, rule.min_count);
  if (rule.max_count != Rule::kNoBound) lower(schema, max, rule.max_count);
}

bool is_map(const TypeTable& type) {
  return type.kind == Kind::kOptional ? is_map(*type.optional->inner) : type.kind == Kind::kMap;
}

}  // namespace

Json number_schema(Kind kind) {
  switch (kind) {
    case Kind::kInt8:
      return whole_number<std::int8_t>("int8");
    case Kind::kInt16:
      return whole_number<std::int16_t>("int16");
    case Kind::kInt32:
      return whole_number<std::int32_t>("int32");
    case Kind::kInt64:
      return whole_number<std::int64_t>("int64");
    case Kind::kUint8:
      return whole_number<std::uint8_t>("uint8");
    case Kind::kUint16:
      return whole_number<std::uint16_t>("uint16");
    case Kind::kUint32:
      return whole_number<std::uint32_t>("uint32");
    case Kind::kUint64:
      return whole_number<std::uint64_t>("uint64");
    case Kind::kFloat:
      return {{"type", "number"}, {"format", "float"}};
    default:
      return {{"type", "number"}, {"format", "double"}};
  }
}

void add_rule(Json& schema, const TypeTable& type, const Rule& rule) {
  switch (rule.kind) {
    case Rule::Kind::kLength:
      return add_counts(schema, rule, "minLength", "maxLength");
    case Rule::Kind::kItems:
      return is_map(type) ? add_counts(schema, rule, "minProperties", "maxProperties")
                          : add_counts(schema, rule, "minItems", "maxItems");
    case Rule::Kind::kMinimum:
      return raise(schema, "minimum", json_of(rule.number));
    case Rule::Kind::kMaximum:
      return lower(schema, "maximum", json_of(rule.number));
    case Rule::Kind::kMultipleOf:
      return require(schema, "multipleOf", json_of(rule.number));
    case Rule::Kind::kPattern:
      return require(schema, "pattern", std::string(rule.text));
    case Rule::Kind::kFormat:
      return require(schema, "format", std::string(rule.text));
    case Rule::Kind::kUnique:
      schema["uniqueItems"] = true;
      return;
    case Rule::Kind::kSummary:
      schema["description"] = std::string(rule.text);
      return;
    case Rule::Kind::kExample:
      schema["examples"].push_back(parse_or_null(rule.text));
      return;
    case Rule::Kind::kDeprecated:
      schema["deprecated"] = true;
      return;
    case Rule::Kind::kDefaulted:
    case Rule::Kind::kName:
      return;
  }
}

void allow_null(Json& schema) {
  const Json null_schema = {{"type", "null"}};
  if (schema.contains("$ref") || schema.contains("oneOf")) {
    schema = {{"anyOf", Json::array({std::move(schema), null_schema})}};
  } else if (schema.contains("type") && schema["type"].is_string()) {
    schema["type"] = Json::array({schema["type"], "null"});
  }
}

Json parse_or_null(std::string_view json) {
  Json value = Json::parse(json, nullptr, false);
  return value.is_discarded() ? Json() : value;
}

}  // namespace weir::routing::internal
