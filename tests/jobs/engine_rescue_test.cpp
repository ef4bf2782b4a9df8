// SPDX-License-Identifier: MIT
// Workers that die or are taken for dead, and what an engine does with their jobs.
#include "engine_fixture.hpp"

#include <mutex>

namespace weir::jobs {
namespace {

using namespace std::chrono_literals;

TEST_F(EngineTest, SuspectRunsAlone) {
  std::atomic<int> others_of_suspect{-1};
  add("any", [&](const ClaimedJob& claimed, JobContext&) {
    const Crowd::Visit visit(crowd);
    if (claimed.is_suspect) others_of_suspect = visit.others();
    std::this_thread::sleep_for(1ms);
    if (claimed.is_suspect && crowd.present() != 1) others_of_suspect = crowd.present() - 1;
    return std::string("1");
  });
  const Other other = claim_elsewhere("any");
  declare_dead(other.worker);
  const std::vector<JobId> many = enqueue_many("any", 50);
  start();
  EXPECT_TRUE(becomes(other.job, JobState::kCompleted));
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_EQ(others_of_suspect, 0);
}

TEST_F(EngineTest, SuspectThatComesLaterWaitsUntilItIsAlone) {
  std::atomic<int> others_of_suspect{-1};
  add("any", [&](const ClaimedJob& claimed, JobContext& job) {
    const Crowd::Visit visit(crowd);
    if (claimed.is_suspect) {
      others_of_suspect = visit.others();
    } else {
      gate.pass(job);
    }
    return std::string("1");
  });
  const Other other = claim_elsewhere("any");
  std::vector<JobId> many = enqueue_many("any", 2);
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 2; }));
  declare_dead(other.worker);
  const std::vector<JobId> later = enqueue_many("any", 20);
  many.insert(many.end(), later.begin(), later.end());
  gate.open();
  engine->wake();
  EXPECT_TRUE(becomes(other.job, JobState::kCompleted));
  EXPECT_TRUE(all_become(many, JobState::kCompleted));
  EXPECT_EQ(others_of_suspect, 0);
}

TEST_F(EngineTest, WhoseLeaseIsOverIsRescuedAtTheStart) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const Other other = claim_elsewhere("count", 1ms);
  start();
  EXPECT_TRUE(becomes(other.job, JobState::kCompleted));
}

TEST_F(EngineTest, WhoseLeaseEndsLaterIsRescuedThen) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  const Other other = claim_elsewhere("count", 200ms);
  start();
  EXPECT_TRUE(becomes(other.job, JobState::kCompleted));
}

/// Says who is dead.
class ToldLiveness final : public Liveness {
 public:
  void appear(std::int64_t worker) override { here = worker; }
  void disappear() override { here = 0; }
  std::vector<Rescue::Dead> find_dead() override {
    const std::lock_guard lock(mutex_);
    return dead_;
  }
  void bury(std::int64_t worker) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(dead_, [worker](const Rescue::Dead& one) { return one.worker == worker; });
    ++burials;
  }
  void die(std::int64_t worker) {
    const std::lock_guard lock(mutex_);
    dead_.push_back({.worker = worker, .has_crash_mark = false});
  }

  std::atomic<std::int64_t> here{0};
  std::atomic<int> burials{0};

 private:
  std::mutex mutex_;
  std::vector<Rescue::Dead> dead_;
};

TEST_F(EngineTest, DeathIsSeenBeforeTheLeaseIsOver) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  ToldLiveness told;
  liveness = &told;
  const Other other = claim_elsewhere("count");
  start();
  EXPECT_GT(told.here, 0);
  told.die(other.worker);
  EXPECT_TRUE(becomes(other.job, JobState::kCompleted));
  EXPECT_TRUE(eventually([&] { return told.burials == 1; }));
  engine->stop(20s);
  EXPECT_EQ(told.here, 0);
  engine.reset();
}

TEST_F(EngineTest, WhoIsTakenForDeadStopsAndBeginsAnew) {
  add("slow", [this](const ClaimedJob& claimed, JobContext& job) {
    if (claimed.attempt == 1) gate.pass(job);
    return std::to_string(claimed.attempt);
  });
  const JobId id = enqueue("slow");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  declare_dead(ask(store, Stats{}).workers.at(0).number);
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(record(id).result, "2");
}

TEST_F(EngineTest, AJobThatStillRunsHereIsNotBegunBesideItself) {
  std::atomic<bool> may_end{false};
  add("deaf", [&](const ClaimedJob&, JobContext&) {
    const Crowd::Visit visit(crowd);
    ++runs;
    while (!may_end) std::this_thread::sleep_for(1ms);  // whatever it is asked
    return "";
  });
  const JobId id = enqueue("deaf");
  start();
  ASSERT_TRUE(eventually([this] { return runs == 1; }));
  const std::size_t before = ask(store, Stats{}).workers.size();
  declare_dead(ask(store, Stats{}).workers.at(0).number);
  EXPECT_TRUE(eventually([&] { return ask(store, Stats{}).workers.size() > before; }));  // it has another number
  engine->wake();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(runs, 1);
  may_end = true;
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(crowd.most(), 1);
}

TEST_F(EngineTest, WhatIsOverIsRemoved) {
  add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); }).keep_completed = 1ms;
  const JobId id = enqueue("count");
  start();
  EXPECT_TRUE(eventually([&] { return !ask(store, Find{.id = id, .found = {}}).found; }));
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace weir::jobs
