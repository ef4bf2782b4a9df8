// SPDX-License-Identifier: MIT
// What the tests of the database share: a file that ends with the test, and writes that tell what became of them.
#pragma once

#include <weir/db/connection.hpp>
#include <weir/db/sqlite.hpp>
#include <weir/observe/metrics_registry.hpp>

#include "tests/observe/event_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weir::db {

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-db-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~DatabaseTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name = "test.db") const { return folder_ + "/" + name; }
  /// Without a reserve: the disk of the machine that tests may be nearly full.
  Sqlite::Options options(std::string vfs = {}) const {
    Sqlite::Options all(path());
    all.reserve_bytes = 0;
    all.vfs = std::move(vfs);
    return all;
  }
  std::unique_ptr<Sqlite> open(Sqlite::Options options) {
    return std::make_unique<Sqlite>(std::move(options), log, metrics);
  }
  std::unique_ptr<Sqlite> open() { return open(options()); }
  /// Opens it, with a table: note(id INTEGER PRIMARY KEY, text).
  std::unique_ptr<Sqlite> open_with_table(Sqlite::Options options) {
    auto db = open(std::move(options));
    db->transact_and_wait([](Connection& connection) {
      connection.run("CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, text)");
    });
    return db;
  }
  std::unique_ptr<Sqlite> open_with_table() { return open_with_table(options()); }

  observe::EventLog log;
  observe::MetricsRegistry metrics;

 private:
  std::string folder_;
};

inline std::int64_t count_notes(Connection& connection) {
  Query query = connection.query("SELECT count(*) FROM note");
  query.next();
  return query.get<std::int64_t>(0);
}
inline std::int64_t count_notes(Sqlite& db) {
  std::int64_t count = 0;
  db.read_and_wait([&count](Connection& connection) { count = count_notes(connection); });
  return count;
}

/// The kind of the DatabaseError that `function` throws.
template <class F>
std::optional<ErrorKind> kind_thrown(F function) {
  try {
    function();
  } catch (const DatabaseError& error) {
    return error.kind();
  }
  return std::nullopt;
}

/// What became of a write.
struct Outcome {
  Settlement settlement{};
  std::optional<ErrorKind> kind = {};
  std::string why = {};
};

/// A write whose body and end a test gives.
///
/// Thread: wait() on the test's.
class TestWrite final : public Write {
 public:
  using Body = std::function<void(Connection&)>;
  using OnSettled = std::function<void(const Outcome&)>;
  TestWrite(const Traits& traits, Body body, OnSettled on_settled = {})
      : Write(traits), body_(std::move(body)), on_settled_(std::move(on_settled)) {}
  explicit TestWrite(Body body) : TestWrite(Traits{}, std::move(body)) {}

  Outcome wait() { return outcome_.get(); }
  /// Submits it and waits.
  Outcome run_on(Sqlite& db) {
    db.submit(*this);
    return wait();
  }

 private:
  void apply(Connection& connection) override { body_(connection); }
  void settled(Settlement settlement, std::exception_ptr failure) noexcept override {
    Outcome outcome{settlement};
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const DatabaseError& error) {
      outcome.kind = error.kind();
      outcome.why = error.what();
    } catch (const std::exception& error) {
      outcome.why = error.what();
    }
    if (on_settled_) on_settled_(outcome);
    auto own = std::move(done_);  // whoever waits destroys this object at once
    own.set_value(std::move(outcome));
  }

  Body body_;
  OnSettled on_settled_;
  std::promise<Outcome> done_;
  std::future<Outcome> outcome_ = done_.get_future();
};

/// Holds the writer within a transaction of its own until released.
class HeldWriter {
 public:
  explicit HeldWriter(Sqlite& db) {
    db.submit(write_);
    entered_.wait();
  }
  HeldWriter(const HeldWriter&) = delete;
  HeldWriter& operator=(const HeldWriter&) = delete;
  ~HeldWriter() { release(); }
  void release() {
    if (std::exchange(is_released_, true)) return;
    released_.count_down();
    write_.wait();
  }

 private:
  bool is_released_ = false;
  std::latch entered_{1};
  std::latch released_{1};
  TestWrite write_{[this](Connection&) {
    entered_.count_down();
    released_.wait();
  }};
};

inline void insert_note(Connection& connection, std::int64_t id) {
  connection.run("INSERT INTO note(id, text) VALUES(?, 'a note')", id);
}

}  // namespace weir::db
