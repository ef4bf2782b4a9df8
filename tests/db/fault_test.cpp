// SPDX-License-Identifier: MIT
// What is promised of a write holds when the disk fails, is full, or loses power.
#include "tests/db/fault_vfs.hpp"
#include "tests/db/temporary_database.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>

namespace weir::db {
namespace {

using Fault = FaultVfs::Fault;
using Lasts = FaultVfs::Lasts;
using Ids = std::set<std::int64_t>;

Ids ids_of(Connection& connection) {
  Ids ids;
  Query query = connection.query("SELECT id FROM note");
  while (query.next()) ids.insert(query.get<std::int64_t>(0));
  return ids;
}

/// The ids in a file, which is whole, as SQLite's own file system shows it.
Ids ids_in_whole(const std::string& path) {
  Connection connection({.path = path});
  {
    Query query = connection.query("PRAGMA integrity_check");
    EXPECT_TRUE(query.next());
    EXPECT_EQ(query.text(0), "ok");
  }
  return ids_of(connection);
}

class FaultTest : public DatabaseTest {
 protected:
  FaultTest() { log.set_level(base::LogLevel::kOff); }

  /// An empty table in small pages, so that the log is moved often.
  void make_file() const {
    FaultVfs::restore({}, path(), path());
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database,
                           "PRAGMA synchronous=OFF; PRAGMA page_size=512;"
                           "CREATE TABLE note(id INTEGER PRIMARY KEY, text)",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
  }
  static TestWrite::Body insert(std::int64_t id, int bytes) {
    return [id, bytes](Connection& connection) {
      connection.run("INSERT INTO note(id, text) VALUES(?, randomblob(?))", id, bytes);
    };
  }
  /// Writes `count` notes in transactions of one, two and three.
  void write_notes(Sqlite& db, int count, int bytes) {
    for (int done = 0, together = 1; done < count; together = together % 3 + 1) {
      std::deque<TestWrite> writes;
      for (int i = 0; i < together; ++i) {
        const Write::Traits traits{.may_refuse = i != 1, .may_grow = i != 2};
        db.submit(writes.emplace_back(traits, insert(next_id + i, bytes)));
      }
      for (TestWrite& write : writes) outcomes[next_id++] = write.wait();
      done += together;
    }
  }
  void expect_as_settled(const Ids& ids) const {
    for (const auto& [id, outcome] : outcomes) {
      if (outcome.settlement == Settlement::kUnknown) continue;
      EXPECT_EQ(ids.contains(id), outcome.settlement == Settlement::kCommitted) << "note " << id << ' ' << outcome.why;
    }
  }
  /// One life of a database whose nth operation fails. False when there are not that many.
  bool survives_fault_at(std::size_t nth, Fault fault, Lasts lasts, int notes, int bytes) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    make_file();
    outcomes.clear();
    next_id = 1;
    FaultVfs vfs;
    auto db = open(options(vfs.name()));
    vfs.fail_at(nth, fault, lasts);
    write_notes(*db, notes, bytes);
    const bool has_failed = vfs.failures() > 0;
    vfs.heal();
    TestWrite last(insert(next_id, bytes));
    outcomes[next_id] = last.run_on(*db);
    EXPECT_EQ(outcomes[next_id].settlement, Settlement::kCommitted) << outcomes[next_id].why;
    db->read_and_wait([this](Connection& connection) { expect_as_settled(ids_of(connection)); });
    db.reset();
    expect_as_settled(ids_in_whole(path()));
    return has_failed;
  }
  /// The same, but that the disk fails until the process has ended.
  void expect_survives_end(Fault fault) {
    constexpr std::size_t kOperations = 100;
    for (std::size_t nth = 1; nth <= kOperations && !HasFailure(); ++nth) {
      SCOPED_TRACE("operation " + std::to_string(nth));
      make_file();
      outcomes.clear();
      next_id = 1;
      FaultVfs vfs;
      auto db = open(options(vfs.name()));
      vfs.fail_at(nth, fault, Lasts::kOn);
      while (vfs.failures() == 0) write_notes(*db, 6, 700);
      db.reset();
      expect_as_settled(ids_in_whole(path()));
    }
  }
  void expect_survives_each(Fault fault, Lasts lasts) {
    constexpr std::size_t kOperations = 200;
    for (std::size_t nth = 1; nth <= kOperations && !HasFailure(); ++nth) {
      EXPECT_TRUE(survives_fault_at(nth, fault, lasts, 40, 700));
    }
  }
  /// The same, with so much written that the log is moved.
  void expect_survives_while_moving(Fault fault, Lasts lasts) {
    bool has_failed = true;
    for (std::size_t nth = 1'000; has_failed && !HasFailure(); nth += 997) {
      has_failed = survives_fault_at(nth, fault, lasts, 60, 40'000);
    }
  }

  std::int64_t next_id = 1;
  std::map<std::int64_t, Outcome> outcomes;
};

TEST_F(FaultTest, AnOperationFailsOnce) {
  expect_survives_each(Fault::kIo, Lasts::kOnce);
}

TEST_F(FaultTest, AllOperationsFailFromSomeTimeOn) {
  expect_survives_each(Fault::kIo, Lasts::kOn);
}

TEST_F(FaultTest, AnOperationFindsNoRoomOnce) {
  expect_survives_each(Fault::kNoRoom, Lasts::kOnce);
}

TEST_F(FaultTest, AllOperationsFindNoRoomFromSomeTimeOn) {
  expect_survives_each(Fault::kNoRoom, Lasts::kOn);
}

TEST_F(FaultTest, TheProcessEndsWhileOperationsFail) {
  expect_survives_end(Fault::kIo);
}

TEST_F(FaultTest, TheProcessEndsWhileThereIsNoRoom) {
  expect_survives_end(Fault::kNoRoom);
}

TEST_F(FaultTest, AnOperationFailsOnceWhileTheLogIsMoved) {
  expect_survives_while_moving(Fault::kIo, Lasts::kOnce);
}

TEST_F(FaultTest, AllOperationsFindNoRoomWhileTheLogIsMoved) {
  expect_survives_while_moving(Fault::kNoRoom, Lasts::kOn);
}

TEST_F(FaultTest, AFailedSyncLeavesTheWriteUnknown) {
  make_file();
  FaultVfs vfs;
  const auto db = open(options(vfs.name()));
  TestWrite first(insert(1, 10));
  first.run_on(*db);
  std::size_t operations = vfs.operations();
  TestWrite second(insert(2, 10));
  second.run_on(*db);
  operations = vfs.operations() - operations;
  vfs.fail_at(operations, Fault::kIo, Lasts::kOnce);
  TestWrite third(insert(3, 10));
  const Outcome outcome = third.run_on(*db);
  EXPECT_EQ(outcome.settlement, Settlement::kUnknown);
  EXPECT_EQ(outcome.kind, ErrorKind::kIo);
}

class FullDiskTest : public FaultTest {
 protected:
  FullDiskTest() { make_file(); }
  Write::Traits not_growing() const { return {.may_grow = false}; }
  static Outcome settled(Sqlite& db, const Write::Traits& traits, TestWrite::Body body) {
    TestWrite write(traits, std::move(body));
    return write.run_on(db);
  }
  FaultVfs vfs;
};

TEST_F(FullDiskTest, AGrowingWriteIsRefused) {
  const auto db = open(options(vfs.name()));
  vfs.set_room(100'000);
  const Outcome outcome = settled(*db, {}, insert(1, 1'000'000));
  EXPECT_EQ(outcome.settlement, Settlement::kRefused);
  EXPECT_EQ(outcome.kind, ErrorKind::kFull);
  EXPECT_NE(metrics.render_prometheus().find("\nweir_db_full_total 1\n"), std::string::npos);
}

TEST_F(FullDiskTest, AWriteThatDoesNotGrowGoesThroughBesideOneThatDoes) {
  const auto db = open(options(vfs.name()));
  TestWrite growing(insert(1, 1'000'000));
  TestWrite finishing(not_growing(), insert(2, 10));
  {
    HeldWriter held(*db);
    db->submit(growing);
    db->submit(finishing);
    vfs.set_room(100'000);
  }
  EXPECT_EQ(growing.wait().settlement, Settlement::kRefused);
  EXPECT_EQ(finishing.wait().settlement, Settlement::kCommitted);
}

TEST_F(FullDiskTest, WithoutAnyRoomNothingIsWrittenUntilThereIsSome) {
  const auto db = open(options(vfs.name()));
  vfs.set_room(0);
  EXPECT_EQ(settled(*db, not_growing(), insert(1, 10)).settlement, Settlement::kFailed);
  EXPECT_EQ(settled(*db, {}, insert(2, 10)).settlement, Settlement::kRefused);
  vfs.set_room({});
  EXPECT_EQ(settled(*db, {}, insert(3, 10)).settlement, Settlement::kCommitted);
  EXPECT_EQ(count_notes(*db), 1);
}

TEST_F(FullDiskTest, ReadsGoOn) {
  const auto db = open(options(vfs.name()));
  settled(*db, {}, insert(1, 10));
  vfs.set_room(0);
  settled(*db, {}, insert(2, 10));
  EXPECT_EQ(count_notes(*db), 1);
}

TEST_F(FullDiskTest, WithOnlyTheReserveLeftGrowingWritesAreRefusedAtOnce) {
  Sqlite::Options with_reserve = options(vfs.name());
  with_reserve.reserve_bytes = std::uint64_t{1} << 60;
  const auto db = open(with_reserve);
  bool is_applied = false;
  const Outcome growing = settled(*db, {}, [&](Connection&) { is_applied = true; });
  EXPECT_EQ(growing.settlement, Settlement::kRefused);
  EXPECT_EQ(growing.kind, ErrorKind::kFull);
  EXPECT_FALSE(is_applied);
  EXPECT_EQ(settled(*db, not_growing(), insert(1, 10)).settlement, Settlement::kCommitted);
}

/// Takes the power away before every nth operation, and looks at what is left then.
class PowerLossTest : public FaultTest {
 protected:
  PowerLossTest() { make_file(); }

  /// Writes notes one after the other, of which each `full_every`th is full.
  void write_and_lose_power(int notes, int bytes, int full_every, std::size_t every, std::uint32_t seed) {
    auto db = open(options(vfs.name()));
    look = [&, every, seed] {
      if (!HasFailure()) check_image(seed == 0 ? 0 : seed + static_cast<std::uint32_t>(vfs.operations()));
      vfs.call_at(every, look);
    };
    vfs.call_at(every, look);
    for (int id = 1; id <= notes; ++id) {
      const Durability durability = id % full_every == 0 ? Durability::kFull : Durability::kRelaxed;
      TestWrite write({.durability = durability}, insert(id, bytes), [&](const Outcome& outcome) {
        EXPECT_EQ(outcome.settlement, Settlement::kCommitted);
        committed = id;
        if (durability == Durability::kFull) durable = id;
      });
      write.run_on(*db);
    }
    db.reset();
    vfs.call_at(1, {});
    EXPECT_GT(images, 30);
  }
  /// Called from within SQLite: nothing may leave it.
  void check_image(std::uint32_t seed) noexcept {
    SCOPED_TRACE("operation " + std::to_string(vfs.operations()) + ", seed " + std::to_string(seed));
    ++images;
    FaultVfs::restore(vfs.after_power_loss(seed), path(), path("after.db"));
    const Ids ids = ids_left();
    const auto count = static_cast<std::int64_t>(ids.size());
    EXPECT_EQ(ids.empty() ? 0 : *ids.rbegin(), count);  // the newest alone are missing
    EXPECT_GE(count, durable);
    EXPECT_LE(count, committed + 1);
  }

  Ids ids_left() noexcept {
    try {
      return ids_in_whole(path("after.db"));
    } catch (const DatabaseError& error) {
      ADD_FAILURE() << error.what();
      return {};
    }
  }

  FaultVfs vfs;
  std::function<void()> look;
  int images = 0;
  std::int64_t committed = 0;  // on the writer's thread
  std::int64_t durable = 0;
};

TEST_F(PowerLossTest, FullWritesAreThere) {
  write_and_lose_power(60, 100, 1, 1, 0);
}

class PowerLossSeedTest : public PowerLossTest, public testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PowerLossSeedTest, testing::Range(10'000U, 60'000U, 10'000U));

TEST_P(PowerLossSeedTest, FullWritesAreThereWhateverPartOfTheRestIs) {
  write_and_lose_power(40, 700, 1, 1, GetParam());
}

TEST_F(PowerLossTest, OfRelaxedWritesTheNewestAloneAreMissing) {
  write_and_lose_power(60, 700, 9, 1, 1);
}

TEST_F(PowerLossTest, FullWritesAreThereWhileTheLogIsMoved) {
  write_and_lose_power(130, 20'000, 1, 211, 1);
}

TEST_F(PowerLossTest, RelaxedWritesAreAPrefixWhileTheLogIsMoved) {
  write_and_lose_power(130, 20'000, 1'000, 211, 1);
}

}  // namespace
}  // namespace weir::db
