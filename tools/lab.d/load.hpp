// SPDX-License-Identifier: MIT
// One open-loop load: sends requests when a schedule says so, whatever became of the earlier ones.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "schedule.hpp"
#include "statistics.hpp"

namespace lab {

struct LoadOptions {
  int port = 0;                 // On 127.0.0.1, and nowhere else: this is no tool to point at others.
  Nanoseconds warmup = 0;       // Load before the measured time; its requests are not counted.
  Nanoseconds duration = 0;     // The measured time.
  Nanoseconds timeout = 0;      // From the intended start; then the request failed and its connection is closed.
  std::size_t connections = 0;  // Bound; beyond it arrivals wait for a free one, and the wait counts.
};

/// Sends a schedule over a pool of keep-alive connections, on the calling thread, and waits until each request is
/// answered or has failed.
///
/// Latency counts from the intended start, so a stall of the server is charged to every request that it held up.
class Load {
 public:
  Load(const LoadOptions& options, std::vector<RequestClass>& classes, const std::vector<Arrival>& schedule);
  Load(Load&&) = delete;
  ~Load();

  void run();

  /// CLOCK_MONOTONIC at the start of the schedule.
  [[nodiscard]] Nanoseconds started_at() const { return started_at_; }
  [[nodiscard]] std::size_t connections_peak() const { return connections_peak_; }
  [[nodiscard]] std::size_t waited_for_connection() const { return waited_for_connection_; }

  Samples lateness;      // Of the generator itself: from an intended start until it had acted on it.
  Samples connect_time;  // Of the connections opened in the measured time.

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  enum class State { kPlanned, kWaiting, kInFlight, kDone };

  struct Request {
    State state = State::kPlanned;
    std::size_t connection = kNone;
  };

  struct Connection {
    int fd = -1;  // -1: the slot is free.
    bool is_connecting = false;
    std::size_t request = kNone;  // The one in flight, or to be sent once connected.
    Nanoseconds opened_at = 0;
    std::string input;
  };

  // The turn of the thread: what is due, then what has arrived, then sleep until something is.
  void start_due();
  void expire_overdue();
  void wait_for_events();

  void start(std::size_t request);
  void open_connection(std::size_t request);
  void on_event(std::size_t connection, unsigned events);
  void on_connected(std::size_t connection);
  void on_readable(std::size_t connection);
  void send(std::size_t connection);
  void release(std::size_t connection);
  void close_connection(std::size_t connection);

  // Each request ends in one of these, once.
  void answered(std::size_t request, int status);
  void failed(std::size_t request, std::size_t RequestClass::*reason);

  [[nodiscard]] RequestClass& class_of(std::size_t request) { return classes_[schedule_[request].request_class]; }
  [[nodiscard]] bool is_measured(std::size_t request) const { return is_in_window(schedule_[request].intended); }
  [[nodiscard]] bool is_in_window(Nanoseconds since_start) const;
  [[nodiscard]] Nanoseconds since_start() const;

  const LoadOptions options_;
  std::vector<RequestClass>& classes_;
  const std::vector<Arrival>& schedule_;
  std::vector<std::string> request_bytes_;  // By class.

  std::vector<Request> requests_;  // By place in the schedule.
  std::size_t next_ = 0;           // The first that is not yet due.
  std::size_t oldest_ = 0;         // All before it are done: deadlines expire in the order of the schedule.
  std::deque<std::size_t> waiting_;

  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;  // The one used last is taken first, so that few stay in use.
  std::vector<std::size_t> free_slots_;
  std::size_t connections_peak_ = 0;
  std::size_t waited_for_connection_ = 0;
  Nanoseconds started_at_ = 0;
  int epoll_ = -1;
};

}  // namespace lab
