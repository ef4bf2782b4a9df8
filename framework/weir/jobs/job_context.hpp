// SPDX-License-Identifier: MIT
// What a job's handler sees of the attempt that it is.
#pragma once

#include <weir/base/log.hpp>
#include <weir/jobs/store.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/stop_source.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace weir::jobs {

/// How a handler ends its attempt other than by a result or a failure. No std::exception, so that
/// `catch (const std::exception&)` does not swallow it.
struct JobEnd {
  Finish::Outcome outcome;
  std::string text;
  std::optional<Milliseconds> delay;
};

/// One attempt of a job. It may not be the first: what the handler does has to bear being done again.
///
/// Thread:    any.
/// Ownership: good until the handler has returned.
class JobContext {
 public:
  JobContext(const ClaimedJob& job, loop::StopSource& stop, base::Log& log) : job_(job), stop_(stop), log_(log) {}
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  /// The same for every attempt: what makes an effect elsewhere recognisable as the same.
  std::string id() const { return job_.id.text(); }
  std::string idempotency_key() const { return id(); }
  const std::string& kind() const { return job_.kind; }
  /// From 1.
  int attempt() const { return job_.attempt; }
  int max_attempts() const { return job_.max_attempts; }
  bool is_last_attempt() const { return job_.attempt >= job_.max_attempts; }
  const std::string& traceparent() const { return job_.traceparent; }
  base::Log& log() const { return log_; }

  /// How far it is, from 0 to 1, and in words. Never waits; clients hear of it within about a second.
  void progress(double part, std::string_view text = {});
  /// Keeps data for the next attempt, should this one not come to its end: where to go on from. Stored within about a
  /// second, without waiting for it.
  void save_checkpoint(std::string data);
  /// What an earlier attempt kept; empty when none did.
  const std::string& checkpoint() const { return job_.checkpoint; }

  /// Whether it should stop: it was cancelled, its time is up, its claim is lost, or the service ends.
  bool is_stop_requested() const noexcept { return stop_.is_stop_requested(); }
  std::stop_token stop_token() const { return stop_.token(); }
  /// For the loops of a handler: leaves it when it should stop. Errors: throws Cancelled.
  void throw_if_stopped() const {
    if (is_stop_requested()) throw loop::Cancelled();
  }

  /// `co_await job.sleep(50ms)` in a handler that is a coroutine. Errors: throws Cancelled when it should stop.
  loop::Sleep sleep(std::chrono::nanoseconds duration) const { return loop::sleep(duration); }

  /// It failed, and no other attempt would do better: no more are made.
  [[noreturn]] void discard(std::string why) const { throw JobEnd{Finish::Outcome::kDiscarded, std::move(why), {}}; }
  /// Not now: another attempt after `delay`, of which this one does not count.
  [[noreturn]] void snooze(Milliseconds delay) const { throw JobEnd{Finish::Outcome::kSnoozed, {}, delay}; }
  /// It is not wanted any more.
  [[noreturn]] void cancel(std::string why) const { throw JobEnd{Finish::Outcome::kCancelled, std::move(why), {}}; }
  /// It failed; the next attempt, if one is left, comes after `delay` in place of the usual backoff.
  [[noreturn]] void retry_in(Milliseconds delay, std::string why) const {
    throw JobEnd{Finish::Outcome::kFailed, std::move(why), delay};
  }

  /// For the engine: what was said since the last call; nullopt when nothing was.
  std::optional<Report::Said> take_report();
  /// The store did not hear it: what was said since counts more.
  void put_back(Report::Said said);

 private:
  const ClaimedJob& job_;
  loop::StopSource& stop_;
  base::Log& log_;
  std::mutex mutex_;  // guards what follows
  std::optional<double> progress_;
  std::string progress_text_;
  std::optional<std::string> checkpoint_;
};

}  // namespace weir::jobs
