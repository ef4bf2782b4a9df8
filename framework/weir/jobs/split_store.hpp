// SPDX-License-Identifier: MIT
// Jobs that may be lost with their process beside those that may not.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/memory_store.hpp>
#include <weir/jobs/store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace weir::jobs {

/// Queues are paused in the store beneath, for both. Keeps what is enqueued with Durability::kMemory in this process's
/// memory, and all else in the store beneath. Both are one store to whoever asks; only this process sees and runs what
/// is in memory. A claim takes from the store beneath first, so jobs in memory are best given a queue of their own.
///
/// Thread:    as Store.
/// Ownership: borrows the store beneath and the clock.
class SplitStore final : public Store {
 public:
  /// `jobs_max`: in memory; kFull above, when none of them is final: else the oldest of those are forgotten.
  SplitStore(Store& beneath, const base::Clock& clock, std::size_t jobs_max = 4'096);

  void submit(Operation& operation) override;
  void on_change(std::function<void()> changed) override { beneath_.on_change(std::move(changed)); }

 private:
  class Part;
  void split(Operation& whole, Claim& work);
  void split(Operation& whole, Finish& work);
  void split(Operation& whole, Report& work);
  void split(Operation& whole, Purge& work);
  void split(Operation& whole, List& work);
  void split(Operation& whole, Stats& work);
  template <class W, class Item, class Answer>
  void split_by_id(Operation& whole, std::vector<Item> W::*asked, std::vector<Answer> W::*answered);
  void submit_part(Operation& whole, Work part, std::function<void(Work& part)> then);

  Store& beneath_;
  MemoryStore memory_;
  std::int64_t worker_;  // in memory; it dies with all of this
};

}  // namespace weir::jobs
