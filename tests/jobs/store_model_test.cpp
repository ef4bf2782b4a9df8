// SPDX-License-Identifier: MIT
#include "store_model.hpp"

#include "store_kinds.hpp"

#include <algorithm>

namespace weir::jobs {
namespace {

TEST(StoreModelTest, TwoStoresInMemoryDoNotDiffer) {
  ModelCoverage coverage;
  EXPECT_EQ(find_difference_in_runs(memory_kind(), memory_kind(), 10, 2'000, coverage), std::nullopt);
}

TEST(StoreModelTest, SqliteDoesNotDifferFromMemory) {
  ModelCoverage coverage;
  EXPECT_EQ(find_difference_in_runs(memory_kind(), sqlite_kind(), 4, 500, coverage), std::nullopt);
}

// The suite is worth what it comes across.
TEST(StoreModelTest, RunsComeAcrossAllThatMatters) {
  ModelCoverage coverage;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    MemoryHome one;
    MemoryHome other;
    EXPECT_EQ(find_difference(one, other, seed, 2'000, coverage), std::nullopt);
  }
  for (const char* const event : {"replay",
                                  "other request",
                                  "queue full",
                                  "twin",
                                  "claim",
                                  "claim of a suspect",
                                  "claim with a checkpoint",
                                  "suspect passed over",
                                  "end refused",
                                  "end accepted",
                                  "ended completed",
                                  "ended retryable",
                                  "ended discarded",
                                  "ended scheduled",
                                  "ended available",
                                  "ended cancelled",
                                  "late success",
                                  "report",
                                  "report told of a cancel",
                                  "cancel 0",
                                  "cancel 1",
                                  "cancel 2",
                                  "cancel 3",
                                  "retry 0",
                                  "retry 1",
                                  "retry 2",
                                  "retry 3",
                                  "given back",
                                  "rescue",
                                  "poison",
                                  "lapsed or named dead",
                                  "purge",
                                  "expired"}) {
    EXPECT_GE(coverage[event], 5U) << event;
  }
}

/// A store in memory that answers in one small thing as none should.
template <class W>
class FlawedHome final : public StoreHome {
 public:
  explicit FlawedHome(void (*spoil)(W&)) : spoil_(spoil) {}
  bool outlives_store() const override { return false; }
  std::unique_ptr<Store> open(const base::ManualClock& clock) override {
    return std::make_unique<Flawed>(clock, spoil_);
  }

 private:
  class Flawed final : public Store {
   public:
    Flawed(const base::Clock& clock, void (*spoil)(W&)) : store_(clock), spoil_(spoil) {}
    void submit(Operation& operation) override {
      operation.work = run_and_wait(store_, std::move(operation.work));
      if (W* const work = std::get_if<W>(&operation.work)) spoil_(*work);
      operation.done(Verdict::kDone);
    }
    void on_change(std::function<void()> /*changed*/) override {}

   private:
    MemoryStore store_;
    void (*spoil_)(W&);
  };
  void (*spoil_)(W&);
};

template <class W>
bool is_found(void (*spoil)(W&)) {
  FlawedHome<W> flawed(spoil);
  MemoryHome sound;
  ModelCoverage coverage;
  return find_difference(sound, flawed, 1, 2'000, coverage).has_value();
}

TEST(StoreModelTest, OtherOrderOfAClaimIsFound) {
  EXPECT_TRUE(is_found<Claim>([](Claim& work) { std::reverse(work.jobs.begin(), work.jobs.end()); }));
}

TEST(StoreModelTest, OtherDueTimeIsFound) {
  EXPECT_TRUE(is_found<Claim>([](Claim& work) {
    if (work.next_due) *work.next_due += Milliseconds(1);
  }));
}

TEST(StoreModelTest, LostCheckpointIsFound) {
  EXPECT_TRUE(is_found<Claim>([](Claim& work) {
    for (ClaimedJob& job : work.jobs) job.checkpoint.clear();
  }));
}

TEST(StoreModelTest, VersionThatStandsStillIsFound) {
  EXPECT_TRUE(is_found<Find>([](Find& work) {
    if (work.found) work.found->version = 1;
  }));
}

TEST(StoreModelTest, MissingWorkerIsFound) {
  EXPECT_TRUE(is_found<Stats>([](Stats& work) {
    if (!work.workers.empty()) work.workers.pop_back();
  }));
}

}  // namespace
}  // namespace weir::jobs
