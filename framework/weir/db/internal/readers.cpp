// SPDX-License-Identifier: MIT
#include <weir/db/internal/readers.hpp>

#include <weir/base/thread.hpp>

namespace weir::db::internal {

Readers::Readers(const Connection::Options& connection, std::size_t threads, std::size_t waiting_max,
                 std::chrono::nanoseconds time_max)
    : time_max_(time_max), waiting_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) {
    connections_.push_back(std::make_unique<Connection>(connection));
    // The read opens the log: from here on its index outlives the writer's connection, and a commit that failed cannot
    // come back by a recovery while the process lives.
    connections_.back()->execute(
        "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; SELECT 1 FROM sqlite_schema LIMIT 1");
  }
  for (const auto& own : connections_) {
    threads_.push_back(base::start_thread("weir-db-reader", [this, &reader = *own] { run(reader); }));
  }
}

Readers::~Readers() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Readers::try_submit(Read&& read) {
  const std::lock_guard lock(mutex_);
  if (!waiting_.try_push(std::move(read))) return false;
  wake_.notify_one();
  return true;
}

void Readers::run(Connection& connection) noexcept {
  for (;;) {
    std::optional<Read> read;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !waiting_.empty() || is_stopping_; });
      read = waiting_.try_pop();
    }
    if (!read) return;
    connection.run("BEGIN");
    connection.guard(base::SystemClock::instance().now() + time_max_);
    (*read)(connection);
    connection.lift_guard();
    if (connection.is_in_transaction()) connection.run("ROLLBACK");  // an I/O error has ended it
  }
}

}  // namespace weir::db::internal
