// SPDX-License-Identifier: MIT
// What only a store in a file has: versions of its tables, and other programs that use it.
#include "store_kinds.hpp"

#include <weir/db/connection.hpp>
#include <weir/db/database_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() { return home.open(clock); }
  /// As another program would.
  void execute(const char* sql) const { db::Connection({.path = home.path()}).execute(sql); }
  int version() const {
    db::Connection connection({.path = home.path()});
    db::Query query = connection.query("SELECT user_version FROM pragma_user_version");
    query.next();
    return query.get<int>(0);
  }

  base::ManualClock clock;
  SqliteHome home;
};

TEST_F(SqliteStoreTest, NewerVersionIsRefusedWithASentence) {
  open();
  const int known = version();
  execute(("PRAGMA user_version = " + std::to_string(known + 1)).c_str());
  try {
    open();
    ADD_FAILURE() << "it opened";
  } catch (const db::DatabaseError& error) {
    EXPECT_EQ(error.kind(), db::ErrorKind::kUnusable);
    EXPECT_THAT(error.what(), HasSubstr("the store is of version " + std::to_string(known + 1) +
                                        ", this program knows up to " + std::to_string(known)));
  }
  EXPECT_EQ(version(), known + 1);
}

TEST_F(SqliteStoreTest, WhatANewerProgramAddsDoesNotDisturb) {
  const auto store = open();
  execute("ALTER TABLE job ADD COLUMN colour TEXT; CREATE TABLE of_another(id INTEGER)");
  Enqueue enqueue;
  enqueue.jobs.push_back({.id = {1, 2}, .kind = "test", .payload = "1"});
  ask(*store, std::move(enqueue));
  EXPECT_TRUE(ask(*store, Find{.id = {1, 2}}).found);
}

TEST_F(SqliteStoreTest, WorkerOfTheBootBeforeIsDead) {
  const auto store = open();
  const std::int64_t before = ask(*store, RegisterWorker{.host = "host", .lease = std::chrono::hours(1)}).worker;
  EXPECT_THAT(ask(*store, Rescue{}).declared, IsEmpty());
  execute("UPDATE worker SET boot_id = 'another'");
  const std::int64_t now = ask(*store, RegisterWorker{.host = "host", .lease = std::chrono::hours(1)}).worker;
  EXPECT_THAT(ask(*store, Rescue{}).declared, ElementsAre(before));
  EXPECT_TRUE(ask(*store, Beat{.worker = now}).is_alive);
}

TEST_F(SqliteStoreTest, BackupIsAboveAllClaimsOfTheOriginal) {
  std::int64_t claim = 0;
  {
    const auto store = open();
    Enqueue enqueue;
    enqueue.jobs.push_back({.id = {1, 2}, .kind = "test", .payload = "1"});
    ask(*store, std::move(enqueue));
    Claim question;
    question.worker = ask(*store, RegisterWorker{.host = "host"}).worker;
    question.queues = {{.queue = "default", .slots = 1}};
    claim = ask(*store, std::move(question)).jobs.at(0).claim;
    SqliteStore::back_up(home.path(), home.path() + ".copy");
  }
  std::filesystem::rename(home.path() + ".copy", home.path());
  const auto restored = open();
  Finish late;
  late.ended.push_back({.id = {1, 2}, .claim = claim});
  EXPECT_FALSE(ask(*restored, std::move(late)).accepted.at(0).is_accepted);
}

}  // namespace
}  // namespace weir::jobs
