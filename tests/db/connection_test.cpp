// SPDX-License-Identifier: MIT
#include <weir/db/connection.hpp>

#include "tests/db/temporary_database.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>

namespace weir::db {
namespace {

constexpr std::chrono::hours kLong{1};

base::TimePoint from_now(std::chrono::nanoseconds by) {
  return base::SystemClock::instance().now() + by;
}

class ConnectionTest : public testing::Test {
 protected:
  template <class T>
  Value there_and_back(const T& value) {
    Query query = connection.query("SELECT ?", value);
    EXPECT_TRUE(query.next());
    return query.get<Value>(0);
  }
  template <class T>
  T number(const char* sql) {
    Query query = connection.query(sql);
    EXPECT_TRUE(query.next());
    return query.get<T>(0);
  }

  Connection connection{{.path = ":memory:"}};
};

TEST_F(ConnectionTest, NullComesBack) {
  EXPECT_EQ(there_and_back(nullptr), Value());
}

TEST_F(ConnectionTest, IntegersComeBackAtTheirLimits) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t value : {Limits::min(), std::int64_t{-1}, std::int64_t{0}, Limits::max()}) {
    EXPECT_EQ(there_and_back(value), Value(value));
  }
}

TEST_F(ConnectionTest, SmallIntegersAndBoolsAreIntegers) {
  EXPECT_EQ(there_and_back(7), Value(std::int64_t{7}));
  EXPECT_EQ(there_and_back(true), Value(std::int64_t{1}));
  EXPECT_EQ(there_and_back(std::uint32_t{4'294'967'295}), Value(std::int64_t{4'294'967'295}));
}

TEST_F(ConnectionTest, AnIntegerAboveTheLimitIsRefused) {
  const std::uint64_t value = std::uint64_t{1} << 63;
  EXPECT_EQ(kind_thrown([&] { there_and_back(value); }), ErrorKind::kStatement);
}

TEST_F(ConnectionTest, RealsComeBack) {
  EXPECT_EQ(there_and_back(0.1), Value(0.1));
  EXPECT_EQ(there_and_back(0.5F), Value(0.5));
  EXPECT_EQ(there_and_back(std::numeric_limits<double>::max()), Value(std::numeric_limits<double>::max()));
}

TEST_F(ConnectionTest, TextComesBackWithItsZeroBytes) {
  const std::string text("a\0b\0", 4);
  EXPECT_EQ(there_and_back(text), Value(text));
}

TEST_F(ConnectionTest, TextOfAllKindsIsBound) {
  EXPECT_EQ(there_and_back("literal"), Value("literal"));
  EXPECT_EQ(there_and_back(std::string_view("view")), Value("view"));
  EXPECT_EQ(there_and_back(std::string()), Value(std::string()));
  EXPECT_EQ(there_and_back(std::string_view()), Value(std::string()));
}

TEST_F(ConnectionTest, BytesComeBack) {
  const Blob blob{std::byte{0}, std::byte{255}};
  EXPECT_EQ(there_and_back(blob), Value(blob));
  EXPECT_EQ(there_and_back(std::span<const std::byte>(blob)), Value(blob));
  EXPECT_EQ(there_and_back(Blob()), Value(Blob()));
}

TEST_F(ConnectionTest, OptionalsAreNullOrWhatTheyHold) {
  EXPECT_EQ(there_and_back(std::optional<int>()), Value());
  EXPECT_EQ(there_and_back(std::optional<int>(3)), Value(std::int64_t{3}));
  EXPECT_EQ(there_and_back(std::optional<std::string>("x")), Value("x"));
}

TEST_F(ConnectionTest, ValuesAreBound) {
  for (const Value& value : {Value(), Value(std::int64_t{3}), Value(0.5), Value("x"), Value(Blob{std::byte{1}})}) {
    EXPECT_EQ(there_and_back(value), value);
  }
}

TEST_F(ConnectionTest, GetReadsIntoTheTypesOfTheCaller) {
  Query query = connection.query("SELECT 1 AS flag, 2.5, 'text', x'01', NULL, 5");
  ASSERT_TRUE(query.next());
  EXPECT_EQ(query.columns(), 6);
  EXPECT_EQ(query.name(0), "flag");
  EXPECT_TRUE(query.get<bool>(0));
  EXPECT_EQ(query.get<float>(1), 2.5F);
  EXPECT_EQ(query.get<std::string_view>(2), "text");
  EXPECT_EQ(query.get<Blob>(3), Blob{std::byte{1}});
  EXPECT_TRUE(query.is_null(4));
  EXPECT_EQ(query.get<int>(4), 0);
  EXPECT_EQ(query.get<std::optional<int>>(4), std::nullopt);
  EXPECT_EQ(query.get<std::optional<int>>(5), 5);
  EXPECT_FALSE(query.next());
}

