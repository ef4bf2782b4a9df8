// SPDX-License-Identifier: MIT
// A statement that runs.
#pragma once

#include <weir/db/database_error.hpp>
#include <weir/db/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3_stmt;

namespace weir::db {

class Connection;

/// The rows of a statement, one at a time:
///
///     auto query = connection.query("SELECT id, title FROM note WHERE author = ?", author);
///     while (query.next()) use(query.get<std::int64_t>(0), query.get<std::string>(1));
///
/// Thread:    its connection's.
/// Ownership: borrows its connection, and of that a prepared statement, which is used again later.
/// Errors:    DatabaseError.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Goes to the next row; false behind the last.
  bool next();

  int columns() const;
  std::string_view name(int column) const;
  enum class Type : unsigned char { kInteger, kReal, kText, kBytes, kNull };
  Type type(int column) const;
  bool is_null(int column) const { return type(column) == Type::kNull; }

  /// The value in a column, counted from 0, of the row that next() went to. A null is 0, or empty; a std::optional
  /// tells. A std::string_view is good until the next call of next().
  /// Errors: kStatement where a number has no room in T.
  template <class T>
  T get(int column) const {
    if constexpr (std::is_same_v<T, std::string>)
      return std::string(text(column));
    else if constexpr (std::is_same_v<T, std::string_view>)
      return text(column);
    else if constexpr (std::is_same_v<T, Blob>)
      return blob(column);
    else if constexpr (std::is_same_v<T, Value>)
      return value(column);
    else if constexpr (std::is_same_v<T, bool>)
      return integer(column) != 0;
    else if constexpr (std::is_floating_point_v<T>)
      return static_cast<T>(real(column));
    else if constexpr (std::is_integral_v<T>)
      return whole<T>(column);
    else
      return is_null(column) ? T() : T(get<typename T::value_type>(column));
  }

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::span<const std::byte> bytes(int column) const;
  Blob blob(int column) const;
  Value value(int column) const;

 private:
  friend class Connection;
  Query(Connection& connection, sqlite3_stmt* statement, void* kept)
      : connection_(&connection), statement_(statement), kept_(kept) {}
  /// `is_outlived`: by the value, so that no copy is needed.
  void bind(int index, const BoundValue& value, bool is_outlived);

  template <class T>
  T whole(int column) const {
    const std::int64_t number = integer(column);
    if (!std::in_range<T>(number)) {
      throw DatabaseError(ErrorKind::kStatement, "the number in column " + std::string(name(column)) + " is too large");
    }
    return static_cast<T>(number);
  }

  Connection* connection_;
  sqlite3_stmt* statement_;  // null once moved from
  void* kept_;               // where its connection keeps it
};

}  // namespace weir::db
