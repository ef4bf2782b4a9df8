// SPDX-License-Identifier: MIT
#include <weir/jobs/engine.hpp>

#include <weir/base/check.hpp>
#include <weir/base/machine.hpp>
#include <weir/base/thread.hpp>
#include <weir/jobs/internal/core.hpp>

#include <algorithm>
#include <utility>

namespace weir::jobs {

using internal::Attempt;
using internal::StopReason;

namespace {

constexpr std::size_t kPrefetchMax = 256;
constexpr std::size_t kPoolQueue = 65'536;
constexpr std::chrono::milliseconds kTryAgain{300};
constexpr std::chrono::milliseconds kLookAgain{30'000};  // somebody may set the calendar while a timer runs
constexpr std::chrono::milliseconds kReportEvery{1'000};
constexpr std::chrono::seconds kLastTries{5};

constexpr std::array<const char*, 6> kOutcomes{"succeeded", "failed",     "discarded",
                                               "snoozed",   "given-back", "cancelled"};

/// Work of the engine's own: it may not be refused, so it travels as a completion that owns itself.
class Posted final : public loop::Completion {
 public:
  explicit Posted(std::function<void()> work) : work_(std::move(work)) {}

 private:
  void on_loop() noexcept override {
    const std::unique_ptr<Posted> self(this);
    work_();
  }
  std::function<void()> work_;
};

}  // namespace

/// The engine's timers.
class Engine::Core::Clockwork {
 public:
  explicit Clockwork(Core& core)
      : due(core.loop_, [&core] { core.claim(); }),
        again(core.loop_,
              [&core] {
                core.finish();
                core.claim();
              }),
        report(core.loop_, [&core] { core.report(); }) {}

  class Callback final : public loop::Timer {
   public:
    Callback(loop::Loop& loop, std::function<void()> then)
        : Timer(loop.timers()), loop_(loop), then_(std::move(then)) {}
    void in(std::chrono::nanoseconds delay) { arm_finely_at(loop_.now() + delay); }

   private:
    void on_expiry() noexcept override { then_(); }
    loop::Loop& loop_;
    std::function<void()> then_;
  };

  Callback due;     // something is scheduled for then
  Callback again;   // the store failed
  Callback report;  // progress, and marks of a cancel
};

Engine::Core::Core(Parts parts)
    : parts_(std::move(parts)),
      calls_(parts_.store, loop_),
      clockwork_(std::make_unique<Clockwork>(*this)),
      running_gauge_(parts_.metrics.gauge({"weir_jobs_running", "Jobs that this process runs."})),
      lost_(parts_.metrics.counter({"weir_jobs_lost_total", "Ends that came under a claim that is another's now."})),
      run_seconds_(parts_.metrics.histogram({"weir_jobs_run_seconds", "How long handlers took."},
                                            {0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300})),
      pick_up_seconds_(parts_.metrics.histogram({"weir_jobs_wait_seconds", "From enqueue to the first attempt."},
                                                {0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300})) {
  for (const auto& type : parts_.types) types_[type->kind] = type;
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
    finished_[i] =
        &parts_.metrics.counter({"weir_jobs_attempts_total", "Attempts that have ended.", {{"outcome", kOutcomes[i]}}});
  }
  make_queues();
}

Engine::Core::~Core() {
  stop(std::chrono::nanoseconds(0));
  is_stopping_ = true;
  loop_.run_once();  // what was posted since then finds everything in its place
}

void Engine::Core::make_queues() {
  std::size_t workers = parts_.options.workers != 0 ? parts_.options.workers : base::available_cores();
  std::size_t asked = 0;
  const auto add = [this](const std::string& name, std::optional<std::size_t> limit) {
    Queue queue{.name = name, .running_max = {}};
    for (const auto& type : parts_.types) {
      if (type->queue != name) continue;
      queue.is_async = queue.is_async || type->is_async();
      if (type->running_max)
        queue.running_max = std::min(type->running_max, queue.running_max ? queue.running_max : type->running_max);
    }
    has_running_max_ = has_running_max_ || queue.running_max;
    queue.is_fixed = limit.has_value();
    queue.limit = limit.value_or(queue.is_async ? parts_.options.coroutines : 0);
    queues_.push_back(std::move(queue));
  };
  for (const auto& [name, limit] : parts_.options.queues) {
    add(name, limit);
    asked += limit;
  }
  if (parts_.options.queues.empty()) {
    for (const auto& type : parts_.types) {
      const auto is_there = [&](const Queue& queue) { return queue.name == type->queue; };
      if (std::none_of(queues_.begin(), queues_.end(), is_there)) add(type->queue, std::nullopt);
    }
  } else if (parts_.options.workers == 0) {
    workers = std::clamp<std::size_t>(asked, 1, 1'024);
  }
  parts_.options.workers = workers;
}

// ---- from outside ----

void Engine::Core::start() {
  WEIR_CHECK(!thread_.joinable());
  is_stopping_ = is_idle_ = false;
  is_beginning_anew_ = true;
  give_up_at_.reset();
  exec::PoolOptions pool{.workers = static_cast<unsigned>(parts_.options.workers), .queue = kPoolQueue};
  pool.max_wait = std::chrono::hours(24);
  pool_ = std::make_unique<exec::WorkerPool>(exec::WorkerPool::Parts{
      .name = "jobs", .options = pool, .clock = parts_.clock, .log = parts_.log, .metrics = parts_.metrics});
  source_ = pool_->add_source("jobs");
  keeper_ = std::make_unique<internal::Keeper>(internal::Keeper::Parts{.store = parts_.store,
                                                                       .liveness = parts_.liveness,
                                                                       .lease = parts_.options.lease,
                                                                       .beat = parts_.options.beat,
                                                                       .look_for_dead = parts_.options.look_for_dead,
                                                                       .log = parts_.log,
                                                                       .rescued = [this] { wake(); },
                                                                       .declared_dead =
                                                                           [this] {
                                                                             post([this] {
                                                                               stop_all(StopReason::kClaimLost);
                                                                               is_beginning_anew_ = true;
                                                                               claim();
                                                                             });
                                                                           }});
  thread_ = base::start_thread("weir-jobs", [this] { loop_.run(); });
  post([this] {
    clockwork_->report.in(kReportEvery);
    claim();
  });
}

void Engine::Core::post(std::function<void()> work) {
  loop_.complete(*new Posted(std::move(work)));  // deletes itself in on_loop
}

void Engine::Core::wake() {
  if (is_woken_.exchange(true)) return;
  post([this] {
    is_woken_ = false;
    claim();
  });
}

void Engine::Core::cancel(const JobId& id) {
  post([this, number = id.number] {
    if (const auto found = running_.find(number); found != running_.end()) found->second->stop(StopReason::kCancelled);
  });
}

void Engine::Core::begin_stop() {
  if (thread_.joinable()) post([this] { is_stopping_ = true; });
}

std::size_t Engine::Core::stop(std::chrono::nanoseconds patience) {
  if (!thread_.joinable()) return 0;
  begin_stop();
  std::size_t cut_short = 0;
  post([this] { look_if_idle(); });
  {
    std::unique_lock lock(mutex_);
    if (!idle_.wait_for(lock, patience, [this] { return is_idle_; })) {
      lock.unlock();
      post([this, &cut_short] {
        cut_short = running_.size();
        cut();
      });
      lock.lock();
      idle_.wait(lock, [this] { return is_idle_; });
    }
  }
  keeper_->stop();
  loop_.stop();
  thread_.join();  // what was posted before has run by then
  pool_.reset();
  return cut_short;
}

// ---- claims ----

// Beyond the workers so many more that none of them waits for the disk.
std::size_t Engine::Core::slots_of(const Queue& queue) const {
  std::size_t limit = queue.limit;
  if (!queue.is_fixed && !queue.is_async) {
    const auto workers = static_cast<double>(parts_.options.workers);
    const double ahead = workers * kPrefetchSeconds / std::max(mean_seconds_, 1e-6);
    limit = parts_.options.workers + std::min(kPrefetchMax, static_cast<std::size_t>(ahead));
  }
  return limit > queue.used ? limit - queue.used : 0;
}

void Engine::Core::claim(bool is_look) {
  if (is_stopping_) return look_if_idle();
  is_claim_wanted_ = is_claiming_;
  if (is_claiming_) return;
  if (is_beginning_anew_) {
    // What it ran under its old number is others' now, and may come back to it: not beside itself.
    if (!running_.empty()) return;
    worker_ = keeper_->worker();
    is_beginning_anew_ = false;
  }
  if (running_.size() == 1 && running_.begin()->second->job().is_suspect) return;
  const bool has_to_wait = is_waiting_for_suspect_ && !running_.empty();
  if (has_to_wait && !is_look) return;
  Claim claim;
  claim.worker = worker_;
  for (const Queue& queue : queues_) {
    const std::size_t slots = has_to_wait ? 0 : slots_of(queue);
    if (slots > 0 || has_to_wait) claim.queues.push_back({queue.name, slots, queue.running_max});
  }
  if (claim.queues.empty()) return;
  is_claiming_ = true;
  calls_.ask<Claim>(std::move(claim), Durability::kRelaxed,
                    [this](Verdict verdict, Claim& answered) { take_claimed(verdict, answered); });
}

void Engine::Core::take_claimed(Verdict verdict, Claim& claimed) {
  is_claiming_ = false;
  if (verdict != Verdict::kDone) return clockwork_->again.in(kTryAgain);
  const bool need_not_wait = std::exchange(is_waiting_for_suspect_, claimed.has_suspects) && !claimed.has_suspects;
  const bool has_some = !claimed.jobs.empty();
  for (ClaimedJob& job : claimed.jobs) begin(std::move(job));
  if (claimed.next_due) {
    const auto delay = *claimed.next_due - std::chrono::floor<Milliseconds>(parts_.clock.wall_now());
    clockwork_->due.in(std::clamp<Milliseconds>(delay, Milliseconds(1), kLookAgain));
  }
  if (is_claim_wanted_ || need_not_wait || (has_some && claimed.has_more)) claim();
  look_if_idle();
}

void Engine::Core::begin(ClaimedJob job) {
  const auto queue = std::find_if(queues_.begin(), queues_.end(), [&](const Queue& q) { return q.name == job.queue; });
  const auto type = types_.find(job.kind);
  if (type == types_.end()) {
    parts_.log.error("jobs.unknown_kind", {{"kind", job.kind}, {"id", job.id.text()}});
    constexpr Milliseconds kLater{60'000};
    to_tell_.push_back({job.id, job.claim, Finish::Outcome::kSnoozed, "", kLater});
    return finish();
  }
  if (running_.contains(job.id.number)) {
    to_tell_.push_back({job.id, job.claim, Finish::Outcome::kGivenBack, "", Milliseconds(0)});
    return finish();
  }
  ++queue->used;
  if (job.attempt == 1) {
    const auto waited = std::chrono::floor<Milliseconds>(parts_.clock.wall_now()) - job.created;
    pick_up_seconds_.observe(std::chrono::duration<double>(waited).count());
  }
  const std::int64_t number = job.id.number;
  auto made = std::make_unique<Attempt>(loop_, std::move(job), type->second, parts_.log,
                                        [this](Attempt& attempt) { ended(attempt); });
  Attempt& attempt = *made;
  running_[number] = std::move(made);
  running_gauge_.add(1);
  if (is_stopping_) {
    attempt.give_back();
    return ended(attempt);
  }
  if (attempt.type().is_async()) {
    scope_.spawn(attempt.run_on_loop());
  } else if (pool_->try_submit(attempt, source_) != exec::Admission::kAdmitted) {
    attempt.give_back();
    ended(attempt);
  }
}

// ---- ends ----

void Engine::Core::ended(Attempt& attempt) {
  count(attempt);
  const auto queue =
      std::find_if(queues_.begin(), queues_.end(), [&](const Queue& q) { return q.name == attempt.job().queue; });
  --queue->used;
  if (attempt.end.outcome != Finish::Outcome::kSucceeded) {
    auto said = attempt.context().take_report();
    if (said && said->checkpoint) to_say_.push_back(std::move(*said));
  }
  to_tell_.push_back(std::move(attempt.end));
  running_gauge_.add(-1);
  // Its own frame may be what calls: it goes on the next turn.
  gone_.push_back(std::move(running_.extract(attempt.job().id.number).mapped()));
  if (gone_.size() == 1) post([this] { gone_.clear(); });
  finish();
  claim();
}

void Engine::Core::count(const Attempt& attempt) {
  finished_[static_cast<std::size_t>(attempt.end.outcome)]->add();
  if (attempt.took.count() == 0) return;
  const double seconds = std::chrono::duration<double>(attempt.took).count();
  run_seconds_.observe(seconds);
  mean_seconds_ += (seconds - mean_seconds_) / 16;
  if (attempt.end.outcome == Finish::Outcome::kFailed || attempt.end.outcome == Finish::Outcome::kDiscarded) {
    parts_.log.warn("job.failed", {{"kind", attempt.job().kind},
                                   {"id", attempt.job().id.text()},
                                   {"attempt", attempt.job().attempt},
                                   {"why", attempt.end.text}});
  }
}

void Engine::Core::finish() {
  if (is_finishing_ || to_tell_.empty()) return;
  is_finishing_ = true;
  if (!to_say_.empty()) return say_before();
  Finish finish;
  if (singly_ == 0) {
    finish.ended = std::exchange(to_tell_, {});
  } else {
    --singly_;
    finish.ended.push_back(std::move(to_tell_.front()));
    to_tell_.erase(to_tell_.begin());
  }
  calls_.ask<Finish>(std::move(finish), Durability::kFull,
                     [this](Verdict verdict, Finish& answered) { take_finished(verdict, answered); });
}

// The next attempts may begin as soon as these have ended.
void Engine::Core::say_before() {
  Report report;
  report.said = std::exchange(to_say_, {});
  calls_.ask<Report>(std::move(report), Durability::kRelaxed, [this](Verdict verdict, Report& answered) {
    is_finishing_ = false;
    if (verdict == Verdict::kDone) return finish();
    say_again(answered);
    try_again();
  });
}

// What is told again is not done twice for that.
void Engine::Core::try_again() {
  if (!give_up_at_ || loop_.now() < *give_up_at_) return clockwork_->again.in(kTryAgain);
  parts_.log.error("jobs.ends_not_told", {{"jobs", to_tell_.size()}});  // they run again, once the lease is over
  to_tell_.clear();
  to_say_.clear();
  look_if_idle();
}

void Engine::Core::take_finished(Verdict verdict, Finish& finish) {
  is_finishing_ = false;
  std::vector<Finish::Ended>& told = finish.ended;
  if (verdict != Verdict::kDone) {
    parts_.log.warn("jobs.ends_refused", {{"jobs", told.size()}});
    // One that can never be stored must not hold up the others: it comes after them.
    const bool is_one = told.size() == 1;
    if (!is_one) singly_ = told.size();
    to_tell_.insert(is_one ? to_tell_.end() : to_tell_.begin(), std::make_move_iterator(told.begin()),
                    std::make_move_iterator(told.end()));
    return is_one && singly_ > 0 ? this->finish() : try_again();
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    parts_.on_change(told[i].id);
    if (!finish.accepted[i].is_accepted) lost_.add();
    // It may be due sooner than what the timer is set to.
    if (finish.accepted[i].state == JobState::kRetryable || finish.accepted[i].state == JobState::kScheduled) {
      is_claim_wanted_ = true;
    }
  }
  this->finish();
  // What waits for these to have ended is not told otherwise.
  if (is_claim_wanted_ || is_waiting_for_suspect_ || has_running_max_) claim();
  look_if_idle();
}

// ---- while they run ----

void Engine::Core::report() {
  clockwork_->report.in(kReportEvery);
  claim(true);  // whatever else should have told of new jobs
  if (running_.empty()) return;
  Report report;
  for (const auto& [number, attempt] : running_) {
    auto said = attempt->context().take_report();
    if (!said)
      said = Report::Said{.id = attempt->job().id, .claim = attempt->job().claim, .progress = {}, .checkpoint = {}};
    report.said.push_back(std::move(*said));
  }
  calls_.ask<Report>(std::move(report), Durability::kRelaxed, [this](Verdict verdict, Report& answered) {
    verdict == Verdict::kDone ? take_answers(answered) : say_again(answered);
    look_if_idle();
  });
}

void Engine::Core::say_again(Report& report) {
  std::vector<Report::Said> of_ended;
  for (Report::Said& said : report.said) {
    const auto found = running_.find(said.id.number);
    if (found != running_.end() && found->second->job().claim == said.claim) {
      found->second->context().put_back(std::move(said));
    } else if (said.checkpoint) {
      of_ended.push_back(std::move(said));
    }
  }
  // Newer ones come after them.
  to_say_.insert(to_say_.begin(), std::make_move_iterator(of_ended.begin()), std::make_move_iterator(of_ended.end()));
}

void Engine::Core::take_answers(Report& report) {
  for (std::size_t i = 0; i < report.said.size(); ++i) {
    if (report.said[i].progress) parts_.on_change(report.said[i].id);
    const auto found = running_.find(report.said[i].id.number);
    if (found == running_.end() || found->second->job().claim != report.said[i].claim) continue;
    if (!report.answers[i].is_current) {
      found->second->stop(StopReason::kClaimLost);
    } else if (report.answers[i].is_cancel_asked) {
      found->second->stop(StopReason::kCancelled);
    }
  }
}

// ---- the end ----

// Patience is at an end.
void Engine::Core::cut() {
  give_up_at_ = loop_.now() + kLastTries;
  give_back_waiting();
  stop_all(StopReason::kDrain);
  look_if_idle();
}

void Engine::Core::stop_all(StopReason reason) {
  for (const auto& [number, attempt] : running_) attempt->stop(reason);
}

// Those that no worker has begun.
void Engine::Core::give_back_waiting() {
  std::vector<Attempt*> waiting;
  for (const auto& [number, attempt] : running_) {
    if (!attempt->type().is_async() && pool_->try_remove(*attempt)) waiting.push_back(attempt.get());
  }
  for (Attempt* const attempt : waiting) {
    attempt->give_back();
    ended(*attempt);
  }
}

void Engine::Core::look_if_idle() {
  if (!is_stopping_ || !running_.empty() || calls_.pending() > 0 || !to_tell_.empty()) return;
  clockwork_->report.disarm();
  clockwork_->due.disarm();
  const std::lock_guard lock(mutex_);
  is_idle_ = true;
  idle_.notify_one();
}

// ---- the public face ----

Engine::Engine(Parts parts) : core_(std::make_unique<Core>(std::move(parts))) {}
Engine::~Engine() = default;
void Engine::start() {
  core_->start();
}
void Engine::begin_stop() {
  core_->begin_stop();
}
std::size_t Engine::stop(std::chrono::nanoseconds patience) {
  return core_->stop(patience);
}
void Engine::wake() {
  core_->wake();
}
void Engine::cancel(const JobId& id) {
  core_->cancel(id);
}

}  // namespace weir::jobs
