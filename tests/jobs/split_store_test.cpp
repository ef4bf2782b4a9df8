// SPDX-License-Identifier: MIT
// Jobs in memory beside jobs in another store.
#include "store_kinds.hpp"

#include <weir/jobs/split_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::jobs {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SplitStoreTest : public testing::Test {
 protected:
  JobId enqueue(Durability durability, const std::string& queue = "default", Milliseconds delay = Milliseconds(0)) {
    Enqueue work;
    work.jobs.push_back({.id = {++last, 7},
                         .queue = queue,
                         .kind = "test",
                         .payload = "1",
                         .delay = delay,
                         .keep_completed = minutes(5)});
    return ask(store, std::move(work), durability).stored.at(0).id;
  }
  JobId light(const std::string& queue = "default") { return enqueue(Durability::kMemory, queue); }
  JobId heavy(const std::string& queue = "default") { return enqueue(Durability::kFull, queue); }
  Claim claim(std::vector<Claim::From> queues) {
    Claim work;
    work.worker = worker;
    work.queues = std::move(queues);
    return ask(store, std::move(work));
  }
  std::vector<ClaimedJob> claim(std::size_t slots) { return claim({{.queue = "default", .slots = slots}}).jobs; }
  std::vector<bool> succeed(const std::vector<ClaimedJob>& jobs) {
    Finish work;
    for (const ClaimedJob& job : jobs) work.ended.push_back({.id = job.id, .claim = job.claim, .text = "2"});
    std::vector<bool> accepted;
    for (const auto& one : ask(store, std::move(work)).accepted) accepted.push_back(one.is_accepted);
    return accepted;
  }
  std::optional<JobState> state_in(Store& where, const JobId& id) {
    const auto found = ask(where, Find{.id = id}).found;
    return found ? std::optional(found->state) : std::nullopt;
  }
  std::optional<JobState> state(const JobId& id) { return state_in(store, id); }

  base::ManualClock clock;
  MemoryStore beneath{clock};  // what it is does not matter here
  SplitStore store{beneath, clock, 10};
  std::int64_t worker = ask(store, RegisterWorker{.host = "host", .lease = hours(1)}).worker;
  std::int64_t last = 0;
};

TEST_F(SplitStoreTest, OnlyWhatIsDurableIsInTheStoreBeneath) {
  const JobId in_memory = light();
  const JobId durable = heavy();
  EXPECT_EQ(state(in_memory), JobState::kAvailable);
  EXPECT_EQ(state(durable), JobState::kAvailable);
  EXPECT_EQ(state_in(beneath, in_memory), std::nullopt);
  EXPECT_EQ(state_in(beneath, durable), JobState::kAvailable);
}

TEST_F(SplitStoreTest, BothAreClaimedAndEnd) {
  const JobId one = light();
  const JobId two = heavy();
  const JobId three = light();
  const auto jobs = claim(10);
  EXPECT_THAT(jobs, SizeIs(3));
  EXPECT_THAT(succeed(jobs), ElementsAre(true, true, true));
  for (const JobId& id : {one, two, three}) EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_F(SplitStoreTest, AnswersComeInTheOrderOfTheQuestions) {
  light();
  heavy();
  light();
  std::vector<ClaimedJob> jobs = claim(10);
  std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) { return a.id.number < b.id.number; });
  jobs[1].claim += 1;
  EXPECT_THAT(succeed(jobs), ElementsAre(true, false, true));
}

TEST_F(SplitStoreTest, SlotsAreSharedByQueue) {
  heavy();
  light();
  light();
  light("other");
  const Claim claimed = claim({{.queue = "default", .slots = 2}, {.queue = "other", .slots = 5}});
  EXPECT_THAT(claimed.jobs, SizeIs(3));
  EXPECT_TRUE(claimed.has_more);
  EXPECT_THAT(claim(1), SizeIs(1));
}

TEST_F(SplitStoreTest, TheEarlierOfBothIsDueNext) {
  enqueue(Durability::kFull, "default", hours(2));
  const Claim later = claim({{.queue = "default", .slots = 1}});
  enqueue(Durability::kMemory, "default", hours(1));
  const Claim sooner = claim({{.queue = "default", .slots = 1}});
  EXPECT_EQ(*later.next_due - *sooner.next_due, hours(1));
}

