// SPDX-License-Identifier: MIT
// One run of one claimed job.
#pragma once

#include <weir/exec/work_item.hpp>
#include <weir/jobs/job_context.hpp>
#include <weir/jobs/job_type.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace weir::jobs::internal {

/// Why an attempt was asked to stop.
enum class StopReason : unsigned char { kNone, kTimeout, kCancelled, kClaimLost, kDrain };

/// Runs the handler, and turns what it does into an end of the attempt.
///
/// Thread:    the engine's loop, but for the handler that is no coroutine, which runs on a worker.
/// Ownership: the engine's, until it hears `ended`.
class Attempt final : public exec::WorkItem {
 public:
  Attempt(loop::Loop& home, ClaimedJob job, std::shared_ptr<const JobType> type, base::Log& log,
          std::function<void(Attempt&)> ended);

  const ClaimedJob& job() const { return job_; }
  const JobType& type() const { return *type_; }
  JobContext& context() { return context_; }

  /// A coroutine's; runs until it waits for the first time. The others are submitted to a pool.
  loop::Task<void> run_on_loop();
  /// Asks the handler to stop, once.
  void stop(StopReason reason);
  /// Not begun, and never to be.
  void give_back();

  /// Valid once it has ended.
  Finish::Ended end;
  /// How long its handler took.
  std::chrono::nanoseconds took{0};

 private:
  static constexpr base::TimePoint kNotYet = base::TimePoint::max();
  class Timeout final : public loop::Timer {
   public:
    Timeout(loop::Loop& loop, Attempt& attempt) : Timer(loop.timers()), attempt_(attempt) {}

   private:
    void on_expiry() noexcept override { attempt_.look_at_time(); }
    Attempt& attempt_;
  };

  void run(exec::Worker& worker) noexcept override;
  void on_loop() noexcept override;
  void look_at_time();
  void succeed(std::string result);
  void fail(std::exception_ptr failure) noexcept;
  void fail_with(Finish::Outcome outcome, std::string text, std::optional<Milliseconds> delay = {});
  void has_stopped();
  Milliseconds backoff() const;

  ClaimedJob job_;
  std::shared_ptr<const JobType> type_;
  std::function<void(Attempt&)> ended_;
  loop::StopSource stop_;
  JobContext context_;
  Timeout timeout_;
  std::atomic<StopReason> reason_{StopReason::kNone};
  std::atomic<base::TimePoint> begun_{kNotYet};
};

}  // namespace weir::jobs::internal
