// SPDX-License-Identifier: MIT
#include <weir/db/sqlite.hpp>

#include "tests/db/sqlite_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::db {
namespace {

using base::described::field;
using base::described::fields;
using loop::Task;
using testing::HasSubstr;

struct Note {
  std::int64_t id = 0;
  std::optional<std::string> text;
  static constexpr auto describe() { return fields(field<&Note::id>(), field<&Note::text>()); }
};

Task<void> insert(Sqlite* db, std::int64_t id) {
  const auto one_note = [id](Connection& connection) { insert_note(connection, id); };
  co_await db->transact(one_note);
}

TEST_F(SqliteTest, QueryReturnsRows) {
  const auto db = open();
  const Rows rows = await(db->query("SELECT 1 AS a UNION ALL SELECT 2"));
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.names(), std::vector<std::string>{"a"});
}

TEST_F(SqliteTest, QueryTakesParametersOfAllKinds) {
  const auto db = open();
  const std::string text = "text";
  const Blob blob{std::byte{1}};
  const Rows rows = await(db->query("SELECT ?, ?, ?, ?, ?, ?, ?", nullptr, 1, 2.5, "literal", text, blob,
                                    std::optional<std::string>("maybe")));
  EXPECT_EQ(rows[0], (std::vector<Value>{Value(), std::int64_t{1}, 2.5, "literal", text, blob, "maybe"}));
}

TEST_F(SqliteTest, QueryOwnsItsParameters) {
  const auto db = open();
  auto text = std::make_unique<std::string>("a text that is longer than a small one");
  Task<Rows> task = db->query("SELECT ?", std::string_view(*text));
  text.reset();
  EXPECT_EQ(await(std::move(task))[0][0], Value("a text that is longer than a small one"));
}

TEST_F(SqliteTest, QueryAsReturnsObjects) {
  const auto db = open_with_table();
  await(insert(db.get(), 7));
  const auto notes = await(db->query_as<Note>("SELECT * FROM note WHERE id = ?", 7));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].text, "a note");
}

TEST_F(SqliteTest, AWrongQueryThrows) {
  const auto db = open();
  EXPECT_EQ(kind_awaited(db->query("SELEKT")), ErrorKind::kStatement);
  EXPECT_EQ(kind_awaited(db->query("SELECT ?")), ErrorKind::kStatement);
}

TEST_F(SqliteTest, AQueryMayNotWrite) {
  const auto db = open_with_table();
  EXPECT_EQ(kind_awaited(db->query("INSERT INTO note(id) VALUES(1)")), ErrorKind::kDenied);
  EXPECT_EQ(kind_awaited(db->query("PRAGMA query_only=OFF")), ErrorKind::kDenied);
  EXPECT_EQ(count_notes(*db), 0);
}

TEST_F(SqliteTest, ReadReturnsWhatTheFunctionDoes) {
  const auto db = open();
  EXPECT_EQ(await(db->read([](Connection&) { return std::string("x"); })), "x");
  await(db->read([](Connection&) {}));
}

TEST_F(SqliteTest, ReadThrowsWhatTheFunctionDoes) {
  const auto db = open();
  EXPECT_THROW(await(db->read([](Connection&) -> int { throw std::out_of_range("x"); })), std::out_of_range);
}

TEST_F(SqliteTest, AReadSeesOneState) {
  const auto db = open_with_table();
  const auto counts = await(db->read([&db](Connection& connection) {
    const std::int64_t before = count_notes(connection);
    db->transact_and_wait([](Connection& writer) { insert_note(writer, 1); });
    return std::pair(before, count_notes(connection));
  }));
  EXPECT_EQ(counts, std::pair(std::int64_t{0}, std::int64_t{0}));
  EXPECT_EQ(count_notes(*db), 1);
}

TEST_F(SqliteTest, AReadThatEndsItsTransactionIsDenied) {
  const auto db = open_with_table();
  EXPECT_EQ(kind_awaited(db->read([](Connection& connection) { connection.run("ROLLBACK"); })), ErrorKind::kDenied);
  EXPECT_EQ(count_notes(*db), 0);
}

TEST_F(SqliteTest, AReadThatTakesTooLongIsInterrupted) {
  Sqlite::Options changed = options();
  changed.read_time_max = std::chrono::milliseconds(20);
  const auto db = open(std::move(changed));
  EXPECT_EQ(kind_awaited(db->query(kEndless)), ErrorKind::kInterrupted);
  EXPECT_EQ(await(db->query("SELECT 1")).size(), 1U);
}

