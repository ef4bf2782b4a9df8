// SPDX-License-Identifier: MIT
// How the processes of one store tell each other at once that there is something to look at.
#pragma once

#include <weir/base/unique_function.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir::jobs {

/// A datagram socket beside the store for each process, and a thread that sends to those of the others what was rung
/// meanwhile: one datagram for many rings. A datagram may be lost; nothing rests on it but how soon something is seen.
///
/// Thread:    ring on any.
/// Ownership: `heard` is called on the bell's thread until it is destroyed.
/// Errors:    the constructor throws std::runtime_error when the socket cannot be made.
class ProcessBell {
 public:
  struct Rung {
    bool has_new_jobs = false;
    std::vector<std::int64_t> changed;  ///< Numbers of jobs.
  };
  /// `folder` exists.
  ProcessBell(std::string folder, base::UniqueFunction<void(const Rung&)> heard);
  ProcessBell(const ProcessBell&) = delete;
  ProcessBell& operator=(const ProcessBell&) = delete;
  ~ProcessBell();

  /// There are new jobs.
  void ring_for_new();
  /// That job has changed.
  void ring_for(std::int64_t number);

 private:
  void run() noexcept;
  void wake();
  void send();
  void receive();

  std::string folder_;
  std::string name_;
  base::UniqueFunction<void(const Rung&)> heard_;
  int socket_ = -1;
  int wake_up_ = -1;  // an eventfd
  std::mutex mutex_;  // guards rung_
  Rung rung_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace weir::jobs
