// SPDX-License-Identifier: MIT
#include "tests/db/fault_vfs.hpp"
#include "tests/db/temporary_database.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace weir::db {
namespace {

using Order = Write::Order;

/// Writes that note in one list when they are applied ("a1") and settled ("s1").
class WriterTest : public DatabaseTest {
 protected:
  TestWrite& add(
      Write::Traits traits = {}, TestWrite::Body body = [](Connection&) {}) {
    const std::string name = std::to_string(writes.size());
    auto apply = [this, name, body = std::move(body)](Connection& connection) {
      events += "a" + name + " ";
      body(connection);
    };
    auto settled = [this, name](const Outcome&) { events += "s" + name + " "; };
    return writes.emplace_back(traits, std::move(apply), std::move(settled));
  }
  TestWrite& add_insert(std::int64_t id, Write::Traits traits = {}) {
    return add(traits, [id](Connection& connection) { insert_note(connection, id); });
  }
  /// Submits all while the writer is held, then waits for all.
  void run_together(Sqlite& db) {
    {
      HeldWriter held(db);
      for (TestWrite& write : writes) db.submit(write);
    }
    for (TestWrite& write : writes) outcomes.push_back(write.wait());
  }
  /// How many transactions the writes of `events` took, and the largest.
  std::pair<std::size_t, std::size_t> ticks() const {
    std::size_t count = 0;
    std::size_t largest = 0;
    std::size_t size = 0;
    char last = 's';
    for (std::size_t at = 0; at < events.size(); at = events.find(' ', at) + 1) {
      const char now = events[at];
      if (now == 'a' && last == 's') {
        ++count;
        size = 0;
      }
      if (now == 'a') largest = std::max(largest, ++size);
      last = now;
    }
    return {count, largest};
  }

