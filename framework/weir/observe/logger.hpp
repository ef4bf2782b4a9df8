// SPDX-License-Identifier: MIT
// The log of a process: rendered where the event happens, written by one thread of its own.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/observe/log_format.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace weir::observe {

/// Takes one or more whole lines, each with its line feed. Called on the logger's thread.
using LogSink = std::function<void(std::string_view lines)>;

/// How a Logger behaves, fixed when it is made (but for the level, which base::Log can change).
struct LoggerOptions {
  LogFormat format = LogFormat::kAuto;
  base::LogLevel level = base::LogLevel::kInfo;
  /// An open file, which the logger does not close, or a sink.
  std::variant<std::FILE*, LogSink> output = stderr;
  std::string name = {};                   ///< The service, in every JSON line unless empty.
  std::size_t queue_bytes = 1 << 20;       ///< Lines that wait for the logger's thread.
  std::size_t reserve_bytes = 256 << 10;   ///< Further room for warn and error only.
  base::Counter* dropped_lines = nullptr;  ///< Counts what found no room. Must outlive the logger.
  const base::Clock* clock = &base::SystemClock::instance();
};

/// Writes events as lines through spdlog, without making whoever logs wait for the output.
///
/// A line is rendered on the caller's stack and copied into a bounded queue under a mutex that is never held for more
/// than a copy. One thread writes what has gathered, at most every few milliseconds unless a warn or error is there.
/// A line that finds no room is dropped and counted; `log.dropped count=N` tells once there is room again. The part
/// of the queue beyond `queue_bytes` belongs to warn and error.
///
/// What log_later takes on a loop gathers there, up to 16 KiB, and goes into the queue at once when the loop's turn
/// ends: many loops with many requests do not meet at the mutex for each line.
///
/// Thread:    any; `flush` and the destructor wait for the output, so not on a loop that serves.
/// Ownership: owns its thread and its queue; the destructor writes everything and joins. Borrows the output. What a
/// loop
///            still gathers then is lost: the loops end first.
/// Errors:    never throws when logging. An output that fails loses its lines.
class Logger final : public base::Log {
 public:
  explicit Logger(LoggerOptions options = {});
  ~Logger() override;

  /// Waits until everything is out that was logged before this call, and in turns of loops that have ended. Not from
  /// within a LogSink.
  void flush();

  /// The same, but gives up after `limit` and returns false: an output may be stuck, such as a pipe that nobody reads.
  [[nodiscard]] bool flush_within(std::chrono::milliseconds limit);

  /// How many lines found no room so far.
  std::uint64_t dropped() const;

 protected:
  void write(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) noexcept override;
  void write_later(base::LogLevel level, std::string_view event,
                   std::span<const base::LogField> fields) noexcept override;

 private:
  class Writer;  // Hides spdlog, the queue and the thread.
  class Batch;
  std::shared_ptr<Writer> writer_;  // a loop's batch looks whether it is there still
};

}  // namespace weir::observe
