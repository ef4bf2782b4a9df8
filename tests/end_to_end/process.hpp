// SPDX-License-Identifier: MIT
// A real program under test: started, watched, signalled, and always gone in the end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Bounds a failure; nothing that works comes near it.
inline constexpr auto kPatience = 15s;

/// One run of a program, with both outputs in pipes.
///
/// Ownership: the destructor kills what still runs.
class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;
    std::vector<std::string> environment = {};  ///< "NAME=value", besides PATH. LISTEN_PID is added to LISTEN_FDS.
    std::vector<int> inherited = {};            ///< They become descriptors 3, 4, ... of the program.
    std::uint64_t descriptors_max = 0;          ///< RLIMIT_NOFILE; 0 keeps ours.
  };

  Process(const std::string& path, Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// Reads until standard output holds `text`; false at its end or after kPatience.
  bool wait_for_output(std::string_view text);
  /// The port of the line that says "serving"; 0 when it does not come.
  std::uint16_t wait_for_port();
  /// Reads both outputs to their end; the exit code, or 128 + the signal; nullopt, and a kill, when it takes too long.
  std::optional<int> wait_for_exit(std::chrono::milliseconds patience = kPatience);
  /// Watches for that long, reading what is written.
  void watch(std::chrono::milliseconds time);

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

  /// User and system time so far; also while the program is stopped.
  std::chrono::milliseconds cpu_time() const;

 private:
  /// Waits for output and takes it; false when both pipes are at their end or the deadline is over.
  bool take_output(Clock::time_point deadline);

  pid_t pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  std::string out_;
  std::string err_;
};

struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs a program to its end.
Finished run(const std::string& path, std::vector<std::string> arguments, std::vector<std::string> environment = {});

}  // namespace weir::test
