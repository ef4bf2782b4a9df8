// SPDX-License-Identifier: MIT
// What every store has to do: the tests named StoreConformanceTest run on each kind that store_conformance_test.cpp
// lists.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace weir::jobs {

/// A place where stores of one kind live; a test has one for itself.
class StoreHome {
 public:
  virtual ~StoreHome() = default;
  /// At most one is open at a time. `clock` outlives it.
  virtual std::unique_ptr<Store> open(const base::ManualClock& clock) = 0;
  /// Whether what a store has kept is there when it is opened again.
  virtual bool outlives_store() const = 0;
};

struct StoreKind {
  std::string name;
  std::unique_ptr<StoreHome> (*make_home)();

  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }
};

inline std::string name_of_kind(const testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

inline std::ostream& operator<<(std::ostream& out, JobState state) {
  return out << name_of(state);
}
inline std::ostream& operator<<(std::ostream& out, const JobId& id) {
  return out << id.number;
}

using std::chrono::hours;
using std::chrono::seconds;
using Outcome = Finish::Outcome;

class StoreConformanceTest : public testing::TestWithParam<StoreKind> {
 protected:
  StoreConformanceTest() : home_(GetParam().make_home()), store_(home_->open(clock_)) {}

  Store& store() { return *store_; }
  bool outlives_store() const { return home_->outlives_store(); }
  void reopen() {
    store_.reset();
    store_ = home_->open(clock_);
  }

  void advance(std::chrono::milliseconds by) { clock_.advance(by); }
  void set_calendar(std::chrono::milliseconds by) { clock_.set_calendar(by); }
  StoreTime now() const { return std::chrono::floor<Milliseconds>(clock_.wall_now()); }

  /// Above all before it; every other secret has the highest bit.
  JobId new_id() {
    ++last_id_;
    return {last_id_, 0x9E37'79B9'7F4A'7C15U * static_cast<std::uint64_t>(last_id_)};
  }
  NewJob new_job() { return {.id = new_id(), .kind = "test", .payload = R"({"n":1})"}; }
  NewJob new_job_in(const std::string& queue) {
    NewJob job = new_job();
    job.queue = queue;
    return job;
  }

  Enqueue submit(NewJob job) {
    Enqueue enqueue;
    enqueue.jobs.push_back(std::move(job));
    return ask(store(), std::move(enqueue));
  }
  JobId enqueue(NewJob job) {
    const Enqueue done = submit(std::move(job));
    EXPECT_EQ(done.refusal, Enqueue::Refusal::kNone);
    EXPECT_TRUE(done.stored.at(0).is_new);
    return done.stored.at(0).id;
  }
  JobId enqueue() { return enqueue(new_job()); }
  std::vector<JobId> enqueue_many(std::size_t count) {
    std::vector<JobId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(enqueue());
    return ids;
  }

  std::int64_t new_worker(Milliseconds lease = hours(1'000)) {
    return ask(store(), RegisterWorker{.host = "host", .process = 7, .lease = lease}).worker;
  }
  Claim claim_from(std::int64_t worker, std::vector<Claim::From> queues) {
    Claim claim;
    claim.worker = worker;
    claim.queues = std::move(queues);
    return ask(store(), std::move(claim));
  }
  std::vector<ClaimedJob> claim(std::int64_t worker, std::size_t slots = 1) {
    return claim_from(worker, {{.queue = "default", .slots = slots}}).jobs;
  }
  std::vector<JobId> claim_ids(std::int64_t worker, std::size_t slots) { return ids_of(claim(worker, slots)); }
  /// The one job that there is to claim.
  ClaimedJob claim_one(std::int64_t worker) {
    std::vector<ClaimedJob> jobs = claim(worker);
    EXPECT_EQ(jobs.size(), 1U);
    return jobs.empty() ? ClaimedJob{} : std::move(jobs.front());
  }
  ClaimedJob claim_one() { return claim_one(new_worker()); }
  /// Makes what is due available.
  void promote() { claim(new_worker(), 0); }

  Finish::Accepted finish(const ClaimedJob& job, Outcome outcome, const std::string& text = "",
                          Milliseconds delay = Milliseconds(0)) {
    Finish finish;
    finish.ended.push_back({.id = job.id, .claim = job.claim, .outcome = outcome, .text = text, .delay = delay});
    return ask(store(), std::move(finish)).accepted.at(0);
  }
  Finish::Accepted succeed(const ClaimedJob& job) { return finish(job, Outcome::kSucceeded, "1"); }
  Report::Answer report(const ClaimedJob& job, std::optional<double> progress, const std::string& text = "",
                        std::optional<std::string> checkpoint = std::nullopt) {
    Report report;
    report.said.push_back(
        {.id = job.id, .claim = job.claim, .progress = progress, .text = text, .checkpoint = std::move(checkpoint)});
    return ask(store(), std::move(report)).answers.at(0);
  }
  Cancel::Answer cancel(const JobId& id) { return ask(store(), Cancel{.id = id}).answer; }
  Retry::Answer retry(const JobId& id) { return ask(store(), Retry{.id = id}).answer; }
  void pause(const std::string& queue, bool is_paused = true) {
    ask(store(), Pause{.queue = queue, .is_paused = is_paused});
  }
  bool beat(std::int64_t worker, Milliseconds lease) {
    return ask(store(), Beat{.worker = worker, .lease = lease}).is_alive;
  }
  Rescue declare_dead(std::int64_t worker, bool has_crash_mark = false) {
    Rescue rescue;
    rescue.dead.push_back({.worker = worker, .has_crash_mark = has_crash_mark});
    return ask(store(), std::move(rescue));
  }
  Rescue rescue() { return ask(store(), Rescue{}); }
  std::size_t purge(std::size_t limit = 500) { return ask(store(), Purge{.limit = limit}).purged; }

  std::optional<JobRecord> find(const JobId& id) { return ask(store(), Find{.id = id}).found; }
  JobRecord record(const JobId& id) {
    std::optional<JobRecord> found = find(id);
    EXPECT_TRUE(found) << id;
    return found.value_or(JobRecord{});
  }
  JobState state(const JobId& id) { return record(id).state; }
  std::int64_t version(const JobId& id) { return record(id).version; }
  Stats stats() { return ask(store(), Stats{}); }

  // ---- jobs that have come somewhere; each asks for an otherwise empty queue ----

  JobId scheduled(Milliseconds delay = hours(1)) {
    NewJob job = new_job();
    job.delay = delay;
    return enqueue(std::move(job));
  }
  ClaimedJob running() {
    enqueue();
    return claim_one();
  }
  ClaimedJob retryable(Milliseconds delay = hours(1)) {
    ClaimedJob job = running();
    finish(job, Outcome::kFailed, "failed", delay);
    return job;
  }
  ClaimedJob completed() {
    ClaimedJob job = running();
    succeed(job);
    return job;
  }
  ClaimedJob discarded() {
    ClaimedJob job = running();
    finish(job, Outcome::kDiscarded, "no use");
    return job;
  }
  JobId cancelled() {
    const JobId id = enqueue();
    cancel(id);
    return id;
  }
  /// Its worker has died: kAvailable, and not begun by another.
  ClaimedJob rescued() {
    enqueue();
    const std::int64_t worker = new_worker();
    ClaimedJob job = claim_one(worker);
    declare_dead(worker);
    return job;
  }
  /// One more worker dies of it, alone; later enough for it to be due.
  Rescue die_of_it(bool has_crash_mark) {
    advance(seconds(64));
    const std::int64_t worker = new_worker();
    EXPECT_EQ(claim(worker).size(), 1U);
    return declare_dead(worker, has_crash_mark);
  }

  static std::vector<JobId> ids_of(const std::vector<ClaimedJob>& jobs) {
    std::vector<JobId> ids;
    for (const ClaimedJob& job : jobs) ids.push_back(job.id);
    return ids;
  }

 private:
  base::ManualClock clock_;
  std::unique_ptr<StoreHome> home_;
  std::unique_ptr<Store> store_;
  std::int64_t last_id_ = 0;
};

}  // namespace weir::jobs
