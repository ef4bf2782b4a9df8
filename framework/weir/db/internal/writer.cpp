// SPDX-License-Identifier: MIT
#include <weir/db/internal/writer.hpp>

#include <weir/base/check.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/thread.hpp>

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

namespace weir::db::internal {
namespace {

constexpr int kPagesWhenIdle = 1'000;  // of the log, 4 KiB each
constexpr int kPagesWhenBusy = 4'000;
constexpr std::int64_t kPageBytes = 4'096;

class Turn {
 public:
  explicit Turn(FileGate& gate) : gate_(gate) { gate_.lock(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { gate_.unlock(); }

 private:
  FileGate& gate_;
};

// Errors that are not the doing of the statement that met them.
bool is_of_the_disk(ErrorKind kind) {
  return kind == ErrorKind::kFull || kind == ErrorKind::kIo || kind == ErrorKind::kUnusable;
}

bool is_of_the_disk(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const DatabaseError& error) {
    return is_of_the_disk(error.kind());
  } catch (...) {
    return false;
  }
}

class CommitFailed : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

// Foreign keys that are checked at the end: of the write, as the commit is that of others, too.
void check_deferred_rules(Connection& connection) {
  int broken = 0;
  int unused = 0;
  sqlite3_db_status(connection.native(), SQLITE_DBSTATUS_DEFERRED_FKS, &broken, &unused, 0);
  if (broken != 0) throw DatabaseError(ErrorKind::kConstraint, "FOREIGN KEY constraint failed");
}

void roll_back(Connection& connection) noexcept {
  if (!connection.is_in_transaction()) return;
  sqlite3_exec(connection.native(), "ROLLBACK", nullptr, nullptr, nullptr);  // it was broken before
}

}  // namespace

Writer::Writer(Parts parts)
    : parts_(std::move(parts)),
      gate_(parts_.gate_path),
      tick_seconds_(parts_.metrics.histogram({"weir_db_commit_seconds", "How long transactions took, commit included."},
                                             {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5})),
      tick_writes_(parts_.metrics.histogram({"weir_db_commit_writes", "How many writes shared a transaction."},
                                            {1, 2, 4, 8, 16, 32, 64, 128, 256, 512})),
      log_bytes_(parts_.metrics.gauge({"weir_db_log_bytes", "Size of the write-ahead log."})),
      refused_full_(parts_.metrics.counter({"weir_db_full_total", "Writes refused because the disk was full."})) {
  open();
  thread_ = base::start_thread("weir-db-writer", [this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void Writer::open() {
  const Turn turn(gate_);
  auto connection = std::make_unique<Connection>(parts_.connection);
  const auto set_up = [this, &connection](const char* sql) {
    try {
      connection->execute(sql);
    } catch (const DatabaseError& error) {
      throw DatabaseError(error.kind(), "cannot open " + parts_.connection.path + ": " + error.what());
    }
  };
  set_up(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
      "PRAGMA journal_size_limit=67108864; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY");
  // SQLite opens what it may not write without a word, and it would stay so.
  if (sqlite3_db_readonly(connection->native(), "main") == 1) {
    throw DatabaseError(ErrorKind::kIo, "cannot open " + parts_.connection.path + ": it may not be written");
  }
  sqlite3_wal_hook(
      connection->native(),
      [](void* context, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(context)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  durability_ = Durability::kFull;
  log_pages_ = log_pages_kept_ = 0;
  connection_ = std::move(connection);
}

void Writer::submit(Write& write) {
  const std::lock_guard lock(mutex_);
  add(write);
}

bool Writer::try_submit(Write& write) {
  const std::lock_guard lock(mutex_);
  if (waiting_ >= kWaitingMax) return false;
  add(write);
  return true;
}

// With the mutex held.
void Writer::add(Write& write) {
  WEIR_CHECK(!is_stopping_ || std::this_thread::get_id() == thread_.get_id());  // a settled write may ask again
  const auto order = static_cast<std::size_t>(write.traits_.order);
  write.next_ = nullptr;
  *tails_[order] = &write;
  tails_[order] = &write.next_;
  if (++waiting_ == 1) wake_.notify_one();
}

void Writer::run() noexcept {
  for (;;) {
    Tick tick;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return waiting_ > 0 || is_stopping_; });
      if (waiting_ == 0) break;
      tick = take_tick();
    }
    const base::TimePoint begin = base::SystemClock::instance().now();
    tick_writes_.observe(static_cast<double>(tick.size()));
    run_tick(tick);
    tick_seconds_.observe(std::chrono::duration<double>(base::SystemClock::instance().now() - begin).count());
    checkpoint();
  }
  close();
}

// With the mutex held. Claims are few: they never wait for room.
Writer::Tick Writer::take_tick() {
  Tick tick;
  std::size_t bytes = 0;
  for (std::size_t order = 0; order < heads_.size(); ++order) {
    const bool is_claim = order == static_cast<std::size_t>(Write::Order::kClaim);
    while (heads_[order] != nullptr && (is_claim || (tick.size() < kWritesPerTick && bytes < kBytesPerTick))) {
      Write* const write = heads_[order];
      heads_[order] = write->next_;
      bytes += write->traits_.bytes;
      tick.push_back(write);
    }
    if (heads_[order] == nullptr) tails_[order] = &heads_[order];
  }
  waiting_ -= tick.size();
  return tick;
}

Durability Writer::durability_of(const Tick& tick) {
  const bool is_full = std::any_of(tick.begin(), tick.end(),
                                   [](Write* write) { return write->traits_.durability == Durability::kFull; });
  return is_full ? Durability::kFull : Durability::kRelaxed;
}

void Writer::settle(Write& write, Settlement settlement, std::exception_ptr failure) noexcept {
  write.settled(settlement, std::move(failure));
}

void Writer::run_tick(Tick& tick) noexcept {
  const auto settle_all = [&tick](Settlement settlement, const std::exception_ptr& failure) {
    for (Write* const write : tick) settle(*write, settlement, failure);
  };
  const Durability durability = durability_of(tick);
  bool was_full = false;
  while (!tick.empty()) {
    try {
      if (!connection_) open();
      if (is_disk_short()) {
        refuse_growing(tick, std::make_exception_ptr(DatabaseError(ErrorKind::kFull, "the disk is nearly full")));
        if (tick.empty()) return;
      }
      std::vector<Bad> refused;
      if (!try_tick(tick, durability, refused)) continue;
      settle_all(Settlement::kCommitted, nullptr);
      for (Bad& bad : refused) settle(*bad.write, Settlement::kRefused, std::move(bad.failure));
      return;
    } catch (const CommitFailed& error) {
      parts_.log.error("db.commit_failed", {{"file", parts_.connection.path}, {"why", error.what()}});
      connection_.reset();
      return settle_all(Settlement::kUnknown, std::current_exception());
    } catch (const DatabaseError& error) {
      if (error.kind() == ErrorKind::kFull && !was_full) {
        was_full = true;
        refuse_growing(tick, std::current_exception());
        continue;
      }
      parts_.log.error("db.failed", {{"file", parts_.connection.path}, {"why", error.what()}});
      if (is_of_the_disk(error.kind())) connection_.reset();
      return settle_all(Settlement::kFailed, std::current_exception());
    } catch (...) {
      return settle_all(Settlement::kFailed, std::current_exception());  // out of memory
    }
  }
}

// False when it has to be run again, without those that it has settled and taken out of the tick.
bool Writer::try_tick(Tick& tick, Durability durability, std::vector<Bad>& refused) {
  const Turn turn(gate_);
  set_durability(durability);
  connection_->run("BEGIN IMMEDIATE");
  std::size_t at = 0;
  try {
    for (; at < tick.size(); ++at) apply(*tick[at], refused);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    roll_back(*connection_);
    if (is_of_the_disk(failure)) throw;
    Write& culprit = *tick[at];
    tick.erase(tick.begin() + static_cast<std::ptrdiff_t>(at));
    settle(culprit, Settlement::kRefused, failure);
    return false;
  }
  try {
    connection_->run("COMMIT");
  } catch (const DatabaseError& error) {
    roll_back(*connection_);
    if (error.kind() == ErrorKind::kFull) throw;
    throw CommitFailed(error.kind(), error.what());
  }
  for (const Bad& bad : refused) std::erase(tick, bad.write);
  return true;
}

void Writer::apply(Write& write, std::vector<Bad>& refused) {
  const bool has_savepoint = write.traits_.may_refuse;
  if (has_savepoint) connection_->run("SAVEPOINT write");
  std::exception_ptr failure;
  try {
    write.apply(*connection_);
    check_deferred_rules(*connection_);
  } catch (...) {
    failure = std::current_exception();
  }
  // Nothing may have ended the transaction, not even a conflict clause: then all of it is undone.
  if (!connection_->is_in_transaction()) {
    std::rethrow_exception(failure ? failure
                                   : std::make_exception_ptr(DatabaseError(
                                         ErrorKind::kDenied, "a transaction of the writer may not be ended here")));
  }
  if (failure && (!has_savepoint || is_of_the_disk(failure))) std::rethrow_exception(failure);
  if (!has_savepoint) return;
  if (!failure) {
    connection_->run("RELEASE write");
    return;
  }
  connection_->execute("ROLLBACK TO write; RELEASE write");
  refused.push_back({&write, std::move(failure)});
}

bool Writer::is_disk_short() const {
  if (parts_.reserve_bytes == 0) return false;
  struct statvfs disk {};
  if (::statvfs(parts_.connection.path.c_str(), &disk) != 0) return false;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize < parts_.reserve_bytes;
}

void Writer::refuse_growing(Tick& tick, const std::exception_ptr& failure) {
  const auto first =
      std::stable_partition(tick.begin(), tick.end(), [](Write* write) { return !write->traits_.may_grow; });
  const Tick growing(first, tick.end());
  tick.erase(first, tick.end());
  refused_full_.add(growing.size());
  for (Write* const write : growing) settle(*write, Settlement::kRefused, failure);
}

void Writer::set_durability(Durability durability) {
  if (durability_ == durability) return;
  connection_->execute(durability == Durability::kFull ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  durability_ = durability;
}

// Moves the log into the file. Nobody else does: two connections that checkpoint can lose a transaction (SQLite before
// 3.51.3).
void Writer::checkpoint() noexcept {
  if (!connection_) return;
  log_bytes_.set(log_pages_ * kPageBytes);
  if (log_pages_ < log_pages_kept_) log_pages_kept_ = 0;  // it has begun anew
  const int grown = log_pages_ - log_pages_kept_;
  if (grown < kPagesWhenIdle) return;
  if (grown < kPagesWhenBusy) {
    const std::lock_guard lock(mutex_);
    if (waiting_ > 0) return;
  }
  int in_log = 0;
  int moved = 0;
  const Turn turn(gate_);
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->native(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
    parts_.log.error("db.checkpoint_failed", {{"file", parts_.connection.path}, {"why", sqlite3_errstr(code)}});
    connection_.reset();
    return;
  }
  log_pages_kept_ = log_pages_;
  if (in_log * kPageBytes > parts_.log_bytes_alarm) {
    parts_.log.warn("db.log_large",
                    {{"file", parts_.connection.path},
                     {"bytes", in_log * kPageBytes},
                     {"why", moved < in_log ? "a reader holds it" : "it is written faster than moved"}});
  }
}

// Moves all of the log into the file, unless other processes use it: then they go on with it.
void Writer::close() noexcept {
  if (!connection_) return;
  {
    const Turn turn(gate_);
    sqlite3_busy_timeout(connection_->native(), 0);
    const int code =
        sqlite3_wal_checkpoint_v2(connection_->native(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
      parts_.log.error("db.checkpoint_failed", {{"file", parts_.connection.path}, {"why", sqlite3_errstr(code)}});
    }
  }
  connection_.reset();
}

}  // namespace weir::db::internal
