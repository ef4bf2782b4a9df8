// SPDX-License-Identifier: MIT
// The threads that read a file.
#pragma once

#include <weir/base/bounded_queue.hpp>
#include <weir/base/unique_function.hpp>
#include <weir/db/connection.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::db::internal {

/// Runs reads, each in a transaction of its own, so that it sees one state of the file.
///
/// Thread: any. The destructor runs what waits, then ends the threads.
class Readers {
 public:
  /// Must not throw.
  using Read = base::UniqueFunction<void(Connection&)>;

  /// A read that takes longer than `time_max` is interrupted: meanwhile the log cannot be emptied.
  Readers(const Connection::Options& connection, std::size_t threads, std::size_t waiting_max,
          std::chrono::nanoseconds time_max);
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers();

  /// False, with `read` untouched, when too many wait.
  [[nodiscard]] bool try_submit(Read&& read);

 private:
  void run(Connection& connection) noexcept;

  const std::chrono::nanoseconds time_max_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::mutex mutex_;
  std::condition_variable wake_;
  base::BoundedQueue<Read> waiting_;  // under the mutex
  bool is_stopping_ = false;          // under the mutex
  std::vector<std::thread> threads_;
};

}  // namespace weir::db::internal