  std::string events;  // on the writer's thread, until all are settled
  std::deque<TestWrite> writes;
  std::vector<Outcome> outcomes;
};

TEST_F(WriterTest, WritesThatCameMeanwhileShareATransaction) {
  const auto db = open_with_table();
  for (int i = 0; i < 3; ++i) add_insert(i);
  run_together(*db);
  EXPECT_EQ(events, "a0 a1 a2 s0 s1 s2 ");
}

TEST_F(WriterTest, WritesThatShareATransactionShareASync) {
  FaultVfs vfs;
  const auto db = open_with_table(options(vfs.name()));
  for (int i = 0; i < 100; ++i) add_insert(i);
  const std::size_t before = vfs.syncs();
  run_together(*db);
  EXPECT_EQ(vfs.syncs() - before, 1U);
  EXPECT_EQ(count_notes(*db), 100);
}

TEST_F(WriterTest, NothingIsSettledBeforeTheSync) {
  FaultVfs vfs;
  const auto db = open_with_table(options(vfs.name()));
  std::size_t syncs_when_settled = 0;
  TestWrite write(
      {}, [](Connection& connection) { insert_note(connection, 1); },
      [&](const Outcome&) { syncs_when_settled = vfs.syncs(); });
  const std::size_t before = vfs.syncs();
  write.run_on(*db);
  EXPECT_EQ(syncs_when_settled, before + 1);
}

TEST_F(WriterTest, FinishesGoBeforeEnqueuesAndThoseBeforeClaims) {
  const auto db = open();
  for (const Order order : {Order::kClaim, Order::kEnqueue, Order::kFinish, Order::kEnqueue}) add({.order = order});
  run_together(*db);
  EXPECT_EQ(events, "a2 a1 a3 a0 s2 s1 s3 s0 ");
}

TEST_F(WriterTest, ATransactionHasRoomFor256Writes) {
  const auto db = open();
  for (int i = 0; i < 256; ++i) add();
  run_together(*db);
  EXPECT_EQ(ticks(), std::pair(std::size_t{1}, std::size_t{256}));
}

TEST_F(WriterTest, TheWriteAbove256GoesIntoTheNextTransaction) {
  const auto db = open();
  for (int i = 0; i < 257; ++i) add();
  run_together(*db);
  EXPECT_EQ(ticks(), std::pair(std::size_t{2}, std::size_t{256}));
}

TEST_F(WriterTest, ClaimsDoNotWaitForRoom) {
  const auto db = open();
  for (int i = 0; i < 256; ++i) add();
  add({.order = Order::kClaim});
  run_together(*db);
  EXPECT_EQ(ticks(), std::pair(std::size_t{1}, std::size_t{257}));
}

TEST_F(WriterTest, ATransactionHasRoomFor4Megabytes) {
  const auto db = open();
  for (int i = 0; i < 4; ++i) add({.bytes = 1 << 20});
  run_together(*db);
  EXPECT_EQ(ticks(), std::pair(std::size_t{1}, std::size_t{4}));
}

TEST_F(WriterTest, TheWriteAbove4MegabytesGoesIntoTheNextTransaction) {
  const auto db = open();
  for (int i = 0; i < 5; ++i) add({.bytes = 1 << 20});
  run_together(*db);
  EXPECT_EQ(ticks(), std::pair(std::size_t{2}, std::size_t{4}));
}

TEST_F(WriterTest, AWriteLargerThanATransactionGoesAlone) {
  const auto db = open();
  add({.bytes = 100 << 20});
  add({.bytes = 100 << 20});
  run_together(*db);
  EXPECT_EQ(events, "a0 s0 a1 s1 ");
}

TEST_F(WriterTest, NewWorkIsRefusedWhen4096Wait) {
  const auto db = open();
  std::deque<TestWrite> waiting;
  TestWrite refused([](Connection&) {});
  TestWrite taken([](Connection&) {});
  {
    HeldWriter held(*db);
    for (int i = 0; i < 4'096; ++i) ASSERT_TRUE(db->try_submit(waiting.emplace_back([](Connection&) {})));
    EXPECT_FALSE(db->try_submit(refused));
    db->submit(taken);
  }
  EXPECT_EQ(taken.wait().settlement, Settlement::kCommitted);
  for (TestWrite& write : waiting) EXPECT_EQ(write.wait().settlement, Settlement::kCommitted);
  EXPECT_TRUE(db->try_submit(refused));
  EXPECT_EQ(refused.wait().settlement, Settlement::kCommitted);
}

TEST_F(WriterTest, AWriteThatThrowsIsRefusedAloneWithItsReason) {
  const auto db = open_with_table();
  add_insert(1);
  add_insert(1);
  add_insert(2);
  run_together(*db);
  EXPECT_EQ(events, "a0 a1 a2 s0 s2 s1 ");
  EXPECT_EQ(outcomes[1].settlement, Settlement::kRefused);
  EXPECT_EQ(outcomes[1].kind, ErrorKind::kConstraint);
  EXPECT_EQ(count_notes(*db), 2);
}

TEST_F(WriterTest, AnyExceptionRefuses) {
  const auto db = open();
  TestWrite write([](Connection&) { throw std::out_of_range("too far"); });
  const Outcome outcome = write.run_on(*db);
  EXPECT_EQ(outcome.settlement, Settlement::kRefused);
  EXPECT_EQ(outcome.why, "too far");
}

TEST_F(WriterTest, AThrowWithoutSavepointCostsTheOthersASecondRun) {
  const auto db = open_with_table();
  add_insert(1);
  add_insert(1, {.may_refuse = false});
  add_insert(2, {.may_refuse = false});
  run_together(*db);
  EXPECT_EQ(events, "a0 a1 s1 a0 a2 s0 s2 ");
  EXPECT_EQ(outcomes[0].settlement, Settlement::kCommitted);
  EXPECT_EQ(outcomes[1].settlement, Settlement::kRefused);
  EXPECT_EQ(outcomes[1].kind, ErrorKind::kConstraint);
  EXPECT_EQ(outcomes[2].settlement, Settlement::kCommitted);
  EXPECT_EQ(count_notes(*db), 2);
}

TEST_F(WriterTest, WhatWasRefusedBeforeASecondRunIsRefusedOnce) {
  const auto db = open_with_table();
  add_insert(1);
  add_insert(1);
  add({.may_refuse = false}, [](Connection&) { throw std::out_of_range("x"); });
  run_together(*db);
  EXPECT_EQ(events, "a0 a1 a2 s2 a0 a1 s0 s1 ");
  EXPECT_EQ(outcomes[1].settlement, Settlement::kRefused);
}

TEST_F(WriterTest, EndingTheTransactionWithoutSavepointIsRefusedToo) {
  const auto db = open_with_table();
  add_insert(1);
  add({.may_refuse = false}, [](Connection& connection) { connection.execute("ROLLBACK"); });
  run_together(*db);
  EXPECT_EQ(outcomes[0].settlement, Settlement::kCommitted);
  EXPECT_EQ(outcomes[1].settlement, Settlement::kRefused);
  EXPECT_EQ(outcomes[1].kind, ErrorKind::kDenied);
  EXPECT_EQ(count_notes(*db), 1);
}

TEST_F(WriterTest, ATransactionOfRelaxedWritesIsNotSynced) {
  FaultVfs vfs;
  const auto db = open_with_table(options(vfs.name()));
  const std::size_t before = vfs.syncs();
  for (int i = 0; i < 3; ++i) add_insert(i, {.durability = Durability::kRelaxed}).run_on(*db);
  EXPECT_EQ(vfs.syncs(), before);
}

TEST_F(WriterTest, OneFullWriteMakesTheTransactionFull) {
  FaultVfs vfs;
  const auto db = open_with_table(options(vfs.name()));
  add_insert(1, {.durability = Durability::kRelaxed}).run_on(*db);
  const std::size_t before = vfs.syncs();
  TestWrite relaxed({.durability = Durability::kRelaxed}, [](Connection& connection) { insert_note(connection, 2); });
  TestWrite full([](Connection& connection) { insert_note(connection, 3); });
  {
    HeldWriter held(*db);
    db->submit(relaxed);
    db->submit(full);
  }
  relaxed.wait();
  full.wait();
  EXPECT_EQ(vfs.syncs(), before + 1);
}

TEST_F(WriterTest, AWriteMaySubmitTheNextWhenSettled) {
  const auto db = open_with_table();
  TestWrite second([](Connection& connection) { insert_note(connection, 2); });
  TestWrite first(
      {}, [](Connection& connection) { insert_note(connection, 1); }, [&](const Outcome&) { db->submit(second); });
  first.run_on(*db);
  EXPECT_EQ(second.wait().settlement, Settlement::kCommitted);
}

TEST_F(WriterTest, TheDestructorRunsWhatWaits) {
  auto db = open_with_table();
  auto held = std::make_unique<HeldWriter>(*db);
  for (int i = 0; i < 300; ++i) db->submit(add_insert(i));
  held.reset();
  db.reset();
  for (TestWrite& write : writes) EXPECT_EQ(write.wait().settlement, Settlement::kCommitted);
  EXPECT_EQ(count_notes(*open()), 300);
}

class LogOfWriterTest : public WriterTest {
 protected:
  static constexpr std::size_t kMegabyte = 1 << 20;
  static constexpr std::size_t kBusyBytes = 20 * kMegabyte;  // of the log, when there is always more to write
  static void overwrite(Sqlite& db, int times) {
    for (int i = 0; i < times; ++i) {
      TestWrite write([](Connection& connection) {
        connection.run("INSERT OR REPLACE INTO note(id, text) VALUES(1, randomblob(1 << 20))");
      });
      ASSERT_EQ(write.run_on(db).settlement, Settlement::kCommitted);
    }
  }
  std::size_t log_bytes() const { return std::filesystem::file_size(path("test.db-wal")); }

  FaultVfs vfs;
};

TEST_F(LogOfWriterTest, TheLogDoesNotGrowWithoutBound) {
  const auto db = open_with_table(options(vfs.name()));
  overwrite(*db, 60);
  EXPECT_LT(log_bytes(), kBusyBytes);
  EXPECT_GT(std::filesystem::file_size(path()), kMegabyte);
}

TEST_F(LogOfWriterTest, TheLogDoesNotGrowAgainAfterAReaderHeldIt) {
  const auto db = open_with_table(options(vfs.name()));
  db->read_and_wait([&](Connection& connection) {
    EXPECT_EQ(count_notes(connection), 0);
    overwrite(*db, 12);
  });
  const std::size_t held = log_bytes();
  EXPECT_GT(held, 12 * kMegabyte);
  overwrite(*db, 60);
  EXPECT_LE(log_bytes(), held + kBusyBytes);
}

TEST_F(LogOfWriterTest, AReaderThatHoldsTheLogIsToldOf) {
  Sqlite::Options quick_to_tell = options(vfs.name());
  quick_to_tell.log_bytes_alarm = 10 * kMegabyte;
  const auto db = open_with_table(quick_to_tell);
  overwrite(*db, 1);
  Connection reader({.path = path(), .is_read_only = true, .vfs = vfs.name()});
  reader.execute("BEGIN");
  EXPECT_EQ(count_notes(reader), 1);
  overwrite(*db, 40);
  ASSERT_TRUE(log.wait_for("db.log_large"));
  EXPECT_EQ(log.lines().back().fields.at("why"), "a reader holds it");
}

TEST_F(LogOfWriterTest, TheSizeOfTheLogIsAMetric) {
  const auto db = open_with_table(options(vfs.name()));
  overwrite(*db, 1);
  TestWrite last([](Connection&) {});
  last.run_on(*db);  // the metric is set after the write before it was settled
  const std::string text = metrics.render_prometheus();
  const auto at = text.find("\nweir_db_log_bytes ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_GT(std::stol(text.substr(at + 19)), static_cast<long>(kMegabyte));
}

/// Several processes on one file. They are forked while this one has no thread.
class ProcessesTest : public DatabaseTest {
 protected:
  static constexpr std::chrono::milliseconds kDuration{800};

  struct Report {
    std::int64_t commits;
    std::int64_t failures;
  };
  /// Writes as fast as it can, and reports through a pipe.
  [[noreturn]] void write_and_report(int pipe, std::int64_t first_id) {
    Report report{};
    try {
      const auto db = open();
      const auto end = std::chrono::steady_clock::now() + kDuration;
      while (std::chrono::steady_clock::now() < end) {
        TestWrite write([&](Connection& connection) { insert_note(connection, first_id + report.commits); });
        const bool is_committed = write.run_on(*db).settlement == Settlement::kCommitted;
        ++(is_committed ? report.commits : report.failures);
      }
    } catch (...) {
      ++report.failures;
    }
    const bool is_written = ::write(pipe, &report, sizeof(report)) == sizeof(report);
    ::_exit(is_written ? 0 : 1);
  }
  template <std::size_t kCount>
  std::array<Report, kCount> run_processes() {
    open_with_table().reset();
    ::fflush(stdout);  // else each child may print it again
    std::array<Report, kCount> reports{};
    std::array<std::pair<pid_t, int>, kCount> children;
    for (std::size_t i = 0; i < kCount; ++i) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::pipe(ends.data()), 0);
      const pid_t child = ::fork();
      if (child == 0) write_and_report(ends[1], static_cast<std::int64_t>(i) * 1'000'000);
      ::close(ends[1]);
      children[i] = {child, ends[0]};
    }
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_EQ(::read(children[i].second, &reports[i], sizeof(Report)), static_cast<ssize_t>(sizeof(Report)));
      ::close(children[i].second);
      int status = 0;
      EXPECT_EQ(::waitpid(children[i].first, &status, 0), children[i].first);
      EXPECT_EQ(status, 0);
    }
    return reports;
  }
};

TEST_F(ProcessesTest, AllGetTheirTurns) {
  const auto reports = run_processes<3>();
  std::int64_t all = 0;
  std::int64_t least = reports[0].commits;
  for (const Report& report : reports) {
    EXPECT_EQ(report.failures, 0);
    all += report.commits;
    least = std::min(least, report.commits);
    RecordProperty("commits", std::to_string(report.commits));
  }
  EXPECT_GE(least, all / 3 / 4);
  EXPECT_EQ(count_notes(*open()), all);
}

}  // namespace
}  // namespace weir::db