TEST_F(SqliteTest, TooManyReadsAreRefused) {
  Sqlite::Options changed = options();
  changed.readers = 1;
  changed.reads_waiting_max = 1;
  const auto db = open(std::move(changed));
  std::latch entered(1);
  std::latch released(1);
  ASSERT_TRUE(event_loop.try_post([&] {
    const auto wait = [](Sqlite* sqlite, std::latch* in, std::latch* out) -> Task<void> {
      const auto hold = [in, out](Connection&) {
        in->count_down();
        out->wait();
      };
      co_await sqlite->read(hold);
    };
    scope.spawn(wait(db.get(), &entered, &released));
  }));
  event_loop.run_once();
  entered.wait();
  bool is_second_there = false;
  ASSERT_TRUE(event_loop.try_post([&] {
    const auto second = [](Sqlite* sqlite, bool* is_there) -> Task<void> {
      co_await sqlite->query("SELECT 1");
      *is_there = true;
    };
    scope.spawn(second(db.get(), &is_second_there));
  }));
  event_loop.run_once();
  EXPECT_EQ(kind_awaited(db->query("SELECT 1")), ErrorKind::kBusy);
  released.count_down();
  while (!is_second_there) event_loop.run_for_event(std::chrono::milliseconds(100));
}

TEST_F(SqliteTest, TransactReturnsWhatTheFunctionDoes) {
  const auto db = open_with_table();
  const auto id = await(db->transact([](Connection& connection) {
    connection.run("INSERT INTO note(text) VALUES(?)", "first");
    return connection.last_id();
  }));
  EXPECT_EQ(id, 1);
}

TEST_F(SqliteTest, WhatIsTransactedIsThere) {
  const auto db = open_with_table();
  await(insert(db.get(), 1));
  EXPECT_EQ(count_notes(*db), 1);
}

TEST_F(SqliteTest, WhatIsTransactedIsThereAfterReopening) {
  auto db = open_with_table();
  await(insert(db.get(), 1));
  db.reset();
  EXPECT_EQ(count_notes(*open()), 1);
}

TEST_F(SqliteTest, ClosingMovesTheLogIntoTheFile) {
  auto db = open_with_table();
  await(insert(db.get(), 1));
  db.reset();
  std::error_code error;
  const auto size = std::filesystem::file_size(path() + "-wal", error);
  EXPECT_TRUE(error || size == 0) << size;
}

TEST_F(SqliteTest, WhatThrowsIsRolledBack) {
  const auto db = open_with_table();
  EXPECT_THROW(await(db->transact([](Connection& connection) {
                 insert_note(connection, 1);
                 throw std::out_of_range("x");
               })),
               std::out_of_range);
  EXPECT_EQ(count_notes(*db), 0);
}

TEST_F(SqliteTest, TransactHasABudgetOf50Milliseconds) {
  const auto db = open();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(kind_awaited(db->transact([](Connection& connection) { connection.run(kEndless); })),
            ErrorKind::kInterrupted);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
}

TEST_F(SqliteTest, ATransactionMayMakeTables) {
  const auto db = open();
  await(db->transact([](Connection& connection) { connection.run("CREATE TABLE t(a)"); }));
  EXPECT_EQ(await(db->query("SELECT * FROM t")).size(), 0U);
}

TEST_F(SqliteTest, TransactAndWaitThrowsWhatTheFunctionDoes) {
  const auto db = open();
  EXPECT_THROW(db->transact_and_wait([](Connection&) { throw std::out_of_range("x"); }), std::out_of_range);
  EXPECT_THROW(db->read_and_wait([](Connection&) { throw std::out_of_range("x"); }), std::out_of_range);
}

TEST_F(SqliteTest, ForeignKeysAreOn) {
  const auto db = open_with_table();
  EXPECT_EQ(kind_awaited(db->transact([](Connection& connection) {
              connection.run("CREATE TABLE part(note REFERENCES note(id))");
              connection.run("INSERT INTO part VALUES(99)");
            })),
            ErrorKind::kConstraint);
}

TEST_F(SqliteTest, FilesAreForTheirOwnerAlone) {
  const auto db = open_with_table();
  for (const char* const name : {"test.db", "test.db-wal", "test.db-shm", "test.db-gate"}) {
    struct stat status {};
    ASSERT_EQ(::stat(path(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(SqliteTest, ASecondOpenerInTheProcessIsRefused) {
  const auto db = open();
  EXPECT_THAT(refusal(path(), ErrorKind::kDenied), HasSubstr("this process has it open already"));
  std::filesystem::create_symlink(path(), path("link"));
  EXPECT_THAT(refusal(path("link"), ErrorKind::kDenied), HasSubstr("this process has it open already"));
}

TEST_F(SqliteTest, AFolderIsRefused) {
  EXPECT_EQ(refusal(path(""), ErrorKind::kDenied), "cannot open " + path("") + ": it is no regular file");
}

TEST_F(SqliteTest, AnAbsentFolderIsRefused) {
  EXPECT_THAT(refusal(path("none/file"), ErrorKind::kIo), HasSubstr("cannot open " + path("none/file")));
}

TEST_F(SqliteTest, WhatIsNoDatabaseIsRefused) {
  std::ofstream(path()) << std::string(10'000, 'x');
  EXPECT_EQ(refusal(path(), ErrorKind::kUnusable), "cannot open " + path() + ": file is not a database");
}

TEST_F(SqliteTest, ARefusedFileCanBeOpenedOnceItIsOne) {
  std::ofstream(path()) << "no database";
  refusal(path(), ErrorKind::kUnusable);
  std::filesystem::remove(path());
  EXPECT_NO_THROW(open());
}

}  // namespace
}  // namespace weir::db
