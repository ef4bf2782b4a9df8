// SPDX-License-Identifier: MIT
// An engine whose store fails for a while.
#include "engine_fixture.hpp"

#include <map>

namespace weir::jobs {
namespace {

using namespace std::chrono_literals;

class EngineStoreTest : public EngineTest, public testing::WithParamInterface<Verdict> {
 protected:
  EngineStoreTest() {
    add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  }
  /// From now on, so many pieces of work of type W fail.
  template <class W>
  void fail(int count) {
    left = count;
    store.set_fate([this](const Work& work) {
      if (!std::holds_alternative<W>(work) || left == 0) return std::optional<Verdict>();
      --left;
      return std::optional(GetParam());
    });
  }
  std::atomic<int> left{0};
};

TEST_P(EngineStoreTest, EndIsToldAgainUntilTheStoreHearsIt) {
  fail<Finish>(3);
  const JobId id = enqueue("count");
  start();
  EXPECT_TRUE(eventually([this] { return left == 0; }));
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(record(id).attempt, 1);
}

TEST_P(EngineStoreTest, EndsThatComeWhileTheStoreFailsAreToldWithTheOthers) {
  fail<Finish>(2);
  const std::vector<JobId> first = enqueue_many("count", 20);
  start();
  const std::vector<JobId> later = enqueue_many("count", 20);
  engine->wake();
  EXPECT_TRUE(all_become(first, JobState::kCompleted));
  EXPECT_TRUE(all_become(later, JobState::kCompleted));
  EXPECT_EQ(runs, 40);
}

TEST_P(EngineStoreTest, WhoWaitsIsWokenOnceTheEndIsThere) {
  fail<Finish>(1);
  const JobId id = enqueue("count");
  start();
  EXPECT_TRUE(eventually([this] { return changes > 0; }));
  EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_P(EngineStoreTest, AnEndThatIsNeverStoredHoldsUpNoOther) {
  const JobId bad = enqueue("count");
  store.set_fate([&](const Work& work) {
    const auto* const finish = std::get_if<Finish>(&work);
    const bool is_bad = finish != nullptr && std::any_of(finish->ended.begin(), finish->ended.end(),
                                                         [&](const auto& end) { return end.id == bad; });
    return is_bad ? std::optional(Verdict::kUnavailable) : std::nullopt;
  });
  const std::vector<JobId> others = enqueue_many("count", 30);
  start();
  EXPECT_TRUE(all_become(others, JobState::kCompleted));
  EXPECT_EQ(state(bad), JobState::kRunning);
  store.heal();
  EXPECT_TRUE(becomes(bad, JobState::kCompleted));
}

TEST_P(EngineStoreTest, StopWaitsUntilTheEndsAreTold) {
  fail<Finish>(2);
  const JobId id = enqueue("count");
  start();
  EXPECT_TRUE(eventually([this] { return runs == 1; }));
  EXPECT_EQ(engine->stop(20s), 0U);
  EXPECT_EQ(state(id), JobState::kCompleted);
}

TEST_P(EngineStoreTest, CheckpointIsThereBeforeTheNextAttempt) {
  add("resume", [](const ClaimedJob& claimed, JobContext& job) {
    if (claimed.attempt == 1) {
      job.save_checkpoint("page 7");
      throw std::runtime_error("not yet");
    }
    return claimed.checkpoint;
  });
  fail<Report>(2);
  const JobId id = enqueue("resume");
  start();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(record(id).result, "page 7");
}

TEST_P(EngineStoreTest, ReportIsRepeated) {
  add("report", [this](const ClaimedJob&, JobContext& job) {
    job.progress(0.5, "half");
    gate.pass(job);
    return std::string("1");
  });
  fail<Report>(1);
  const JobId id = enqueue("report");
  start();
  EXPECT_TRUE(eventually([&] { return record(id).progress_text == "half"; }));
  gate.open();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

std::string name_of_verdict(const testing::TestParamInfo<Verdict>& verdict) {
  static const std::map<Verdict, std::string> kNames{
      {Verdict::kBusy, "Busy"}, {Verdict::kUnavailable, "Unavailable"}, {Verdict::kUnknown, "Unknown"}};
  return kNames.at(verdict.param);
}

INSTANTIATE_TEST_SUITE_P(Verdicts, EngineStoreTest,
                         testing::Values(Verdict::kBusy, Verdict::kUnavailable, Verdict::kUnknown), name_of_verdict);

class EngineBrokenStoreTest : public EngineTest {
 protected:
  EngineBrokenStoreTest() {
    add("count", [this](const ClaimedJob&, JobContext&) { return std::to_string(++runs); });
  }
};

TEST_F(EngineBrokenStoreTest, ClaimsPauseWhileTheStoreFailsAndGoOnOnceItDoesNot) {
  std::atomic<int> claims{0};
  store.set_fate([&claims](const Work& work) {
    if (!std::holds_alternative<Claim>(work)) return std::optional<Verdict>();
    ++claims;
    return std::optional(Verdict::kUnavailable);
  });
  const JobId id = enqueue("count");
  start();
  ASSERT_TRUE(eventually([&claims] { return claims == 1; }));
  const auto first = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&claims] { return claims >= 2; }));
  EXPECT_GE(std::chrono::steady_clock::now() - first, 200ms);
  EXPECT_EQ(runs, 0);
  store.heal();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
  EXPECT_EQ(runs, 1);
}

TEST_F(EngineBrokenStoreTest, NothingIsLostOrRunTwiceInAStoreThatFailsNowAndThen) {
  std::atomic<unsigned> asked{0};
  store.set_fate([&asked](const Work& work) {
    const bool may_fail = std::holds_alternative<Claim>(work) || std::holds_alternative<Finish>(work) ||
                          std::holds_alternative<Report>(work) || std::holds_alternative<Beat>(work);
    return may_fail && ++asked % 3 == 0 ? std::optional(Verdict::kBusy) : std::nullopt;
  });
  start();
  std::vector<JobId> all;
  for (int round = 0; round < 5; ++round) {
    const std::vector<JobId> some = enqueue_many("count", 20);
    engine->wake();
    all.insert(all.end(), some.begin(), some.end());
    EXPECT_TRUE(all_become(some, JobState::kCompleted));
  }
  EXPECT_EQ(runs, 100);
}

TEST_F(EngineBrokenStoreTest, BeatsThatFailDoNotEndTheWorker) {
  store.set_fate(failing_at<Beat, Rescue, Purge>(Verdict::kUnavailable));
  engine = make();
  EXPECT_THROW(engine->start(), StoreError);  // it looks for the dead first
  store.set_fate(failing_at<Beat>(Verdict::kUnavailable));
  start();
  const JobId id = enqueue("count");
  engine->wake();
  EXPECT_TRUE(becomes(id, JobState::kCompleted));
}

TEST_F(EngineBrokenStoreTest, EngineThatCouldNotStartStartsLater) {
  store.set_fate(failing_at<RegisterWorker>(Verdict::kUnavailable));
  engine = make();
  EXPECT_THROW(engine->start(), StoreError);
  EXPECT_EQ(engine->stop(1s), 0U);
  store.heal();
  engine->start();
  EXPECT_TRUE(becomes(enqueue("count"), JobState::kCompleted));
}

TEST_F(EngineBrokenStoreTest, StopGivesUpOnAStoreThatStaysBroken) {
  add("slow", [this](const ClaimedJob&, JobContext& job) {
    gate.pass(job);
    return std::string("1");
  });
  const JobId id = enqueue("slow");
  start();
  ASSERT_TRUE(eventually([this] { return gate.arrivals() == 1; }));
  store.set_fate(failing_at<Finish, Claim, RemoveWorker>(Verdict::kUnavailable));
  EXPECT_EQ(engine->stop(1ms), 1U);
  EXPECT_EQ(state(id), JobState::kRunning);  // until its lease is over
}

}  // namespace
}  // namespace weir::jobs