TEST_F(ConnectionTest, ANumberWithoutRoomIsRefused) {
  Query query = connection.query("SELECT 256 AS size");
  ASSERT_TRUE(query.next());
  EXPECT_EQ(query.get<std::int16_t>(0), 256);
  EXPECT_EQ(kind_thrown([&] { query.get<std::uint8_t>(0); }), ErrorKind::kStatement);
}

TEST_F(ConnectionTest, TheWrongNumberOfParametersIsRefused) {
  EXPECT_EQ(kind_thrown([&] { connection.run("SELECT ?"); }), ErrorKind::kStatement);
  EXPECT_EQ(kind_thrown([&] { connection.run("SELECT ?", 1, 2); }), ErrorKind::kStatement);
}

TEST_F(ConnectionTest, TwoStatementsAreRefused) {
  EXPECT_EQ(kind_thrown([&] { connection.run("SELECT 1; SELECT 2"); }), ErrorKind::kStatement);
}

TEST_F(ConnectionTest, NoStatementIsRefused) {
  for (const std::string_view sql : {std::string_view(), std::string_view(" ;"), std::string_view("-- none")}) {
    EXPECT_EQ(kind_thrown([&] { connection.run(sql); }), ErrorKind::kStatement);
  }
}

TEST_F(ConnectionTest, RunTellsHowManyRowsChanged) {
  EXPECT_EQ(connection.run("CREATE TABLE t(a)"), 0);
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(1), (2)"), 2);
  EXPECT_EQ(connection.run("UPDATE t SET a = 3 WHERE a = 1"), 1);
  EXPECT_EQ(connection.run("UPDATE t SET a = 3 WHERE a = 1"), 0);
  EXPECT_EQ(connection.run("SELECT * FROM t"), 0);
}

TEST_F(ConnectionTest, AStatementThatChangesNoRowsDoesNotTellOfTheLastThatDid) {
  connection.run("CREATE TABLE t(a)");
  connection.run("INSERT INTO t VALUES(1)");
  EXPECT_EQ(connection.run("CREATE TABLE u(a)"), 0);
}

TEST_F(ConnectionTest, LastIdIsTheKeyOfTheNewRow) {
  connection.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
  connection.run("INSERT INTO t VALUES(?)", 42);
  EXPECT_EQ(connection.last_id(), 42);
}

TEST_F(ConnectionTest, ABrokenRuleIsOfItsOwnKind) {
  connection.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
  connection.run("INSERT INTO t VALUES(1)");
  EXPECT_EQ(kind_thrown([&] { connection.run("INSERT INTO t VALUES(1)"); }), ErrorKind::kConstraint);
}

TEST_F(ConnectionTest, AWrongStatementSaysWhatIsWrong) {
  try {
    connection.run("SELEKT 1");
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStatement);
    EXPECT_NE(std::string(error.what()).find("SELEKT"), std::string::npos);
  }
}

TEST_F(ConnectionTest, AnAbsentFileIsNotMade) {
  EXPECT_EQ(kind_thrown([] { Connection({.path = "/nowhere/file"}); }), ErrorKind::kIo);
}

TEST_F(ConnectionTest, GuardedCodeMayNotControlTransactionsNorAttachNorSetPragmas) {
  connection.guard(from_now(kLong));
  for (const char* const sql :
       {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "ATTACH ':memory:' AS other",
        "DETACH other", "PRAGMA synchronous=OFF", "PRAGMA user_version", "VACUUM INTO '/tmp/copy'"}) {
    EXPECT_EQ(kind_thrown([&] { connection.run(sql); }), ErrorKind::kDenied) << sql;
    EXPECT_EQ(kind_thrown([&] { connection.execute(sql); }), ErrorKind::kDenied) << sql;
  }
}

TEST_F(ConnectionTest, AKeptStatementDoesNotPassTheGuard) {
  connection.run("PRAGMA user_version");
  connection.run("SAVEPOINT a");
  connection.guard(from_now(kLong));
  EXPECT_EQ(kind_thrown([&] { connection.run("PRAGMA user_version"); }), ErrorKind::kDenied);
  EXPECT_EQ(kind_thrown([&] { connection.run("SAVEPOINT a"); }), ErrorKind::kDenied);
}

TEST_F(ConnectionTest, GuardedCodeMayReadAndWrite) {
  connection.guard(from_now(kLong));
  connection.run("CREATE TABLE t(a)");
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(1)"), 1);
}

