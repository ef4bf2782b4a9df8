// SPDX-License-Identifier: MIT
#include <weir/jobs/sqlite/internal/schema.hpp>

#include <weir/db/connection.hpp>

#include <array>
#include <string>

namespace weir::jobs::internal {
namespace {

// Living jobs and final ones apart, so that neither millions of finished nor of future ones make a claim slower: each
// step looks at an index that holds only what it looks for. States are numbers as in job_state.hpp, and are written out
// in the statements, else the partial indexes would not be used.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE queue(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, paused_at INTEGER, living INTEGER NOT NULL DEFAULT 0,
  touched INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE worker(
  id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, boot_id TEXT NOT NULL, process INTEGER NOT NULL,
  lease_until INTEGER NOT NULL, started_at INTEGER NOT NULL, died_at INTEGER) STRICT;
CREATE TABLE job(
  id INTEGER PRIMARY KEY, secret INTEGER NOT NULL, queue_id INTEGER NOT NULL, kind TEXT NOT NULL,
  state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 4), lane INTEGER NOT NULL CHECK(lane BETWEEN 0 AND 4),
  run_at INTEGER NOT NULL, attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, claim INTEGER NOT NULL,
  version INTEGER NOT NULL, rescues INTEGER NOT NULL, crashes INTEGER NOT NULL, crash_marks INTEGER NOT NULL,
  is_suspect INTEGER NOT NULL, worker_id INTEGER, is_cancel_asked INTEGER NOT NULL, unique_key BLOB,
  timeout INTEGER NOT NULL, keep_completed INTEGER NOT NULL, keep_failed INTEGER NOT NULL,
  progress REAL NOT NULL, progress_text TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER,
  error TEXT NOT NULL) STRICT;
CREATE INDEX job_ready ON job(queue_id, lane, id) WHERE state = 3;
CREATE INDEX job_suspect ON job(queue_id, lane, id) WHERE state = 3 AND is_suspect = 1;
CREATE INDEX job_due ON job(run_at) WHERE state IN (1, 2);
CREATE INDEX job_held ON job(worker_id, is_suspect) WHERE state = 4;
CREATE INDEX job_expires ON job(expires_at) WHERE expires_at IS NOT NULL AND state <> 4;
CREATE UNIQUE INDEX job_unique ON job(unique_key) WHERE unique_key IS NOT NULL;
CREATE TRIGGER job_comes AFTER INSERT ON job BEGIN
  UPDATE queue SET living = living + 1 WHERE id = NEW.queue_id; END;
CREATE TRIGGER job_goes AFTER DELETE ON job BEGIN
  UPDATE queue SET living = living - 1 WHERE id = OLD.queue_id; END;
CREATE TABLE job_body(
  id INTEGER PRIMARY KEY, payload TEXT NOT NULL, traceparent TEXT NOT NULL) STRICT;
CREATE TABLE job_checkpoint(
  id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE job_done(
  id INTEGER PRIMARY KEY, secret INTEGER NOT NULL, queue_id INTEGER NOT NULL, kind TEXT NOT NULL,
  state INTEGER NOT NULL CHECK(state BETWEEN 5 AND 7), lane INTEGER NOT NULL, run_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, claim INTEGER NOT NULL, version INTEGER NOT NULL,
  crashes INTEGER NOT NULL, is_cancel_asked INTEGER NOT NULL, unique_key BLOB, timeout INTEGER NOT NULL,
  keep_completed INTEGER NOT NULL, keep_failed INTEGER NOT NULL, progress REAL NOT NULL, progress_text TEXT NOT NULL,
  created_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, purge_at INTEGER NOT NULL,
  result TEXT NOT NULL, error TEXT NOT NULL) STRICT;
CREATE INDEX job_done_purge ON job_done(purge_at);
CREATE INDEX job_done_queue ON job_done(queue_id, state);
CREATE TABLE idempotency(
  scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, job_id INTEGER NOT NULL,
  job_secret INTEGER NOT NULL, is_new INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(scope, key)) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency(expires_at);
)sql";

// One for each version, in order; what has been released is never changed.
constexpr std::array<const char*, kSchemaVersion> kSteps{kVersion1};

}  // namespace

void migrate(db::Connection& connection) {
  db::Query query = connection.query("SELECT user_version FROM pragma_user_version");
  query.next();
  const int version = query.get<int>(0);
  if (version > kSchemaVersion) {
    throw db::DatabaseError(db::ErrorKind::kUnusable,
                            "the store is of version " + std::to_string(version) + ", this program knows up to " +
                                std::to_string(kSchemaVersion) + ": start the newer program, or use another file");
  }
  for (int next = version; next < kSchemaVersion; ++next) connection.execute(kSteps[static_cast<std::size_t>(next)]);
  if (version < kSchemaVersion) {
    connection.execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  }
}

}  // namespace weir::jobs::internal
