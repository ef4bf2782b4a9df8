// SPDX-License-Identifier: MIT
// A file for coroutines, and a loop to run them on.
#pragma once

#include "tests/db/temporary_database.hpp"

#include <weir/loop/loop.hpp>
#include <weir/loop/task_scope.hpp>

#include <optional>
#include <string>
#include <utility>

namespace weir::db {

inline constexpr const char* kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

class SqliteTest : public DatabaseTest {
 protected:
  /// Runs `task` on the loop, to its end.
  template <class T>
  T await(loop::Task<T> task) {
    bool is_going = true;
    EXPECT_TRUE(event_loop.try_post([this, &task, &is_going] { scope.spawn(end(&task, &is_going)); }));
    event_loop.run_while(is_going);
    return task.take();
  }
  template <class T>
  static loop::Task<void> end(loop::Task<T>* task, bool* is_going) {
    co_await task->ended();
    *is_going = false;
  }
  template <class T>
  std::optional<ErrorKind> kind_awaited(loop::Task<T> task) {
    return kind_thrown([&] { await(std::move(task)); });
  }
  std::string refusal(const std::string& file, ErrorKind kind) {
    try {
      open(Sqlite::Options(file));
    } catch (const DatabaseError& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
    return "none";
  }

  loop::Loop event_loop;
  loop::TaskScope scope;
};

}  // namespace weir::db
