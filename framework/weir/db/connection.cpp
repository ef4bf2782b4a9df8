// SPDX-License-Identifier: MIT
#include <weir/db/connection.hpp>

#include <weir/base/check.hpp>

#include <sqlite3.h>

#include <utility>

namespace weir::db {
namespace {

constexpr std::chrono::milliseconds kForeignLockWait{5'000};  // our own processes take turns by a gate
constexpr int kStepsBetweenLooks = 1'000;
constexpr std::size_t kTextsKept = 512;  // more than a program has, unless it writes values into them

ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return ErrorKind::kConstraint;
    case SQLITE_FULL:
      return ErrorKind::kFull;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return ErrorKind::kIo;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::kBusy;
    case SQLITE_INTERRUPT:
      return ErrorKind::kInterrupted;
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return ErrorKind::kDenied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::kUnusable;
    default:
      return ErrorKind::kStatement;
  }
}

}  // namespace

struct Connection::Hooks {
  static int authorize(void* context, int action, const char*, const char*, const char*, const char*) {
    if (!static_cast<Connection*>(context)->is_guarded_) return SQLITE_OK;
    switch (action) {
      case SQLITE_TRANSACTION:
      case SQLITE_SAVEPOINT:
      case SQLITE_ATTACH:
      case SQLITE_DETACH:
      case SQLITE_PRAGMA:
        return SQLITE_DENY;
      default:
        return SQLITE_OK;
    }
  }
  static int look_at_time(void* context) {
    const auto& connection = *static_cast<Connection*>(context);
    return connection.is_guarded_ && base::SystemClock::instance().now() > connection.deadline_ ? 1 : 0;
  }
};

Connection::Connection(const Options& options) {
  const int flags = (options.is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE;
  const char* const vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
  if (const int code = sqlite3_open_v2(options.path.c_str(), &database_, flags, vfs); code != SQLITE_OK) {
    const std::string why = database_ != nullptr ? sqlite3_errmsg(database_) : "out of memory";
    sqlite3_close_v2(std::exchange(database_, nullptr));
    throw DatabaseError(kind_of(code), "cannot open " + options.path + ": " + why);
  }
  // Only the writer checkpoints, and it says when: also the last connection to close may not do so by itself.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_wal_autocheckpoint(database_, 0);
  sqlite3_busy_timeout(database_, static_cast<int>(kForeignLockWait.count()));
  // Set once: to set it anew would make every prepared statement be prepared again.
  sqlite3_set_authorizer(database_, &Hooks::authorize, this);
  sqlite3_progress_handler(database_, kStepsBetweenLooks, &Hooks::look_at_time, this);
}

Connection::~Connection() {
  for (Texts& texts : texts_) finalize_idle(texts);
  WEIR_CHECK(sqlite3_close(database_) == SQLITE_OK);  // else a Query outlives it
}

void Connection::finalize_idle(Texts& texts) noexcept {
  for (auto& [text, kept] : texts) {
    for (sqlite3_stmt* const statement : kept.idle) sqlite3_finalize(statement);
    kept.idle.clear();
  }
  std::erase_if(texts, [](const auto& one) { return one.second.used == 0; });
}

void Connection::fail(int code) const {
  throw DatabaseError(kind_of(code), sqlite3_errmsg(database_));
}

Connection::Kept& Connection::kept(std::string_view sql) {
  const std::size_t set = is_guarded_ ? 1 : 0;
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(sql.data()));
  auto& shortcut = shortcuts_[set][address * 0x9e3779b97f4a7c15U >> (64U - kShortcutBits)];
  if (shortcut != nullptr && shortcut->first == sql) return shortcut->second;
  Texts& texts = texts_[set];
  auto found = texts.find(sql);
  if (found == texts.end()) {
    if (texts.size() >= kTextsKept) {
      finalize_idle(texts);
      shortcuts_[set].fill(nullptr);
    }
    found = texts.emplace(std::string(sql), Kept()).first;
  }
  shortcut = &*found;
  return found->second;
}

Query Connection::prepare(std::string_view sql, std::span<const BoundValue> parameters, bool is_outlived) {
  sql = sql.substr(0, sql.find_last_not_of(" \t\r\n;") + 1);
  Kept& own = kept(sql);
  if (own.idle.empty()) own.idle.push_back(compile(sql));
  Query query(*this, own.idle.back(), &own);
  own.idle.pop_back();
  ++own.used;
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(query.statement_));
  if (wanted != parameters.size()) {
    throw DatabaseError(ErrorKind::kStatement, "the statement has " + std::to_string(wanted) + " parameters, " +
                                                   std::to_string(parameters.size()) + " values are given");
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) query.bind(static_cast<int>(i) + 1, parameters[i], is_outlived);
  return query;
}

sqlite3_stmt* Connection::compile(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, &rest);
  if (code != SQLITE_OK) fail(code);
  const std::string_view behind(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (statement == nullptr || behind.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement);
    throw DatabaseError(ErrorKind::kStatement,
                        statement == nullptr ? "there is no statement" : "more than one statement");
  }
  return statement;
}

void Connection::give_back(sqlite3_stmt* statement, void* kept) noexcept {
  sqlite3_reset(statement);  // repeats the error of the last step, which has been thrown
  sqlite3_clear_bindings(statement);
  Kept& own = *static_cast<Kept*>(kept);
  own.idle.push_back(statement);
  --own.used;
}

void Connection::check_transaction() const {
  if (!is_guarded_ || !is_transaction_guarded_ || is_in_transaction()) return;
  throw DatabaseError(ErrorKind::kDenied, "the transaction has ended");
}

Query Connection::start(std::string_view sql, std::span<const BoundValue> parameters) {
  return prepare(sql, parameters, false);
}

std::int64_t Connection::run_all(std::string_view sql, std::span<const BoundValue> parameters) {
  Query query = prepare(sql, parameters, true);
  const sqlite3_int64 before = sqlite3_total_changes64(database_);
  while (query.next()) {
  }
  // Only what changes rows sets the number; else it is that of the last statement that did.
  return sqlite3_total_changes64(database_) == before ? 0 : sqlite3_changes64(database_);
}

std::int64_t Connection::last_id() const {
  return sqlite3_last_insert_rowid(database_);
}

void Connection::execute(const char* sql) {
  check_transaction();
  if (const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

bool Connection::is_in_transaction() const {
  return sqlite3_get_autocommit(database_) == 0;
}

void Connection::guard(base::TimePoint deadline) {
  deadline_ = deadline;
  is_guarded_ = true;
  is_transaction_guarded_ = is_in_transaction();
}

}  // namespace weir::db
