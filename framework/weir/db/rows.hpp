// SPDX-License-Identifier: MIT
// What a query found, as values, or read into described types.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/db/query.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::db {

/// All rows of a query, in memory.
///
/// Thread: immutable.
class Rows {
 public:
  Rows() = default;
  Rows(std::vector<std::string> names, std::vector<std::vector<Value>> rows)
      : names_(std::move(names)), rows_(std::move(rows)) {}

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Value>& operator[](std::size_t row) const { return rows_[row]; }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<Value>> rows_;
};

/// Reads the rest of a query.
Rows take_rows(Query& query);

/// Reads the current row into a described object: each of its members from the column of its name. Columns that it does
/// not have are left out; a null leaves an optional member empty.
/// Errors: DatabaseError (kStatement): a required member without a column or value, or of another type; members that
///         are lists, maps or objects are of no column's type.
void read_row(const Query& query, const base::described::TypeTable& type, void* object);

template <class T>
std::vector<T> take_rows_as(Query& query) {
  std::vector<T> all;
  while (query.next()) read_row(query, base::described::Table<T>::kTable, &all.emplace_back());
  return all;
}

}  // namespace weir::db