TEST_F(ConnectionTest, NothingRunsAfterTheTransactionThatWasGuardedHasEnded) {
  connection.run("CREATE TABLE t(a UNIQUE)");
  connection.execute("BEGIN; INSERT INTO t VALUES(1)");
  connection.guard(from_now(kLong));
  EXPECT_EQ(kind_thrown([&] { connection.run("INSERT OR ROLLBACK INTO t VALUES(1)"); }), ErrorKind::kConstraint);
  EXPECT_EQ(kind_thrown([&] { connection.run("INSERT INTO t VALUES(2)"); }), ErrorKind::kDenied);
  EXPECT_EQ(kind_thrown([&] { connection.execute("INSERT INTO t VALUES(2)"); }), ErrorKind::kDenied);
  connection.lift_guard();
  EXPECT_EQ(number<int>("SELECT count(*) FROM t"), 0);
}

TEST_F(ConnectionTest, AStatementBeyondTheDeadlineIsInterrupted) {
  connection.guard(from_now(std::chrono::milliseconds(1)));
  const char* const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  EXPECT_EQ(kind_thrown([&] { connection.run(endless); }), ErrorKind::kInterrupted);
}

TEST_F(ConnectionTest, TheGuardCanBeLifted) {
  connection.guard(from_now(-kLong));
  connection.lift_guard();
  connection.execute("BEGIN; COMMIT");
  const char* const long_one =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n";
  EXPECT_EQ(kind_thrown([&] { connection.run(long_one); }), std::nullopt);
}

TEST_F(ConnectionTest, AStatementIsUsedTwiceAtTheSameTime) {
  Query first = connection.query("SELECT ?", 1);
  Query second = connection.query("SELECT ?", 2);
  ASSERT_TRUE(first.next());
  ASSERT_TRUE(second.next());
  EXPECT_EQ(first.get<int>(0), 1);
  EXPECT_EQ(second.get<int>(0), 2);
}

TEST_F(ConnectionTest, AMovedQueryGoesOn) {
  Query first = connection.query("SELECT 1 UNION ALL SELECT 2");
  ASSERT_TRUE(first.next());
  Query second = std::move(first);
  ASSERT_TRUE(second.next());
  EXPECT_EQ(second.get<int>(0), 2);
}

TEST_F(ConnectionTest, AStatementIsPreparedOnceHoweverItEnds) {
  int prepared = 0;
  const auto count = [](void* context, int, const char*, const char*, const char*, const char*) {
    ++*static_cast<int*>(context);
    return 0;
  };
  sqlite3_set_authorizer(connection.native(), count, &prepared);
  connection.run("SELECT 7");
  const int once = prepared;
  connection.run("SELECT 7;");
  connection.run("SELECT 7 ; \n");
  EXPECT_GT(once, 0);
  EXPECT_EQ(prepared, once);
}

TEST_F(ConnectionTest, AKeptStatementForgetsItsLastParameters) {
  EXPECT_EQ(there_and_back(1), Value(std::int64_t{1}));
  EXPECT_EQ(there_and_back(nullptr), Value());
}

TEST_F(ConnectionTest, AStatementThatFailedIsUsedAgain) {
  connection.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
  const char* const insert = "INSERT INTO t VALUES(?)";
  connection.run(insert, 1);
  EXPECT_EQ(kind_thrown([&] { connection.run(insert, 1); }), ErrorKind::kConstraint);
  EXPECT_EQ(connection.run(insert, 2), 1);
}

TEST_F(ConnectionTest, KeepsABoundedNumberOfStatements) {
  const auto memory = [this] {
    int now = 0;
    int peak = 0;
    sqlite3_db_status(connection.native(), SQLITE_DBSTATUS_STMT_USED, &now, &peak, 0);
    return now;
  };
  for (int i = 0; i < 1'000; ++i) connection.run("SELECT " + std::to_string(i));
  const int after_thousand = memory();
  for (int i = 1'000; i < 10'000; ++i) connection.run("SELECT " + std::to_string(i));
  EXPECT_LE(memory(), after_thousand * 2);
}

TEST_F(ConnectionTest, KeptStatementsSurviveAChangeOfTheSchema) {
  connection.run("CREATE TABLE t(a)");
  connection.run("INSERT INTO t VALUES(1)");
  EXPECT_EQ(number<int>("SELECT a FROM t"), 1);
  connection.run("ALTER TABLE t ADD COLUMN b");
  EXPECT_EQ(number<int>("SELECT a FROM t"), 1);
}

}  // namespace
}  // namespace weir::db
