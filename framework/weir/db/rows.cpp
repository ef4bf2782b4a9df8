// SPDX-License-Identifier: MIT
#include <weir/db/rows.hpp>

#include <cstdint>
#include <limits>

namespace weir::db {
namespace {

using base::described::FieldTable;
using base::described::Kind;
using base::described::TypeTable;

[[noreturn]] void refuse(const FieldTable& field, std::string_view why) {
  throw DatabaseError(ErrorKind::kStatement, "column " + std::string(field.name) + ": " + std::string(why));
}

int column_of(const Query& query, std::string_view name) {
  for (int column = 0; column < query.columns(); ++column) {
    if (query.name(column) == name) return column;
  }
  return -1;
}

void expect_whole(const Query& query, int column, const FieldTable& field) {
  if (query.type(column) != Query::Type::kInteger) refuse(field, "it is no whole number");
}

double number_of(const Query& query, int column, const FieldTable& field) {
  const Query::Type type = query.type(column);
  if (type != Query::Type::kReal && type != Query::Type::kInteger) refuse(field, "it is no number");
  return query.real(column);
}

template <class T>
void set_whole(const Query& query, int column, const FieldTable& field, void* target) {
  expect_whole(query, column, field);
  const std::int64_t number = query.integer(column);
  if (!std::in_range<T>(number)) refuse(field, "the number is too large for its member");
  *static_cast<T*>(target) = static_cast<T>(number);
}

void read_value(const Query& query, int column, const FieldTable& field, const TypeTable& type, void* target) {
  switch (type.kind) {
    case Kind::kBool:
      expect_whole(query, column, field);
      *static_cast<bool*>(target) = query.integer(column) != 0;
      return;
    case Kind::kInt8:
      return set_whole<std::int8_t>(query, column, field, target);
    case Kind::kInt16:
      return set_whole<std::int16_t>(query, column, field, target);
    case Kind::kInt32:
      return set_whole<std::int32_t>(query, column, field, target);
    case Kind::kInt64:
      return set_whole<std::int64_t>(query, column, field, target);
    case Kind::kUint8:
      return set_whole<std::uint8_t>(query, column, field, target);
    case Kind::kUint16:
      return set_whole<std::uint16_t>(query, column, field, target);
    case Kind::kUint32:
      return set_whole<std::uint32_t>(query, column, field, target);
    case Kind::kUint64:
      return set_whole<std::uint64_t>(query, column, field, target);
    case Kind::kFloat:
      *static_cast<float*>(target) = static_cast<float>(number_of(query, column, field));
      return;
    case Kind::kDouble:
      *static_cast<double*>(target) = number_of(query, column, field);
      return;
    case Kind::kString:
      if (query.type(column) != Query::Type::kText) refuse(field, "it is no text");
      *static_cast<std::string*>(target) = query.text(column);
      return;
    case Kind::kText:
      if (!type.text->parse(query.text(column), target)) refuse(field, std::string("it is not ") + type.text->expected);
      return;
    case Kind::kEnum:
      for (const auto& enumerator : type.enumeration->enumerators) {
        if (enumerator.name == query.text(column)) return type.enumeration->set(target, enumerator.value);
      }
      refuse(field, "it is none of the names of its type");
    case Kind::kOptional:
      return read_value(query, column, field, *type.optional->inner, type.optional->emplace(target));
    default:
      refuse(field, "a column has no lists, maps or objects");
  }
}

}  // namespace

Rows take_rows(Query& query) {
  std::vector<std::string> names;
  for (int column = 0; column < query.columns(); ++column) names.emplace_back(query.name(column));
  std::vector<std::vector<Value>> rows;
  while (query.next()) {
    std::vector<Value>& row = rows.emplace_back();
    for (int column = 0; column < query.columns(); ++column) row.push_back(query.value(column));
  }
  return {std::move(names), std::move(rows)};
}

void read_row(const Query& query, const TypeTable& type, void* object) {
  if (type.kind != Kind::kObject) throw DatabaseError(ErrorKind::kStatement, "a row is read into a described type");
  for (const FieldTable& field : type.object->fields) {
    const int column = column_of(query, field.name);
    if (column >= 0 && !query.is_null(column)) {
      read_value(query, column, field, *field.type, field.get(object));
    } else if (column >= 0 && field.type->kind == Kind::kOptional) {
      field.type->optional->reset(field.get(object));
    } else if (field.is_required) {
      refuse(field, column < 0 ? "there is no such column" : "it is null");
    }
  }
}

}  // namespace weir::db
