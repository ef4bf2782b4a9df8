// SPDX-License-Identifier: MIT
// What a store in a file has answered holds when the disk fails, is full, or loses power.
#include "store_kinds.hpp"

#include <tests/db/fault_vfs.hpp>

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::jobs {
namespace {

using db::FaultVfs;
using Fault = FaultVfs::Fault;
using Lasts = FaultVfs::Lasts;
using std::chrono::seconds;

bool has_happened(Verdict verdict) {
  return verdict == Verdict::kDone;
}
bool may_have_happened(Verdict verdict) {
  return verdict == Verdict::kDone || verdict == Verdict::kUnknown;
}

/// What a client and a worker were told of each job.
struct Told {
  Verdict stored = Verdict::kUnknown;  ///< Until its commit is over.
  bool may_be_completed = false;
  bool is_completed = false;
};
/// Thread: any.
class Ledger {
 public:
  void asked(const JobId& id) {
    with(id, [](Told& told) { told = {}; });
  }
  void stored(const JobId& id, Verdict verdict) {
    with(id, [verdict](Told& told) { told.stored = verdict; });
  }
  void ending(const JobId& id) {
    with(id, [](Told& told) { told.may_be_completed = true; });
  }
  void ended(const JobId& id) {
    with(id, [](Told& told) { told.is_completed = true; });
  }
  std::map<JobId, Told> all() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  template <class F>
  void with(const JobId& id, F change) {
    const std::lock_guard lock(mutex_);
    change(told_[id]);
  }

  mutable std::mutex mutex_;
  std::map<JobId, Told> told_;
};

/// Enqueues, claims and ends jobs, one transaction after the other, whatever comes of it.
class Life {
 public:
  Life(Store& store, Ledger& ledger) : store_(store), ledger_(ledger) {
    worker = ask(store_, RegisterWorker{.host = "host"}).worker;
  }

  void go_on(int steps, std::size_t bytes) {
    for (int step = 0; step < steps; ++step) {
      enqueue(1 + step % 3, bytes);
      if (step % 2 == 1) {
        claim();
        finish();
      }
    }
  }
  Verdict enqueue(int count, std::size_t bytes) {
    Enqueue work;
    for (int i = 0; i < count; ++i) {
      work.jobs.push_back({.id = {++last_, 7}, .kind = "test", .payload = '"' + std::string(bytes, 'x') + '"'});
      ledger_.asked(work.jobs.back().id);
    }
    const std::vector<NewJob> jobs = work.jobs;
    const Verdict verdict = attempt(std::move(work)).first;
    for (const NewJob& job : jobs) ledger_.stored(job.id, verdict);
    return verdict;
  }
  void claim() {
    Claim work;
    work.worker = worker;
    work.queues = {{.queue = "default", .slots = 2}};
    auto [verdict, claimed] = attempt(std::move(work));
    if (!has_happened(verdict)) return;
    for (ClaimedJob& job : claimed.jobs) running_.push_back(std::move(job));
  }
  /// What is not known to have happened is asked for again, as an engine does.
  Verdict finish() {
    Finish work;
    for (const ClaimedJob& job : running_) {
      work.ended.push_back({.id = job.id, .claim = job.claim, .text = "1"});
      ledger_.ending(job.id);
    }
    const auto [verdict, done] = attempt(std::move(work));
    if (!has_happened(verdict)) return verdict;
    for (const ClaimedJob& job : running_) ledger_.ended(job.id);
    running_.clear();
    return verdict;
  }

  std::int64_t worker = 0;

 private:
  template <class W>
  std::pair<Verdict, W> attempt(W work) {
    try {
      return {Verdict::kDone, ask(store_, std::move(work))};
    } catch (const StoreError& error) {
      return {error.verdict, W{}};
    }
  }

  Store& store_;
  Ledger& ledger_;
  std::vector<ClaimedJob> running_;
  std::int64_t last_ = 0;
};

class StoreFaultTest : public testing::Test {
 protected:
  /// Another worker comes when the one before is gone, and ends whatever is there; then all that was told is true.
  void expect_kept(Store& store, std::int64_t dead, const std::map<JobId, Told>& all) {
    Rescue rescue;
    rescue.dead.push_back({.worker = dead});
    ask(store, std::move(rescue));
    const std::int64_t worker = ask(store, RegisterWorker{.host = "host", .lease = std::chrono::hours(100)}).worker;
    for (int idle = 0; idle < 2; clock.advance(seconds(64)), ++idle) {
      while (end_some(store, worker, all)) idle = 0;
    }
    for (const auto& [id, told] : all) {
      const auto found = ask(store, Find{.id = id}).found;
      EXPECT_TRUE(!found || may_have_happened(told.stored)) << "refused, and there: " << id.number;
      if (!has_happened(told.stored)) continue;
      ASSERT_TRUE(found) << "lost: " << id.number;
      EXPECT_EQ(found->state, JobState::kCompleted) << id.number;
    }
  }

  base::ManualClock clock;
  FaultVfs vfs;

 private:
  static bool end_some(Store& store, std::int64_t worker, const std::map<JobId, Told>& all) {
    Claim claim;
    claim.worker = worker;
    claim.queues = {{.queue = "default", .slots = 100}};
    Finish finish;
    for (const ClaimedJob& job : ask(store, std::move(claim)).jobs) {
      const auto told = all.find(job.id);
      EXPECT_FALSE(told != all.end() && told->second.is_completed) << "runs again after its end: " << job.id.number;
      finish.ended.push_back({.id = job.id, .claim = job.claim, .text = "1"});
    }
    if (finish.ended.empty()) return false;
    for (const auto& accepted : ask(store, std::move(finish)).accepted) EXPECT_TRUE(accepted.is_accepted);
    return true;
  }
};

/// The nth operation of a store's life fails.
struct FaultKind {
  Fault fault;
  Lasts lasts;
};
class FailingDiskTest : public StoreFaultTest, public testing::WithParamInterface<FaultKind> {
 protected:
  /// False when there are not that many operations.
  bool survives(std::size_t nth) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    SqliteHome home(vfs.name());
    auto store = home.open(clock);
    Ledger ledger;
    Life life(*store, ledger);
    const std::size_t failures = vfs.failures();
    vfs.fail_at(nth, GetParam().fault, GetParam().lasts);
    life.go_on(8, 600);
    const bool has_failed = vfs.failures() > failures;
    vfs.heal();
    EXPECT_EQ(life.enqueue(1, 600), Verdict::kDone);  // it has recovered by itself
    EXPECT_EQ(life.finish(), Verdict::kDone);
    if (nth % 2 == 0) {
      store.reset();
      store = home.open(clock);
    }
    expect_kept(*store, life.worker, ledger.all());
    return has_failed;
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, FailingDiskTest,
                         testing::Values(FaultKind{Fault::kIo, Lasts::kOnce}, FaultKind{Fault::kIo, Lasts::kOn},
                                         FaultKind{Fault::kNoRoom, Lasts::kOnce},
                                         FaultKind{Fault::kNoRoom, Lasts::kOn}),
                         [](const auto& kind) {
                           return std::string(kind.param.fault == Fault::kIo ? "Io" : "NoRoom") +
                                  (kind.param.lasts == Lasts::kOnce ? "Once" : "FromThenOn");
                         });

TEST_P(FailingDiskTest, WhatWasToldHolds) {
  std::size_t nth = 1;
  while (!HasFailure() && survives(nth)) nth += nth < 30 ? 1 : 3;
  EXPECT_GT(nth, 30U);
}

TEST_F(StoreFaultTest, AFullDiskRefusesNewJobsAndEndsOthers) {
  SqliteHome home(vfs.name());
  const auto store = home.open(clock);
  Ledger ledger;
  Life life(*store, ledger);
  ASSERT_EQ(life.enqueue(2, 600), Verdict::kDone);
  life.claim();
  vfs.set_room(100'000);
  EXPECT_EQ(life.enqueue(1, 1'000'000), Verdict::kFull);
  EXPECT_EQ(life.finish(), Verdict::kDone);
  vfs.set_room({});
  EXPECT_EQ(life.enqueue(1, 1'000'000), Verdict::kDone);
  expect_kept(*store, life.worker, ledger.all());
}

/// Takes the power away before every operation, and looks at what is left then.
class StorePowerLossTest : public StoreFaultTest, public testing::WithParamInterface<std::uint32_t> {
 protected:
  void look(const Ledger& ledger, const std::string& path, std::int64_t worker) noexcept {
    SCOPED_TRACE("operation " + std::to_string(vfs.operations()));
    const std::map<JobId, Told> all = ledger.all();
    const std::uint32_t seed = GetParam() == 0 ? 0 : GetParam() + static_cast<std::uint32_t>(vfs.operations());
    try {
      SqliteHome home(other_vfs.name());
      FaultVfs::restore(vfs.after_power_loss(seed), path, home.path());
      expect_kept(*home.open(clock), worker, all);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    ++looks;
  }

  FaultVfs other_vfs;
  int looks = 0;
};
INSTANTIATE_TEST_SUITE_P(Seeds, StorePowerLossTest, testing::Values(0U, 10'000U, 20'000U));

TEST_P(StorePowerLossTest, WhatWasToldHolds) {
  SqliteHome home(vfs.name());
  auto store = home.open(clock);
  Ledger ledger;
  Life life(*store, ledger);
  std::function<void()> before_each = [&] {
    if (!HasFailure()) look(ledger, home.path(), life.worker);
    vfs.call_at(1, before_each);
  };
  vfs.call_at(1, before_each);
  life.go_on(12, 600);
  store.reset();
  vfs.call_at(1, {});
  EXPECT_GT(looks, 50);
}

/// The tables are made, or not at all, whenever the power goes.
TEST_P(StorePowerLossTest, TablesAreWholeOrNotThere) {
  SqliteHome home(vfs.name());
  std::function<void()> before_each = [&] {
    if (!HasFailure()) look({}, home.path(), 1);
    vfs.call_at(1, before_each);
  };
  vfs.call_at(1, before_each);
  home.open(clock).reset();
  vfs.call_at(1, {});
  EXPECT_GT(looks, 5);
}

}  // namespace
}  // namespace weir::jobs
