// SPDX-License-Identifier: MIT
// What a transaction of the user's may do to the others of its tick: nothing.
#include "tests/db/sqlite_fixture.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace weir::db {
namespace {

using loop::Task;

/// What a transaction does between two others of the same tick, and what it meets.
class TransactBetweenOthersTest : public SqliteTest {
 protected:
  std::optional<ErrorKind> kind_between(TestWrite::Body body) {
    const auto db = open_with_table();
    std::optional<ErrorKind> met;
    TestWrite before([](Connection& connection) { insert_note(connection, 1); });
    TestWrite after([](Connection& connection) { insert_note(connection, 3); });
    bool is_going = true;
    {
      HeldWriter held(*db);
      db->submit(before);
      const auto meet = [](Sqlite* sqlite, TestWrite::Body own, std::optional<ErrorKind>* out,
                           bool* going) -> Task<void> {
        try {
          co_await sqlite->transact(std::move(own));
        } catch (const DatabaseError& error) {
          *out = error.kind();
        }
        *going = false;
      };
      EXPECT_TRUE(event_loop.try_post([&] { scope.spawn(meet(db.get(), std::move(body), &met, &is_going)); }));
      event_loop.run_once();
      db->submit(after);
    }
    event_loop.run_while(is_going);
    EXPECT_EQ(before.wait().settlement, Settlement::kCommitted);
    EXPECT_EQ(after.wait().settlement, Settlement::kCommitted);
    const Rows ids = await(db->query("SELECT id FROM note ORDER BY id"));
    std::string all;
    for (const auto& row : ids) all += std::to_string(std::get<std::int64_t>(row[0])) + " ";
    EXPECT_EQ(all, met ? "1 3 " : "1 2 3 ");
    return met;
  }
};

TEST_F(TransactBetweenOthersTest, AllAreThere) {
  EXPECT_EQ(kind_between([](Connection& connection) { insert_note(connection, 2); }), std::nullopt);
}

TEST_F(TransactBetweenOthersTest, ABrokenRuleUndoesItAlone) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              insert_note(connection, 2);
              insert_note(connection, 1);
            }),
            ErrorKind::kConstraint);
}

TEST_F(TransactBetweenOthersTest, OrRollbackUndoesItAlone) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              insert_note(connection, 2);
              connection.run("INSERT OR ROLLBACK INTO note(id) VALUES(1)");
            }),
            ErrorKind::kConstraint);
}

TEST_F(TransactBetweenOthersTest, OrRollbackThatItSwallowsUndoesItAlone) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              insert_note(connection, 2);
              kind_thrown([&] { connection.run("INSERT OR ROLLBACK INTO note(id) VALUES(1)"); });
            }),
            ErrorKind::kDenied);
}

TEST_F(TransactBetweenOthersTest, NothingIsWrittenAfterOrRollback) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              kind_thrown([&] { connection.run("INSERT OR ROLLBACK INTO note(id) VALUES(1)"); });
              insert_note(connection, 2);
            }),
            ErrorKind::kDenied);
}

TEST_F(TransactBetweenOthersTest, TransactionControlIsDenied) {
  for (const char* const sql : {"COMMIT", "ROLLBACK", "SAVEPOINT own", "RELEASE write", "ROLLBACK TO write"}) {
    EXPECT_EQ(kind_between([sql](Connection& connection) {
                insert_note(connection, 2);
                connection.run(sql);
              }),
              ErrorKind::kDenied);
    std::filesystem::remove(path());
    std::filesystem::remove(path("test.db-wal"));
    std::filesystem::remove(path("test.db-shm"));
  }
}

TEST_F(TransactBetweenOthersTest, ADeferredRuleThatIsBrokenUndoesItAlone) {
  open_with_table()->transact_and_wait([](Connection& connection) {
    connection.run("CREATE TABLE part(note REFERENCES note(id) DEFERRABLE INITIALLY DEFERRED)");
  });
  EXPECT_EQ(kind_between([](Connection& connection) {
              insert_note(connection, 2);
              connection.run("INSERT INTO part VALUES(99)");
            }),
            ErrorKind::kConstraint);
}

TEST_F(TransactBetweenOthersTest, AReadThatTakesTooLongUndoesItAlone) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              insert_note(connection, 2);
              connection.run(kEndless);
            }),
            ErrorKind::kInterrupted);
}

TEST_F(TransactBetweenOthersTest, AWriteThatTakesTooLongUndoesItAlone) {
  EXPECT_EQ(kind_between([](Connection& connection) {
              connection.run(
                  "INSERT INTO note(id) SELECT * FROM (WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n)"
                  " SELECT i FROM n)");
            }),
            ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace weir::db
