// SPDX-License-Identifier: MIT
// The workers' side of a pool.
#include <weir/exec/internal/pool_state.hpp>

#include <weir/base/check.hpp>
#include <weir/base/thread.hpp>

#include <utility>

namespace weir::exec {
namespace {

constexpr std::int64_t kRecentRuns = 8;  // How many runs the mean run time remembers, more or less.
constexpr std::size_t kThreadNameMax = 15;

// The system cuts names at the end, where the number is.
std::string thread_name(const std::string& pool, unsigned index) {
  const std::string prefix = "weir-";
  const std::string number = "-" + std::to_string(index);
  return prefix + pool.substr(0, kThreadNameMax - prefix.size() - number.size()) + number;
}

}  // namespace

// Says which pool's worker this thread is, so that offloading from there can run in place.
const WorkerPool::State*& WorkerPool::State::pool_of_thread() {
  thread_local const State* pool = nullptr;
  return pool;
}

bool WorkerPool::State::is_worker_thread() const {
  return pool_of_thread() == this;
}

void WorkerPool::State::start_threads() {
  try {
    for (const auto& slot : slots_) {
      {
        const std::lock_guard lock(mutex_);
        ++live_;
      }
      slot->thread = base::start_thread(thread_name(parts_.name, slot->index), [this, &one = *slot] { work(one); });
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      --live_;  // the one that did not start
    }
    stop();
    throw;
  }
}

void WorkerPool::State::work(Slot& slot) {
  pool_of_thread() = this;
  {
    Worker worker(thread_name(parts_.name, slot.index), slot.index, parts_.clock);
    while (true) {
      Taken taken = take(slot);
      if (taken.called != nullptr) taken.called->parker.unpark();
      send_home(taken.dropped);
      if (taken.item != nullptr) run(slot, worker, *taken.item);
      if (taken.is_end) break;
    }
  }
  const std::lock_guard lock(mutex_);
  if (--live_ == 0) ended_.notify_all();
}

WorkerPool::State::Taken WorkerPool::State::take(Slot& slot) {
  Taken taken;
  std::unique_lock lock(mutex_);
  while (true) {
    take_from_queue(slot, taken);
    if (taken.item != nullptr || !taken.dropped.empty()) break;
    if (is_stopping_) {
      taken.is_end = true;
      break;
    }
    sleep(slot, lock);
  }
  taken.called = call_sleeper();
  return taken;
}

// Everything that is dropped on the way to the first item worth running goes home together with its beginning.
void WorkerPool::State::take_from_queue(Slot& slot, Taken& taken) {
  if (queue_.empty()) return;
  const base::TimePoint now = parts_.clock.now();
  while (taken.item == nullptr && !queue_.empty()) {
    WorkItem& item = *queue_.pop_front();
    leave_queue(item);
    if (item.is_abandoned()) {
      metrics_.dropped_abandoned.add();
      taken.dropped.push_back(item);
    } else if (item.deadline <= now) {
      metrics_.dropped_deadline.add();
      taken.dropped.push_back(item);
    } else {
      taken.item = &item;
    }
  }
  if (taken.item != nullptr) {
    slot.source = taken.item->source_;
    slot.started_at = now;
    slot.deadline = taken.item->deadline;
    slot.is_running.store(true, std::memory_order_relaxed);
  }
  if (now >= next_overdue_look_) refresh_overdue(now);
}

void WorkerPool::State::run(Slot& slot, Worker& worker, WorkItem& item) {
  slot.metrics.wait_seconds.observe(Seconds(slot.started_at - item.submitted_at_).count());
  item.run(worker);
  const base::TimePoint now = parts_.clock.now();
  slot.metrics.run_seconds.observe(Seconds(now - slot.started_at).count());
  note_run(now - slot.started_at);
  slot.is_running.store(false, std::memory_order_release);
  if (slot.deadline <= now) {
    const std::lock_guard lock(mutex_);
    refresh_overdue(now);
  }
  send_home(item, WorkItem::Ending::kRan);
}

void WorkerPool::State::note_run(std::chrono::nanoseconds time) {
  const std::int64_t mean = mean_run_ns_.load(std::memory_order_relaxed);
  const std::int64_t step = mean == 0 ? time.count() : (time.count() - mean) / kRecentRuns;
  mean_run_ns_.store(mean + step, std::memory_order_relaxed);
}

// The last that the pool does with an item: it may be gone before complete() returns.
void WorkerPool::State::send_home(WorkItem& item, WorkItem::Ending ending) {
  item.ending_ = ending;
  item.place_.store(WorkItem::Place::kWithOwner, std::memory_order_relaxed);
  item.home_.complete(item);
}

void WorkerPool::State::send_home(WorkQueue& dropped) {
  while (WorkItem* const item = dropped.pop_front()) send_home(*item, WorkItem::Ending::kDropped);
}

void WorkerPool::State::sleep(Slot& slot, std::unique_lock<std::mutex>& lock) {
  slot.next_sleeper = std::exchange(sleepers_, &slot);
  lock.unlock();
  slot.parker.park();
  lock.lock();
  --called_;
}

// The sleeper that the caller has to unpark, if one is needed.
WorkerPool::State::Slot* WorkerPool::State::call_sleeper() {
  const bool is_needed = !queue_.empty() && called_ == 0;
  if (!is_needed || sleepers_ == nullptr) return nullptr;
  Slot* const slot = std::exchange(sleepers_, sleepers_->next_sleeper);
  ++called_;
  return slot;
}

void WorkerPool::State::stop() {
  WEIR_CHECK(!is_worker_thread());
  WorkQueue dropped = begin_stop();
  send_home(dropped);
  await_end();
  for (const auto& slot : slots_) {
    if (slot->thread.joinable()) slot->thread.join();
  }
  metrics_.workers.set(0);
}

WorkQueue WorkerPool::State::begin_stop() {
  WorkQueue dropped;
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  while (WorkItem* const item = queue_.pop_front()) {
    leave_queue(*item);
    metrics_.dropped_stopping.add();
    dropped.push_back(*item);
  }
  while (sleepers_ != nullptr) {
    Slot& slot = *std::exchange(sleepers_, sleepers_->next_sleeper);
    ++called_;
    slot.parker.unpark();
  }
  return dropped;
}

void WorkerPool::State::await_end() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, parts_.stop_warning_every, [this] { return live_ == 0; })) {
    lock.unlock();
    warn_of_running();
    lock.lock();
  }
}

void WorkerPool::State::warn_of_running() {
  for (const Running& item : running()) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(item.for_how_long).count();
    parts_.log.warn("pool.waiting", {{"pool", parts_.name}, {"runs", item.label}, {"for_ms", age}});
  }
}

}  // namespace weir::exec
