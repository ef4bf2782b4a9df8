// SPDX-License-Identifier: MIT
// The submitters' side of a pool.
#include <weir/exec/worker_pool.hpp>

#include <weir/base/check.hpp>
#include <weir/base/machine.hpp>
#include <weir/exec/internal/pool_state.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace weir::exec {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::chrono::duration<double> kRetryAfterMax{30};
constexpr double kRetryJitter = 0.25;
constexpr seconds kOverdueLookEvery{1};

PoolOptions resolve(PoolOptions options) {
  WEIR_CHECK(options.queue > 0);
  WEIR_CHECK(options.max_wait >= std::chrono::milliseconds::zero());
  if (options.workers == 0) options.workers = base::available_cores();
  return options;
}

}  // namespace

WorkerPool::State::State(Parts parts)
    : parts_(std::move(parts)),
      options_(parts_.options),
      metrics_(parts_.name, parts_.metrics),
      random_(std::random_device{}()) {
  parts_.options = resolve(parts_.options);
  for (unsigned i = 0; i < options_.workers; ++i) slots_.push_back(std::make_unique<Slot>(i, parts_));
  metrics_.workers.set(options_.workers);
  metrics_.queue_limit.set(static_cast<std::int64_t>(options_.queue));
  start_threads();
}

SourceId WorkerPool::State::add_source(std::string label) {
  const std::lock_guard lock(mutex_);
  sources_.push_back({std::move(label)});
  return static_cast<SourceId>(sources_.size() - 1);
}

Admission WorkerPool::State::ask(SourceId source) {
  const std::lock_guard lock(mutex_);
  const base::TimePoint now = queue_.empty() ? base::TimePoint{} : parts_.clock.now();
  return count_shed(judge(source, now));
}

Admission WorkerPool::State::try_submit(WorkItem& item, SourceId source) {
  Slot* called = nullptr;
  {
    const std::lock_guard lock(mutex_);
    WEIR_CHECK(item.place_.load(std::memory_order_relaxed) == WorkItem::Place::kWithOwner);
    const base::TimePoint now = parts_.clock.now();
    if (now >= next_overdue_look_) refresh_overdue(now);
    const Admission admission = count_shed(judge(source, now));
    if (admission != Admission::kAdmitted) return admission;
    item.source_ = source;
    item.submitted_at_ = now;
    item.ending_ = WorkItem::Ending::kPending;
    item.place_.store(WorkItem::Place::kWaiting, std::memory_order_relaxed);
    queue_.push_back(item);
    ++sources_[source].waiting;
    metrics_.queue_depth.set(static_cast<std::int64_t>(queue_.size()));
    called = call_sleeper();
  }
  // Outside of the lock, so that the worker does not wake up to wait for it. From here on `item` may be gone.
  if (called != nullptr) called->parker.unpark();
  return Admission::kAdmitted;
}

bool WorkerPool::State::try_remove(WorkItem& item) {
  const std::lock_guard lock(mutex_);
  if (item.place_.load(std::memory_order_relaxed) != WorkItem::Place::kWaiting) return false;
  queue_.remove(item);
  leave_queue(item);
  metrics_.dropped_removed.add();
  item.ending_ = WorkItem::Ending::kDropped;
  item.place_.store(WorkItem::Place::kWithOwner, std::memory_order_relaxed);
  return true;
}

Admission WorkerPool::State::judge(SourceId source, base::TimePoint now) const {
  WEIR_CHECK(source < sources_.size());
  if (is_stopping_) return Admission::kStopping;
  if (queue_.size() >= options_.queue) return Admission::kQueueFull;
  const std::size_t share = sources_.size() > 1 ? std::max<std::size_t>(1, options_.queue / 2) : options_.queue;
  if (sources_[source].waiting >= share) return Admission::kShareFull;
  if (!queue_.empty() && now - queue_.front()->submitted_at_ > options_.max_wait) return Admission::kWaitTooLong;
  return Admission::kAdmitted;
}

