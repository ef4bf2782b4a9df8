// SPDX-License-Identifier: MIT
// The limit of durable jobs on this machine: the rows and statements of the store, by SQLite's C API alone, without
// any of the framework.
//
//   bare_jobs fdatasync FILE SECONDS                  one page written and synchronised at a time
//   bare_jobs single    FILE SECONDS LIKE             one job in each transaction
//   bare_jobs enqueue   FILE SECONDS LIKE PRODUCERS   threads that wait for their job's commit; one writer, which
//                                                     commits what came meanwhile
//   bare_jobs fused     FILE SECONDS LIKE BATCH       in each transaction so many jobs enqueued, claimed and finished
//
// FILE is made anew. Its schema is that of LIKE, a store of the framework's. Prints how many a second, and how many
// shared a transaction in the mean.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kPayload = R"({"number":42,"text":"Hello, World!"})";
constexpr int kPagesBetweenCheckpoints = 4'000;  // as the framework does when it is busy

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "bare_jobs: %s\n", what.c_str());
  std::exit(1);
}

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view>;

class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK) {
      fail(std::string(sqlite3_errmsg(database)) + " in " + sql);
    }
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  void bind(std::initializer_list<Value> values) {
    int index = 0;
    for (const Value& value : values) {
      ++index;
      if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        sqlite3_bind_int64(statement_, index, *number);
      } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
        sqlite3_bind_text(statement_, index, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
      } else {
        sqlite3_bind_null(statement_, index);
      }
    }
  }
  bool next() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail(sqlite3_errmsg(database_));
    sqlite3_reset(statement_);
    return false;
  }
  void run(std::initializer_list<Value> values = {}) {
    bind(values);
    while (next()) continue;
  }
  std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    return {reinterpret_cast<const char*>(sqlite3_column_text(statement_, column)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

void execute(sqlite3* database, const char* sql) {
  char* why = nullptr;
  if (sqlite3_exec(database, sql, nullptr, nullptr, &why) != SQLITE_OK) fail(std::string(why) + " in " + sql);
}

sqlite3* open_like(const std::string& path, const std::string& like) {
  for (const char* const ending : {"", "-wal", "-shm"}) ::unlink((path + ending).c_str());
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK) {
    fail("cannot open " + path);
  }
  execute(database,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
          "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864");
  sqlite3_wal_autocheckpoint(database, kPagesBetweenCheckpoints);
  Statement(database, "ATTACH ? AS original").run({std::string_view(like)});
  std::vector<std::string> schema;
  {
    Statement tables(database,
                     "SELECT sql FROM original.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                     "'sqlite_%' ORDER BY rowid");
    while (tables.next()) schema.push_back(tables.text(0));
  }
  execute(database, "DETACH original");
  for (const std::string& sql : schema) execute(database, sql.c_str());
  execute(database,
          "INSERT INTO queue(name) VALUES('default'); "
          "INSERT INTO worker(host, boot_id, process, lease_until, started_at) VALUES('', '', 1, 0, 0)");
  return database;
}

/// The store's statements, each of them prepared once.
class Store {
 public:
  explicit Store(sqlite3* database) : database_(database) {}

  void begin() {
    begin_.run();
    now_ = wall_ms();
  }
  void commit() { commit_.run(); }

  void enqueue(std::uint64_t secret) {
    id_ = std::max(id_ + 1, now_ << 21);
    insert_.run({id_, static_cast<std::int64_t>(secret), std::int64_t{1}, "trivial", std::int64_t{3}, std::int64_t{2},
                 now_, std::int64_t{20}, nullptr, std::int64_t{60'000}, std::int64_t{86'400'000},
                 std::int64_t{1'209'600'000}, now_, nullptr});
    insert_body_.run({id_, kPayload, ""});
  }

  struct Claimed {
    std::int64_t id, secret, claim;
    std::string kind, payload;
  };
  void claim(std::int64_t slots, std::vector<Claimed>& into) {
    into.clear();
    claim_.bind({std::int64_t{1}, std::int64_t{1}, slots});
    while (claim_.next()) into.push_back({claim_.integer(0), claim_.integer(1), claim_.integer(2), claim_.text(3), {}});
    for (Claimed& job : into) {
      body_.bind({job.id});
      while (body_.next()) job.payload = body_.text(0);
    }
  }

  void finish(const Claimed& job) {
    archive_.run({job.id, std::int64_t{5}, now_, "", ""});
    remove_.run({job.id});
  }

 private:
  sqlite3* database_;
  std::int64_t now_ = 0;
  std::int64_t id_ = 0;
  Statement begin_{database_, "BEGIN IMMEDIATE"};
  Statement commit_{database_, "COMMIT"};
  Statement insert_{
      database_,
      "INSERT INTO job(id, secret, queue_id, kind, state, lane, run_at, attempt, max_attempts, claim, version, "
      "rescues, "
      "crashes, crash_marks, is_suspect, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, "
      "progress_text, created_at, expires_at, error) "
      "VALUES(?,?,?,?,?,?,?,0,?,0,1,0,0,0,0,0,?,?,?,?,0,'',?,?,'')"};
  Statement insert_body_{database_, "INSERT INTO job_body(id, payload, traceparent) VALUES(?,?,?)"};
  Statement claim_{
      database_,
      "UPDATE job SET state = 4, worker_id = ?1, attempt = attempt + 1, claim = claim + 1, version = version + 1, "
      "progress = 0, progress_text = '' WHERE id IN (SELECT id FROM job WHERE state = 3 AND queue_id = ?2 "
      "ORDER BY lane, id LIMIT ?3) RETURNING id, secret, claim, kind"};
  Statement body_{database_, "SELECT payload, traceparent FROM job_body WHERE id = ?"};
  Statement archive_{
      database_,
      "INSERT INTO job_done(id, secret, queue_id, kind, state, lane, run_at, attempt, max_attempts, claim, version, "
      "crashes, is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, progress_text, "
      "created_at, "
      "finished_at, purge_at, result, error) "
      "SELECT id, secret, queue_id, kind, ?2, lane, run_at, attempt, max_attempts, claim, version + 1, rescues, "
      "is_cancel_asked, unique_key, timeout, keep_completed, keep_failed, progress, progress_text, created_at, ?3, "
      "?3 + iif(?2 = 5, keep_completed, keep_failed), ?4, iif(?5 = '', error, ?5) FROM job WHERE id = ?1"};
  Statement remove_{database_, "DELETE FROM job WHERE id = ?"};
};

/// How long the measurement goes on.
class Until {
 public:
  explicit Until(double seconds) : end_(begin_ + std::chrono::duration_cast<Clock::duration>(seconds_of(seconds))) {}
  bool is_over() const { return Clock::now() >= end_; }
  void report(std::size_t jobs, std::size_t commits) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::printf("%.1f %.2f\n", static_cast<double>(jobs) / seconds,
                static_cast<double>(jobs) / static_cast<double>(std::max<std::size_t>(commits, 1)));
  }

 private:
  static std::chrono::duration<double> seconds_of(double seconds) { return std::chrono::duration<double>(seconds); }
  Clock::time_point begin_ = Clock::now();
  Clock::time_point end_;
};

void measure_fdatasync(const char* path, double seconds) {
  constexpr std::size_t kPage = 4'096;
  constexpr std::size_t kPages = 1'024;
  const int file = ::open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail(std::string("cannot open ") + path);
  const std::array<char, kPage> page{};
  const auto write_at = [&](std::size_t at) {
    if (::pwrite(file, page.data(), kPage, static_cast<off_t>(at * kPage)) != kPage) fail("cannot write");
  };
  for (std::size_t i = 0; i < kPages; ++i) write_at(i);  // as a log that is used again: it does not grow any more
  ::fsync(file);
  std::size_t done = 0;
  const Until until(seconds);
  for (; !until.is_over(); ++done) {
    write_at(done % kPages);
    if (::fdatasync(file) != 0) fail("cannot synchronise");
  }
  until.report(done, done);
  ::close(file);
}

void measure_single(Store& store, double seconds) {
  std::mt19937_64 random(1);
  std::size_t jobs = 0;
  const Until until(seconds);
  for (; !until.is_over(); ++jobs) {
    store.begin();
    store.enqueue(random());
    store.commit();
  }
  until.report(jobs, jobs);
}

void measure_fused(Store& store, double seconds, double batch) {
  std::mt19937_64 random(1);
  std::vector<Store::Claimed> claimed;
  std::size_t jobs = 0;
  std::size_t commits = 0;
  const Until until(seconds);
  for (; !until.is_over(); ++commits) {
    const auto wanted = static_cast<std::size_t>(static_cast<double>(commits + 1) * batch) - jobs;
    store.begin();
    for (std::size_t i = 0; i < wanted; ++i) store.enqueue(random());
    store.claim(static_cast<std::int64_t>(wanted), claimed);
    if (claimed.size() != wanted) fail("claimed other than what was enqueued");
    for (const Store::Claimed& job : claimed) store.finish(job);
    store.commit();
    jobs += wanted;
  }
  until.report(jobs, commits);
}

void measure_enqueue(Store& store, double seconds, int producers) {
  struct Waiting {
    std::uint64_t secret;
    std::binary_semaphore* done;
  };
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Waiting> waiting;
  bool is_over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<std::uint64_t>(i));
      std::binary_semaphore done(0);
      for (;;) {
        {
          const std::lock_guard lock(mutex);
          if (is_over) return;
          waiting.push_back({random(), &done});
          if (waiting.size() == 1) wake.notify_one();
        }
        done.acquire();
      }
    });
  }
  std::size_t jobs = 0;
  std::size_t commits = 0;
  const Until until(seconds);
  for (bool is_last = false; !is_last; ++commits) {
    std::vector<Waiting> batch;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return !waiting.empty(); });
      batch = std::exchange(waiting, {});
      is_last = is_over = until.is_over();
    }
    store.begin();
    for (const Waiting& one : batch) store.enqueue(one.secret);
    store.commit();
    for (const Waiting& one : batch) one.done->release();
    jobs += batch.size();
  }
  until.report(jobs, commits);
  {
    const std::lock_guard lock(mutex);
    for (const Waiting& one : waiting) one.done->release();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string mode = words.empty() ? "" : words[0];
  const bool has_argument = mode == "enqueue" || mode == "fused";
  const std::size_t expected = mode == "fdatasync" ? 3 : has_argument ? 5 : 4;
  if ((mode != "fdatasync" && mode != "single" && !has_argument) || words.size() != expected) {
    std::fprintf(stderr, "usage: bare_jobs fdatasync|single|enqueue|fused FILE SECONDS [LIKE [PRODUCERS|BATCH]]\n");
    return 2;
  }
  const double seconds = std::atof(words[2].c_str());
  if (mode == "fdatasync") {
    measure_fdatasync(words[1].c_str(), seconds);
    return 0;
  }
  sqlite3* const database = open_like(words[1], words[3]);
  {
    Store store(database);
    if (mode == "single") measure_single(store, seconds);
    if (mode == "enqueue") measure_enqueue(store, seconds, std::atoi(words[4].c_str()));
    if (mode == "fused") measure_fused(store, seconds, std::atof(words[4].c_str()));
  }
  sqlite3_close(database);
}
