// SPDX-License-Identifier: MIT
#include <weir/base/clock.hpp>
#include <weir/jobs/memory_store.hpp>
#include <weir/jobs/store.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace weir::jobs {
namespace {

/// Answers each operation with a verdict, on a thread of its own.
class AnsweringStore final : public Store {
 public:
  explicit AnsweringStore(Verdict verdict) : verdict_(verdict) {}
  ~AnsweringStore() override {
    if (thread_.joinable()) thread_.join();
  }
  void submit(Operation& operation) override {
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([&operation, this] {
      durability = operation.durability;
      if (auto* beat = std::get_if<Beat>(&operation.work)) beat->is_alive = true;
      if (verdict_ != Verdict::kDone) operation.failure = "out of paper";
      operation.done(verdict_);
    });
  }
  void on_change(std::function<void()> /*changed*/) override {}

  Durability durability = Durability::kFull;

 private:
  Verdict verdict_;
  std::thread thread_;
};

TEST(RunAndWaitTest, AnswerOfAnotherThreadIsReturned) {
  AnsweringStore store(Verdict::kDone);
  EXPECT_TRUE(ask(store, Beat{.worker = 1}).is_alive);
}

// Under a sanitizer: the operation may be gone as soon as its promise is kept.
TEST(RunAndWaitTest, ManyAnswersOfAnotherThreadAreReturned) {
  AnsweringStore store(Verdict::kDone);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(ask(store, Beat{.worker = 1}).is_alive);
}

TEST(RunAndWaitTest, DurabilityIsPassedOn) {
  AnsweringStore store(Verdict::kDone);
  ask(store, Beat{.worker = 1}, Durability::kRelaxed);
  EXPECT_EQ(store.durability, Durability::kRelaxed);
}

TEST(RunAndWaitTest, EveryOtherVerdictIsThrown) {
  for (const Verdict verdict : {Verdict::kBusy, Verdict::kFull, Verdict::kUnavailable, Verdict::kUnknown}) {
    AnsweringStore store(verdict);
    try {
      ask(store, Beat{.worker = 1});
      ADD_FAILURE() << "did not throw";
    } catch (const StoreError& error) {
      EXPECT_EQ(error.verdict, verdict);
      EXPECT_STREQ(error.what(), "out of paper");
    }
  }
}

TEST(RunAndWaitTest, WorkOfAnyKindComesBackAsItWasGiven) {
  const base::ManualClock clock;
  MemoryStore store(clock);
  const Work done = run_and_wait(store, Pause{.queue = "reports"});
  ASSERT_TRUE(std::holds_alternative<Pause>(done));
  EXPECT_EQ(std::get<Pause>(done).queue, "reports");
}

TEST(MemoryStoreTest, EnqueueWithATakenIdIsRefusedAsAWhole) {
  const base::ManualClock clock;
  MemoryStore store(clock);
  Enqueue enqueue;
  enqueue.jobs.push_back({.id = {5, 1}, .kind = "test", .payload = "{}"});
  ask(store, enqueue);
  enqueue.jobs.insert(enqueue.jobs.begin(), {.id = {4, 1}, .kind = "test", .payload = "{}"});
  try {
    ask(store, enqueue);
    ADD_FAILURE() << "did not throw";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.verdict, Verdict::kUnavailable);
    EXPECT_NE(std::string(error.what()).find(JobId{5, 1}.text()), std::string::npos);
  }
  EXPECT_FALSE(ask(store, Find{.id = {4, 1}}).found);
}

}  // namespace
}  // namespace weir::jobs
