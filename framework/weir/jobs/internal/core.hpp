// SPDX-License-Identifier: MIT
// The engine's loop: who runs, who may, and what the store has to hear.
#pragma once

#include <weir/exec/worker_pool.hpp>
#include <weir/jobs/engine.hpp>
#include <weir/jobs/internal/attempt.hpp>
#include <weir/jobs/internal/keeper.hpp>
#include <weir/jobs/internal/store_call.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/task_scope.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace weir::jobs {

/// Thread: its own loop's, but for what says otherwise.
///
/// Invariants: (1) at most one claim and one finish are under way: what ends meanwhile is told together with the next;
/// (2) an attempt has a slot of its queue from the claim to its end, not to the commit of that: the next job is claimed
/// in the same transaction.
class Engine::Core {
 public:
  explicit Core(Parts parts);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  // From outside.
  void start();
  void begin_stop();
  std::size_t stop(std::chrono::nanoseconds patience);
  void wake();
  void cancel(const JobId& id);

 private:
  static constexpr double kPrefetchSeconds = 0.02;  // of work beyond what runs: a commit's time, and to spare
  struct Queue {
    std::string name;
    std::size_t limit = 0;
    std::size_t used = 0;
    std::optional<std::size_t> running_max;
    bool is_fixed = false;  ///< The limit was given; else it follows how long jobs take.
    bool is_async = false;
  };
  class Clockwork;

  void make_queues();
  std::size_t slots_of(const Queue& queue) const;
  /// `is_look`: where it may not claim now, at least whether it may again.
  void claim(bool is_look = false);
  void take_claimed(Verdict verdict, Claim& claim);
  void begin(ClaimedJob job);
  void ended(internal::Attempt& attempt);
  void count(const internal::Attempt& attempt);
  void finish();
  void say_before();
  void say_again(Report& report);
  void try_again();
  void cut();
  void take_finished(Verdict verdict, Finish& finish);
  void report();
  void take_answers(Report& report);
  void stop_all(internal::StopReason reason);
  void give_back_waiting();
  void look_if_idle();
  /// Any thread. Of ours and few: it cannot be refused.
  void post(std::function<void()> work);

  Parts parts_;
  loop::Loop loop_;
  std::unordered_map<std::string, std::shared_ptr<const JobType>> types_;
  std::vector<Queue> queues_;
  std::unique_ptr<exec::WorkerPool> pool_;
  exec::SourceId source_ = 0;
  std::unique_ptr<internal::Keeper> keeper_;
  std::unordered_map<std::int64_t, std::unique_ptr<internal::Attempt>> running_;  // by the number of the job
  std::vector<std::unique_ptr<internal::Attempt>> gone_;                          // have ended
  std::vector<Finish::Ended> to_tell_;
  std::vector<Report::Said> to_say_;  // checkpoints of attempts that have ended: stored before their ends are
  bool is_claiming_ = false;
  bool is_claim_wanted_ = false;
  bool is_waiting_for_suspect_ = false;
  bool is_beginning_anew_ = true;  // under a number that it has not claimed with
  std::int64_t worker_ = 0;
  bool is_finishing_ = false;
  std::size_t singly_ = 0;  // so many ends are told one by one: one of them was refused
  bool is_stopping_ = false;
  bool has_running_max_ = false;
  std::optional<base::TimePoint> give_up_at_;  // of a stop: a store that still fails then will not hear of the ends
  double mean_seconds_ = kPrefetchSeconds;     // of recent handlers
  internal::StoreCalls calls_;
  std::unique_ptr<Clockwork> clockwork_;
  std::atomic<bool> is_woken_{false};

  std::mutex mutex_;  // guards is_idle_
  std::condition_variable idle_;
  bool is_idle_ = false;

  base::Gauge& running_gauge_;
  std::array<base::Counter*, 6> finished_{};  // by outcome
  base::Counter& lost_;
  base::Histogram& run_seconds_;
  base::Histogram& pick_up_seconds_;
  loop::TaskScope scope_;
  std::thread thread_;
};

}  // namespace weir::jobs