Admission WorkerPool::State::count_shed(Admission admission) {
  switch (admission) {
    case Admission::kAdmitted:
      break;
    case Admission::kQueueFull:
      metrics_.shed_queue_full.add();
      break;
    case Admission::kShareFull:
      metrics_.shed_share.add();
      break;
    case Admission::kWaitTooLong:
      metrics_.shed_max_wait.add();
      break;
    case Admission::kStopping:
      metrics_.shed_stopping.add();
      break;
  }
  return admission;
}

// The counts of an item that is in queue_ no more.
void WorkerPool::State::leave_queue(WorkItem& item) {
  item.place_.store(WorkItem::Place::kWithWorker, std::memory_order_relaxed);
  --sources_[item.source_].waiting;
  metrics_.queue_depth.set(static_cast<std::int64_t>(queue_.size()));
}

seconds WorkerPool::State::retry_after() {
  const std::lock_guard lock(mutex_);
  const base::TimePoint now = parts_.clock.now();
  const std::size_t live = slots_.size() - refresh_overdue(now);
  // So that jitter spreads the longest waits as well.
  const Seconds longest = kRetryAfterMax / (1 + kRetryJitter);
  Seconds wait = longest;
  if (live > 0) {
    wait = typical_run(now) * static_cast<double>(queue_.size() + 1) / static_cast<double>(live);
    wait = std::min(wait, longest);
  }
  wait *= std::uniform_real_distribution(1 - kRetryJitter, 1 + kRetryJitter)(random_);
  return std::clamp(std::chrono::ceil<seconds>(wait), seconds(1), duration_cast<seconds>(kRetryAfterMax));
}

nanoseconds WorkerPool::State::oldest_wait() {
  const std::lock_guard lock(mutex_);
  return queue_.empty() ? nanoseconds::zero() : parts_.clock.now() - queue_.front()->submitted_at_;
}

// Before the first item has ended, the ages of those that run are all there is to go by.
WorkerPool::State::Seconds WorkerPool::State::typical_run(base::TimePoint now) const {
  const nanoseconds mean(mean_run_ns_.load(std::memory_order_relaxed));
  if (mean > nanoseconds::zero()) return mean;
  Seconds oldest{0};
  for (const auto& slot : slots_) {
    if (slot->is_running.load(std::memory_order_acquire)) oldest = std::max<Seconds>(oldest, now - slot->started_at);
  }
  return oldest;
}

std::size_t WorkerPool::State::refresh_overdue(base::TimePoint now) {
  next_overdue_look_ = now + kOverdueLookEvery;
  const auto count = std::count_if(slots_.begin(), slots_.end(), [now](const auto& slot) {
    return slot->is_running.load(std::memory_order_acquire) && slot->deadline <= now;
  });
  metrics_.overdue.set(count);
  return static_cast<std::size_t>(count);
}

std::vector<WorkerPool::Running> WorkerPool::State::running() {
  std::vector<Running> found;
  const std::lock_guard lock(mutex_);
  const base::TimePoint now = parts_.clock.now();
  refresh_overdue(now);
  for (const auto& slot : slots_) {
    if (!slot->is_running.load(std::memory_order_acquire)) continue;
    found.push_back({sources_[slot->source].label, now - slot->started_at});
  }
  return found;
}

WorkerPool::WorkerPool(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {}

WorkerPool::~WorkerPool() = default;

void WorkerPool::stop() {
  state_->stop();
}

SourceId WorkerPool::add_source(std::string label) {
  return state_->add_source(std::move(label));
}

Admission WorkerPool::ask(SourceId source) {
  return state_->ask(source);
}

Admission WorkerPool::try_submit(WorkItem& item, SourceId source) {
  return state_->try_submit(item, source);
}

bool WorkerPool::try_remove(WorkItem& item) {
  return state_->try_remove(item);
}

std::chrono::seconds WorkerPool::retry_after() {
  return state_->retry_after();
}

nanoseconds WorkerPool::oldest_wait() {
  return state_->oldest_wait();
}

bool WorkerPool::is_worker_thread() const {
  return state_->is_worker_thread();
}

std::vector<WorkerPool::Running> WorkerPool::running() const {
  return state_->running();
}

const std::string& WorkerPool::name() const {
  return state_->parts().name;
}

const PoolOptions& WorkerPool::options() const {
  return state_->parts().options;
}

}  // namespace weir::exec
