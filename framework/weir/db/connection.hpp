// SPDX-License-Identifier: MIT
// One connection to a SQLite file, with its prepared statements.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/db/query.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace weir::db {

/// What a statement runs on: within a transaction that somebody else has begun and will end, or reading.
///
/// Thread: one at a time.
/// Errors: DatabaseError.
class Connection {
 public:
  struct Options {
    std::string path;
    bool is_read_only = false;
    std::string vfs = {};  ///< SQLite's own when empty.
  };
  /// Opens the file, which exists.
  explicit Connection(const Options& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// One statement with its parameters, to read from.
  template <class... Parameters>
  Query query(std::string_view sql, const Parameters&... parameters) {
    const std::array<BoundValue, sizeof...(Parameters)> values{bound(parameters)...};
    return start(sql, values);
  }
  Query start(std::string_view sql, std::span<const BoundValue> parameters);

  /// One statement, to its end. Returns how many rows it changed.
  template <class... Parameters>
  std::int64_t run(std::string_view sql, const Parameters&... parameters) {
    const std::array<BoundValue, sizeof...(Parameters)> values{bound(parameters)...};
    return run_all(sql, values);
  }
  std::int64_t run_all(std::string_view sql, std::span<const BoundValue> parameters);

  /// The key of the row that came last.
  std::int64_t last_id() const;

  /// Several statements without parameters, not kept: a schema, a pragma, the control of transactions.
  void execute(const char* sql);
  bool is_in_transaction() const;

  /// From here on statements may not begin or end transactions, attach files or set pragmas, and end with kInterrupted
  /// after `deadline`: code of the user's runs. Within a transaction nothing runs after that has ended (as a conflict
  /// clause can do): it would be committed by itself. Until lift_guard().
  void guard(base::TimePoint deadline);
  void lift_guard() { is_guarded_ = false; }

  sqlite3* native() const { return database_; }

 private:
  friend class Query;
  struct Hooks;
  /// The statements of one text.
  struct Kept {
    std::vector<sqlite3_stmt*> idle;
    std::size_t used = 0;
  };
  using Texts = std::map<std::string, Kept, std::less<>>;
  Kept& kept(std::string_view sql);
  Query prepare(std::string_view sql, std::span<const BoundValue> parameters, bool is_outlived);
  void give_back(sqlite3_stmt* statement, void* kept) noexcept;
  sqlite3_stmt* compile(std::string_view sql) const;
  static void finalize_idle(Texts& texts) noexcept;
  void check_transaction() const;
  [[noreturn]] void fail(int code) const;

  sqlite3* database_ = nullptr;
  std::array<Texts, 2> texts_;  // prepared without and with the guard: that looks only when one is prepared
  // Where the texts were found last, by their addresses: those of literals stay.
  static constexpr unsigned kShortcutBits = 6;
  std::array<std::array<Texts::value_type*, 1U << kShortcutBits>, 2> shortcuts_{};
  base::TimePoint deadline_{};
  bool is_guarded_ = false;
  bool is_transaction_guarded_ = false;
};

}  // namespace weir::db
