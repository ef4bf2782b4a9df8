// SPDX-License-Identifier: MIT
#include <weir/db/query.hpp>

#include <weir/base/check.hpp>
#include <weir/db/connection.hpp>

#include <sqlite3.h>

namespace weir::db {

Query::Query(Query&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)), kept_(other.kept_) {}

Query::~Query() {
  if (statement_ != nullptr) connection_->give_back(statement_, kept_);
}

void Query::bind(int index, const BoundValue& value, bool is_outlived) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    sqlite3_destructor_type treatment;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(std::string_view text) const {
      return sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(), treatment,
                                 SQLITE_UTF8);
    }
    int operator()(std::span<const std::byte> bytes) const {
      return bytes.empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                           : sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), treatment);
    }
  };
  const int code = std::visit(Binder{statement_, index, is_outlived ? SQLITE_STATIC : SQLITE_TRANSIENT}, value);
  if (code != SQLITE_OK) connection_->fail(code);
}

bool Query::next() {
  connection_->check_transaction();
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  connection_->fail(code);
}

int Query::columns() const {
  return sqlite3_column_count(statement_);
}

std::string_view Query::name(int column) const {
  const char* const name = sqlite3_column_name(statement_, column);
  return name == nullptr ? std::string_view() : name;
}

Query::Type Query::type(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return Type::kInteger;
    case SQLITE_FLOAT:
      return Type::kReal;
    case SQLITE_TEXT:
      return Type::kText;
    case SQLITE_BLOB:
      return Type::kBytes;
    default:
      return Type::kNull;
  }
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Query::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Query::text(int column) const {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::byte> Query::bytes(int column) const {
  const auto* const bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Blob Query::blob(int column) const {
  const auto view = bytes(column);
  return {view.begin(), view.end()};
}

Value Query::value(int column) const {
  switch (type(column)) {
    case Type::kInteger:
      return integer(column);
    case Type::kReal:
      return real(column);
    case Type::kText:
      return std::string(text(column));
    case Type::kBytes:
      return blob(column);
    case Type::kNull:
      break;
  }
  return {};
}

}  // namespace weir::db
