// SPDX-License-Identifier: MIT
// A SQLite file for coroutines: one thread that writes it, some that read it.
#pragma once

#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/base/unique_function.hpp>
#include <weir/db/connection.hpp>
#include <weir/db/rows.hpp>
#include <weir/db/write.hpp>
#include <weir/loop/completion_source.hpp>
#include <weir/loop/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::db {

namespace internal {
class FileClaim;
class Readers;
class Writer;
}  // namespace internal

/// An embedded database in one file, in WAL mode.
///
///     auto rows = co_await db.query("SELECT title FROM note WHERE author = ?", author);
///     auto notes = co_await db.query_as<Note>("SELECT id, title FROM note");
///     const auto id = co_await db.transact([](db::Connection& connection) {
///       connection.run("INSERT INTO note(title) VALUES(?)", "first");
///       return connection.last_id();
///     });
///
/// Whatever is written while a commit is under way is committed together with the next one, so many writers share the
/// wait for the disk. What `transact` has returned from is on stable storage.
///
/// Thread:    query and transact on a loop's thread, the rest on any.
/// Ownership: outlives whatever waits for it. One per file in a process (checked when opened).
/// Errors:    DatabaseError.
class Sqlite {
 public:
  struct Options {
    explicit Options(std::string file) : path(std::move(file)) {}

    std::string path;                                        ///< Made if need be, for its owner alone (0600).
    std::size_t readers = 2;                                 ///< Threads.
    std::size_t reads_waiting_max = 1'024;                   ///< kBusy above.
    std::chrono::nanoseconds read_time_max{10'000'000'000};  ///< Then kInterrupted: the log grows meanwhile.
    std::chrono::nanoseconds transact_time_max{50'000'000};  ///< Then kInterrupted: all others wait meanwhile.
    std::uint64_t reserve_bytes = 64 << 20;    ///< With less room on the disk what grows the file is refused.
    std::int64_t log_bytes_alarm = 256 << 20;  ///< A larger write-ahead log is told of: a reader may hold it.
    std::string vfs;                           ///< SQLite's own when empty.
  };
  /// Opens the file; waits for the disk. Errors: kDenied, kIo, kUnusable.
  Sqlite(Options options, base::Log& log, base::Metrics& metrics);
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  /// Waits for what was handed over. The log is moved into the file.
  ~Sqlite();

  /// All rows of one statement that only reads.
  template <class... Parameters>
  loop::Task<Rows> query(std::string sql, Parameters&&... parameters) {
    std::vector<Value> values = values_of(std::forward<Parameters>(parameters)...);
    return read_rows(std::move(sql), std::move(values));
  }
  /// The same rows as described objects.
  template <class T, class... Parameters>
  loop::Task<std::vector<T>> query_as(std::string sql, Parameters&&... parameters) {
    return read_rows_as<T>(std::move(sql), values_of(std::forward<Parameters>(parameters)...));
  }

  /// `function(connection)` on a reader's thread, in one state of the file.
  /// Cancel: does not wait for it. So it owns what it uses.
  template <class F>
  loop::Task<std::invoke_result_t<F&, Connection&>> read(F function) {
    using T = std::invoke_result_t<F&, Connection&>;
    auto [done, wait] = loop::completion<T>();
    auto work = [function = std::move(function), done = std::move(done)](Connection& connection) mutable {
      call(function, connection, done);
    };
    submit_read(std::move(work));
    co_return co_await std::move(wait);
  }

  /// `function(connection)` on the writer's thread, within its next transaction, in a savepoint: all of it happens, or
  /// nothing. Returns when that is on stable storage.
  ///
  /// `function` may run twice, touches nothing but the connection, does not begin or end transactions, and has
  /// transact_time_max. What it throws undoes it, and goes to whoever awaits.
  /// Cancel: does not undo it. So it owns what it uses.
  template <class F>
  loop::Task<std::invoke_result_t<F&, Connection&>> transact(F function) {
    using T = std::invoke_result_t<F&, Connection&>;
    auto [done, wait] = loop::completion<T>();
    submit_new(std::make_unique<Transaction<F, T>>(*this, std::move(function), std::move(done)));
    co_return co_await std::move(wait);
  }

  /// As `transact`, but makes the calling thread wait: never a loop's. For start-up and tools; without a bound on time.
  void transact_and_wait(base::UniqueFunction<void(Connection&)> function);
  /// As `read`, likewise.
  void read_and_wait(base::UniqueFunction<void(Connection&)> function);

  /// Hands over a write of its own kind.
  void submit(Write& write);
  /// False when 4,096 wait: for new work, whose answer then is 503.
  [[nodiscard]] bool try_submit(Write& write);

  /// `read` on a reader's thread; must not throw. False when too many wait.
  [[nodiscard]] bool try_read(base::UniqueFunction<void(Connection&)> read);

  const std::string& path() const { return options_.path; }

 private:
  template <class... Parameters>
  static std::vector<Value> values_of(Parameters&&... parameters) {
    std::vector<Value> values;
    values.reserve(sizeof...(Parameters));
    (values.push_back(owned(std::forward<Parameters>(parameters))), ...);
    return values;
  }

  template <class F, class Done>
  static void call(F& function, Connection& connection, Done& done) noexcept {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, Connection&>>) {
        function(connection);
        done();
      } else {
        done(function(connection));
      }
    } catch (...) {
      done.fail(std::current_exception());
    }
  }

  /// A write that somebody's function makes; owns itself once it is handed over.
  class UserWrite : public Write {
   public:
    explicit UserWrite(Sqlite& sqlite) : Write(Traits{}), sqlite_(sqlite) {}

   protected:
    virtual void run(Connection& connection) = 0;
    virtual void end(std::exception_ptr failure) noexcept = 0;

   private:
    void apply(Connection& connection) final;
    void settled(Settlement settlement, std::exception_ptr failure) noexcept final;
    friend class Sqlite;
    Sqlite& sqlite_;
  };

  template <class F, class T>
  class Transaction final : public UserWrite {
   public:
    Transaction(Sqlite& sqlite, F function, loop::CompletionDone<T> done)
        : UserWrite(sqlite), function_(std::move(function)), done_(std::move(done)) {}

   private:
    void run(Connection& connection) override {
      if constexpr (std::is_void_v<T>) {
        function_(connection);
      } else {
        result_.emplace(function_(connection));
      }
    }
    void end(std::exception_ptr failure) noexcept override {
      if (failure) return done_.fail(std::move(failure));
      if constexpr (std::is_void_v<T>) {
        done_();
      } else {
        done_(std::move(*result_));
      }
    }

    F function_;
    loop::CompletionDone<T> done_;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result_;
  };

  loop::Task<Rows> read_rows(std::string sql, std::vector<Value> parameters);
  template <class T>
  loop::Task<std::vector<T>> read_rows_as(std::string sql, std::vector<Value> parameters) {
    auto work = [sql = std::move(sql), parameters = std::move(parameters)](Connection& connection) {
      Query query = start(connection, sql, parameters);
      return take_rows_as<T>(query);
    };
    return read(std::move(work));
  }
  static Query start(Connection& connection, std::string_view sql, const std::vector<Value>& parameters);
  /// Throws kBusy when there is no room.
  void submit_read(base::UniqueFunction<void(Connection&)> read);
  void submit_new(std::unique_ptr<UserWrite> write);

  Options options_;
  base::Log& log_;
  std::unique_ptr<internal::FileClaim> claim_;
  std::unique_ptr<internal::Writer> writer_;
  std::unique_ptr<internal::Readers> readers_;  // ends first: the writer's connection is the last one
};

}  // namespace weir::db
