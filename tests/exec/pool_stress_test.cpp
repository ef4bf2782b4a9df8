// SPDX-License-Identifier: MIT
// Many loops against one pool: every item ends exactly once.
#include "pool_fixture.hpp"

#include <array>
#include <random>
#include <thread>
#include <vector>

namespace weir::exec {
namespace {

using namespace std::chrono_literals;

// What one loop did and saw.
struct Tally {
  int admitted = 0;
  int refused = 0;
  int ran = 0;
  int dropped = 0;
  int removed = 0;
};

// A loop with items of its own that it submits, removes and abandons at random until enough of them were admitted or
// the pool ends.
class Sender {
 public:
  Sender(WorkerPool& pool, unsigned seed, int to_submit) : pool_(pool), random_(seed), to_submit_(to_submit) {
    source_ = pool.add_source("sender " + std::to_string(seed));
  }

  void run() {
    while (to_submit_ > 0 || !live_.empty()) {
      for (int i = 0; i < 16 && to_submit_ > 0; ++i) step();
      loop_.run_once();
    }
  }
  const Tally& tally() const { return tally_; }
  int runs() const { return runs_.load(); }

 private:
  class Item final : public WorkItem {
   public:
    explicit Item(Sender& sender) : WorkItem(sender.loop_), sender_(sender) {}
    std::size_t place = 0;

   private:
    void run(Worker&) noexcept override { sender_.runs_.fetch_add(1); }
    void on_loop() noexcept override {
      ++(ending() == Ending::kRan ? sender_.tally_.ran : sender_.tally_.dropped);
      sender_.forget(*this);
    }
    Sender& sender_;
  };

  void step() {
    const unsigned dice = random_() % 10;
    if (dice < 2 && !live_.empty()) return interfere(*live_[random_() % live_.size()], dice == 0);
    auto item = std::make_unique<Item>(*this);
    const Admission admission = pool_.try_submit(*item, source_);
    if (admission != Admission::kAdmitted) {
      ++tally_.refused;
      if (admission == Admission::kStopping) to_submit_ = 0;
      return;
    }
    ++tally_.admitted;
    --to_submit_;
    item->place = live_.size();
    live_.push_back(std::move(item));
  }

  void interfere(Item& item, bool is_removal) {
    if (!is_removal) return item.abandon();
    if (!pool_.try_remove(item)) return;
    ++tally_.removed;
    forget(item);
  }

  void forget(Item& item) {
    const std::size_t place = item.place;
    std::swap(live_[place], live_.back());
    live_[place]->place = place;
    live_.pop_back();
  }

  WorkerPool& pool_;
  loop::Loop loop_;
  std::minstd_rand random_;
  int to_submit_;
  SourceId source_ = 0;
  Tally tally_;
  std::atomic<int> runs_{0};
  std::vector<std::unique_ptr<Item>> live_;
};

using PoolStressTest = PoolTest;

TEST_F(PoolStressTest, EveryItemEndsExactlyOnce) {
  constexpr int kItems = 5'000;
  const auto pool = make_pool({.workers = 3, .queue = 64});
  std::vector<std::unique_ptr<Sender>> senders;
  for (unsigned i = 0; i < 4; ++i) senders.push_back(std::make_unique<Sender>(*pool, i, kItems));
  std::vector<std::thread> threads;
  for (auto& sender : senders) threads.emplace_back([&sender] { sender->run(); });
  for (auto& thread : threads) thread.join();

  Tally sum;
  int runs = 0;
  for (const auto& sender : senders) {
    const Tally& tally = sender->tally();
    EXPECT_EQ(tally.admitted, kItems);
    EXPECT_EQ(tally.admitted, tally.ran + tally.dropped + tally.removed);
    EXPECT_EQ(tally.ran, sender->runs());
    sum.admitted += tally.admitted;
    sum.refused += tally.refused;
    sum.ran += tally.ran;
    sum.dropped += tally.dropped;
    sum.removed += tally.removed;
    runs += sender->runs();
  }
  EXPECT_GT(runs, 0);
  EXPECT_EQ(metric("weir_pool_run_seconds_count"), sum.ran);
  EXPECT_EQ(metric("weir_pool_wait_seconds_count"), sum.ran);
  EXPECT_EQ(dropped("abandoned"), sum.dropped);
  EXPECT_EQ(dropped("removed"), sum.removed);
  EXPECT_EQ(shed("queue-full") + shed("share"), sum.refused);
  EXPECT_EQ(metric("weir_pool_queue_depth"), 0);
}

TEST_F(PoolStressTest, APoolMayEndUnderLoad) {
  for (int round = 0; round < 50; ++round) {
    auto pool = make_pool({.workers = 2, .queue = 64});
    std::vector<std::unique_ptr<Sender>> senders;
    for (unsigned i = 0; i < 2; ++i) senders.push_back(std::make_unique<Sender>(*pool, i, 200));
    std::vector<std::thread> threads;
    for (auto& sender : senders) threads.emplace_back([&sender] { sender->run(); });
    pool->stop();
    for (auto& thread : threads) thread.join();
    for (const auto& sender : senders) {
      const Tally& tally = sender->tally();
      EXPECT_EQ(tally.admitted, tally.ran + tally.dropped + tally.removed);
      EXPECT_EQ(tally.ran, sender->runs());
    }
  }
}

}  // namespace
}  // namespace weir::exec
