// SPDX-License-Identifier: MIT
// Jobs in a SQLite file.
#pragma once

#include <weir/db/sqlite.hpp>
#include <weir/jobs/store.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace weir::jobs {

/// A store in a file that it may share with the tables of its user: jobs are enqueued within the user's transactions.
/// Whatever is asked while a commit is under way shares the next one.
///
/// Thread:    as Store.
/// Ownership: borrows the file and the clock.
class SqliteStore final : public Store {
 public:
  /// Makes the tables, or brings them to this program's version; waits for the disk.
  /// Errors: DatabaseError (kUnusable) when the file is of a newer version.
  SqliteStore(db::Sqlite& file, const base::Clock& clock);

  /// Writes a copy of the file at `path`, which may be in use, to `target`, which is not there yet. Its claims are far
  /// above those of the original: should it take the original's place, whoever had claimed before is refused.
  /// Errors: DatabaseError.
  static void back_up(const std::string& path, const std::string& target);

  void submit(Operation& operation) override;
  void on_change(std::function<void()> changed) override { changed_ = std::move(changed); }

  /// Within the user's own transaction: the jobs are there when that is committed, or not at all.
  Enqueue enqueue(db::Connection& connection, Enqueue jobs) const;

 private:
  class Change;
  void read(Operation& operation);

  db::Sqlite& file_;
  const base::Clock& clock_;
  std::function<void()> changed_;
  std::map<std::string, std::int64_t, std::less<>> queues_;  // of the writer's thread: numbers that are committed
};

}  // namespace weir::jobs
