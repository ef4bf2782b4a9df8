// SPDX-License-Identifier: MIT
// An engine with real threads, over a store in memory that fails when it is told to.
#pragma once

#include "job_gate.hpp"

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/jobs/engine.hpp>
#include <weir/jobs/memory_store.hpp>
#include <weir/observe/metrics_registry.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::jobs {

/// Waits for `condition`; whether it came true in 20 s.
inline bool eventually(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Passes on to a store in memory what it does not refuse.
class FailingStore final : public Store {
 public:
  /// What becomes of a piece of work; nullopt: it is done. Called on several threads, one after the other.
  using Fate = std::function<std::optional<Verdict>(const Work&)>;

  explicit FailingStore(const base::Clock& clock) : inner_(clock) {}

  void set_fate(Fate fate) {
    const std::lock_guard lock(mutex_);
    fate_ = std::move(fate);
  }
  void heal() { set_fate({}); }
  void submit(Operation& operation) override {
    std::optional<Verdict> verdict;
    {
      const std::lock_guard lock(mutex_);
      if (fate_) verdict = fate_(operation.work);
    }
    if (!verdict) return inner_.submit(operation);
    if (*verdict == Verdict::kUnknown) operation.work = run_and_wait(inner_, std::move(operation.work));
    operation.failure = "out of order";
    operation.done(*verdict);
  }
  void on_change(std::function<void()> /*changed*/) override {}

 private:
  MemoryStore inner_;
  std::mutex mutex_;  // guards fate_
  Fate fate_;
};

/// Refuses all work of the types W.
template <class... W>
FailingStore::Fate failing_at(Verdict verdict) {
  return [verdict](const Work& work) {
    return (std::holds_alternative<W>(work) || ...) ? std::optional(verdict) : std::nullopt;
  };
}

/// Counts who is within it at a time.
class Crowd {
 public:
  class Visit {
   public:
    explicit Visit(Crowd& crowd) : crowd_(crowd), others_(crowd.present_++) {
      int most = crowd_.most_;
      while (most < others_ + 1 && !crowd_.most_.compare_exchange_weak(most, others_ + 1)) {
      }
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { --crowd_.present_; }
    int others() const { return others_; }

   private:
    Crowd& crowd_;
    int others_;
  };
  int present() const { return present_; }
  int most() const { return most_; }

 private:
  std::atomic<int> present_{0};
  std::atomic<int> most_{0};
};

class EngineTest : public testing::Test {
 protected:
  using Run = std::function<std::string(const ClaimedJob&, JobContext&)>;
  using Start = std::function<loop::Task<std::string>(const ClaimedJob&, JobContext&)>;

  EngineTest() {
    options.workers = 4;
    options.beat = std::chrono::milliseconds(50);
    options.look_for_dead = std::chrono::milliseconds(10);
  }
  ~EngineTest() override {
    engine.reset();
    other_engine.reset();
  }

  JobType& add(const std::string& kind, Run run, const std::string& queue = "default") {
    auto type = std::make_shared<JobType>();
    type->kind = kind;
    type->queue = queue;
    type->run = std::move(run);
    type->backoff = [](int) { return Milliseconds(0); };
    types.push_back(type);
    return *type;
  }
  JobType& add_async(const std::string& kind, Start start, const std::string& queue = "default") {
    JobType& type = add(kind, {}, queue);
    type.start = std::move(start);
    return type;
  }

  std::unique_ptr<Engine> make() {
    return std::make_unique<Engine>(Engine::Parts{.store = store,
                                                  .types = {types.begin(), types.end()},
                                                  .options = options,
                                                  .liveness = liveness,
                                                  .clock = base::SystemClock::instance(),
                                                  .log = log,
                                                  .metrics = metrics,
                                                  .on_change = [this](const JobId&) { ++changes; }});
  }
  void start() {
    engine = make();
    engine->start();
  }

  JobId enqueue(const std::string& kind, Milliseconds delay = Milliseconds(0)) {
    const auto type = std::find_if(types.begin(), types.end(), [&kind](const auto& one) { return one->kind == kind; });
    NewJob job;
    job.kind = kind;
    if (type != types.end()) job = (*type)->make({}, "{}");
    job.id = ids.make();
    job.delay = delay;
    Enqueue work;
    work.jobs.push_back(std::move(job));
    return ask(store, std::move(work)).stored.at(0).id;
  }
  std::vector<JobId> enqueue_many(const std::string& kind, int count) {
    std::vector<JobId> many;
    for (int i = 0; i < count; ++i) many.push_back(enqueue(kind));
    return many;
  }

  JobRecord record(const JobId& id) { return ask(store, Find{.id = id, .found = {}}).found.value_or(JobRecord{}); }
  JobState state(const JobId& id) { return record(id).state; }
  bool becomes(const JobId& id, JobState wanted) {
    return eventually([&] { return state(id) == wanted; });
  }
  bool all_become(const std::vector<JobId>& many, JobState wanted) {
    return std::all_of(many.begin(), many.end(), [&](const JobId& id) { return becomes(id, wanted); });
  }
  std::size_t workers() { return ask(store, Stats{}).workers.size(); }

  /// Another process, with a job of that kind in its hands.
  struct Other {
    std::int64_t worker = 0;
    JobId job;
  };
  Other claim_elsewhere(const std::string& kind, Milliseconds lease = std::chrono::hours(1)) {
    Other other;
    other.job = enqueue(kind);
    RegisterWorker entry;
    entry.host = "elsewhere";
    entry.lease = lease;
    other.worker = ask(store, std::move(entry)).worker;
    Claim claim;
    claim.worker = other.worker;
    claim.queues.push_back({.queue = record(other.job).queue, .slots = 1, .running_max = {}});
    EXPECT_EQ(ask(store, std::move(claim)).jobs.size(), 1U);
    return other;
  }
  void declare_dead(std::int64_t worker) {
    Rescue rescue;
    rescue.dead.push_back({.worker = worker, .has_crash_mark = false});
    ask(store, std::move(rescue));
  }

  // Before the engines: handlers use it until they have ended.
  JobGate gate;
  Crowd crowd;
  std::atomic<int> runs{0};
  std::atomic<int> changes{0};
  std::vector<std::shared_ptr<JobType>> types;
  EngineOptions options;
  Liveness* liveness = nullptr;
  FailingStore store{base::SystemClock::instance()};
  JobIdMaker ids{base::SystemClock::instance()};
  base::NullLog log;
  observe::MetricsRegistry metrics;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Engine> other_engine;
};

}  // namespace weir::jobs