TEST_F(SplitStoreTest, ReportsGoToBoth) {
  light();
  heavy();
  Report work;
  for (const ClaimedJob& job : claim(2)) work.said.push_back({.id = job.id, .claim = job.claim, .progress = 0.5});
  for (const Report::Answer& answer : ask(store, work).answers) EXPECT_TRUE(answer.is_current);
  for (const Report::Said& said : work.said) EXPECT_EQ(ask(store, Find{.id = said.id}).found->progress, 0.5);
}

TEST_F(SplitStoreTest, QuestionsAboutOneJobGoWhereItIs) {
  const JobId id = light();
  EXPECT_EQ(ask(store, Cancel{.id = id}).answer, Cancel::Answer::kCancelled);
  EXPECT_EQ(ask(store, Retry{.id = id}).answer, Retry::Answer::kAvailable);
  EXPECT_EQ(state(id), JobState::kAvailable);
}

TEST_F(SplitStoreTest, APauseHoldsBoth) {
  light();
  heavy();
  ask(store, Pause{.queue = "default"});
  EXPECT_THAT(claim(5), IsEmpty());
  ask(store, Pause{.queue = "default", .is_paused = false});
  EXPECT_THAT(claim(5), SizeIs(2));
}

TEST_F(SplitStoreTest, APauseByAnotherProcessHoldsBoth) {
  ask(beneath, Pause{.queue = "default"});
  light();
  EXPECT_THAT(claim(5), IsEmpty());
  ask(beneath, Pause{.queue = "default", .is_paused = false});
  EXPECT_THAT(claim(5), SizeIs(1));
}

TEST_F(SplitStoreTest, ASuspectIsClaimedAlone) {
  const JobId suspect = heavy();
  claim(1);
  Rescue rescue;
  rescue.dead.push_back({.worker = worker});
  ask(store, std::move(rescue));
  light();
  worker = ask(store, RegisterWorker{.host = "host", .lease = hours(1)}).worker;
  const auto alone = claim(5);
  ASSERT_THAT(alone, SizeIs(1));
  EXPECT_EQ(alone.front().id, suspect);
}

TEST_F(SplitStoreTest, ListsAndStatsShowBoth) {
  const JobId one = light();
  const JobId two = heavy();
  light("other");
  std::vector<std::int64_t> numbers;
  List work;
  work.queue = "default";
  for (const JobRecord& job : ask(store, work).jobs) numbers.push_back(job.id.number);
  EXPECT_THAT(numbers, ElementsAre(two.number, one.number));
  work.limit = 1;
  EXPECT_THAT(ask(store, work).jobs, SizeIs(1));
  const Stats stats = ask(store, Stats{});
  ASSERT_THAT(stats.queues, SizeIs(2));
  EXPECT_EQ(stats.queues[0].count[static_cast<std::size_t>(JobState::kAvailable)], 2U);
  EXPECT_EQ(stats.queues[1].name, "other");
}

TEST_F(SplitStoreTest, MemoryIsPurgedToo) {
  const JobId id = light();
  succeed(claim(1));
  clock.advance(minutes(5));
  ask(store, Purge{});
  EXPECT_EQ(state(id), std::nullopt);
}

TEST_F(SplitStoreTest, MemoryHasABound) {
  for (int i = 0; i < 10; ++i) light();
  try {
    light();
    ADD_FAILURE() << "it was taken in";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.verdict, Verdict::kFull);
  }
  EXPECT_EQ(state(heavy()), JobState::kAvailable);
}

TEST_F(SplitStoreTest, TheOldestFinalJobMakesRoom) {
  const JobId first = light();
  for (int i = 0; i < 9; ++i) light();
  succeed(claim(2));
  EXPECT_EQ(state(light()), JobState::kAvailable);
  EXPECT_EQ(state(first), std::nullopt);
  EXPECT_EQ(state({2, 7}), JobState::kCompleted);
}

TEST_F(SplitStoreTest, WhatFailsBeneathHasNotHappenedInMemoryEither) {
  class Broken final : public Store {
   public:
    void submit(Operation& operation) override { operation.done(Verdict::kUnavailable); }
    void on_change(std::function<void()> /*changed*/) override {}
  } broken;
  SplitStore split(broken, clock);
  Enqueue work;
  work.jobs.push_back({.id = {1, 7}, .kind = "test", .payload = "1"});
  ask(split, std::move(work), Durability::kMemory);
  EXPECT_THROW(ask(split, Purge{}), StoreError);
  EXPECT_EQ(state_in(split, {1, 7}), JobState::kAvailable);
}

}  // namespace
}  // namespace weir::jobs
