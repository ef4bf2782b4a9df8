// SPDX-License-Identifier: MIT
// The thread that owns the one connection by which a file is written.
#pragma once

#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/db/connection.hpp>
#include <weir/db/internal/file_gate.hpp>
#include <weir/db/write.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::db::internal {

/// Runs writes in transactions: those that came while the last one was being committed are the next one.
///
/// What it does after an error:
///   a write throws            its savepoint is rolled back; the others go on
///   a write ends the          nothing is acknowledged; the others run again without it
///   transaction, or throws
///   without a savepoint
///   no room                   the writes that grow the file are refused (kFull), the others run again alone
///   the disk fails            nothing is tried again on this connection: it is closed, and opened for the next tick
///
/// Thread: submit on any; the rest on its own. Ends its thread in the destructor, after everything submitted.
class Writer {
 public:
  struct Parts {
    Connection::Options connection;
    std::string gate_path;
    std::uint64_t reserve_bytes = 0;
    std::int64_t log_bytes_alarm = 0;
    base::Log& log;
    base::Metrics& metrics;
  };
  /// Opens the file and sets its modes up. Errors: DatabaseError.
  explicit Writer(Parts parts);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void submit(Write& write);
  /// False when kWaitingMax wait: for new work.
  [[nodiscard]] bool try_submit(Write& write);

  static constexpr std::size_t kWaitingMax = 4'096;
  static constexpr std::size_t kWritesPerTick = 256;
  static constexpr std::size_t kBytesPerTick = 4 << 20;

 private:
  using Tick = std::vector<Write*>;
  struct Bad {
    Write* write;
    std::exception_ptr failure;
  };

  void run() noexcept;
  void add(Write& write);
  Tick take_tick();
  void run_tick(Tick& tick) noexcept;
  bool try_tick(Tick& tick, Durability durability, std::vector<Bad>& refused);
  void apply(Write& write, std::vector<Bad>& refused);
  bool is_disk_short() const;
  void refuse_growing(Tick& tick, const std::exception_ptr& failure);
  void open();
  void set_durability(Durability durability);
  void checkpoint() noexcept;
  void close() noexcept;
  static void settle(Write& write, Settlement settlement, std::exception_ptr failure = nullptr) noexcept;
  static Durability durability_of(const Tick& tick);

  Parts parts_;
  FileGate gate_;
  std::unique_ptr<Connection> connection_;  // null after the disk failed
  Durability durability_ = Durability::kFull;
  int log_pages_ = 0;
  int log_pages_kept_ = 0;  // of the last checkpoint, which could not reset the log

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::array<Write*, 3> heads_{};
  std::array<Write**, 3> tails_{&heads_[0], &heads_[1], &heads_[2]};
  std::size_t waiting_ = 0;
  bool is_stopping_ = false;

  base::Histogram& tick_seconds_;
  base::Histogram& tick_writes_;
  base::Gauge& log_bytes_;
  base::Counter& refused_full_;
  std::thread thread_;
};

}  // namespace weir::db::internal
