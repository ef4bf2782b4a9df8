// SPDX-License-Identifier: MIT
// What is behind a pool: its queue, its threads, and the mutex between them.
#pragma once

#include <weir/exec/internal/parker.hpp>
#include <weir/exec/internal/pool_metrics.hpp>
#include <weir/exec/internal/work_queue.hpp>
#include <weir/exec/worker_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace weir::exec {

// Invariants, under the mutex:
// 1. While an item waits, no worker sleeps unless another one is on its way (called_ > 0): who arrives calls the next.
// 2. A waiting item is kWaiting, in queue_ and counted by its source.
class WorkerPool::State {
 public:
  explicit State(Parts parts);
  ~State() { stop(); }

  void stop();
  SourceId add_source(std::string label);
  Admission ask(SourceId source);
  Admission try_submit(WorkItem& item, SourceId source);
  bool try_remove(WorkItem& item);
  std::chrono::seconds retry_after();
  std::chrono::nanoseconds oldest_wait();
  std::vector<Running> running();
  bool is_worker_thread() const;

  const Parts& parts() const { return parts_; }

 private:
  using Seconds = std::chrono::duration<double>;

  struct Source {
    std::string label;
    std::size_t waiting = 0;
  };

  // A thread, and what others need to know of it.
  struct Slot {
    Slot(unsigned index_in, const Parts& parts) : index(index_in), metrics(parts.name, parts.metrics) {}

    const unsigned index;
    WorkerMetrics metrics;
    std::thread thread;
    Parker parker;
    Slot* next_sleeper = nullptr;
    // The item that it runs. Written by the thread: under the mutex when it begins, without when it ends.
    std::atomic<bool> is_running{false};
    SourceId source = 0;
    base::TimePoint started_at{};
    base::TimePoint deadline{};
  };

  // What a worker leaves the lock with.
  struct Taken {
    WorkItem* item = nullptr;  // to be run
    WorkQueue dropped;         // to be sent home
    Slot* called = nullptr;    // to be unparked
    bool is_end = false;
  };

  static const State*& pool_of_thread();

  void start_threads();
  void work(Slot& slot);
  Taken take(Slot& slot);
  void take_from_queue(Slot& slot, Taken& taken);
  void run(Slot& slot, Worker& worker, WorkItem& item);
  void note_run(std::chrono::nanoseconds time);
  static void send_home(WorkItem& item, WorkItem::Ending ending);
  static void send_home(WorkQueue& dropped);

  Admission judge(SourceId source, base::TimePoint now) const;
  Admission count_shed(Admission admission);
  void leave_queue(WorkItem& item);
  void sleep(Slot& slot, std::unique_lock<std::mutex>& lock);
  Slot* call_sleeper();
  std::size_t refresh_overdue(base::TimePoint now);
  Seconds typical_run(base::TimePoint now) const;

  WorkQueue begin_stop();
  void await_end();
  void warn_of_running();

  Parts parts_;
  const PoolOptions& options_;
  PoolMetrics metrics_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<std::int64_t> mean_run_ns_{0};  // Two writers may lose one another's run; it is a mean.

  std::mutex mutex_;  // guards the rest
  WorkQueue queue_;
  std::vector<Source> sources_;
  Slot* sleepers_ = nullptr;  // The last to fall asleep is called first: its caches are warm.
  std::size_t called_ = 0;    // Called and not yet here.
  base::TimePoint next_overdue_look_{};
  std::minstd_rand random_;
  bool is_stopping_ = false;
  std::size_t live_ = 0;  // threads
  std::condition_variable ended_;
};

}  // namespace weir::exec
