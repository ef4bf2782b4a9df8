// SPDX-License-Identifier: MIT
// A store for tests, and for jobs that may be lost with their process.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/store.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace weir::jobs {

namespace internal {
class MemoryTables;
}

/// Keeps jobs in memory. What a store is to do, in its plainest form: others are held against it. It looks through all
/// jobs for each question, so it is for thousands of jobs, not for millions.
///
/// Thread: any; done() is called on the thread of submit, before that returns.
/// Errors: kUnavailable for an enqueue with an id that is there already; kFull.
class MemoryStore final : public Store {
 public:
  /// `clock` outlives the store. `jobs_max`: beyond it the oldest final ones are forgotten; kFull where there is none.
  explicit MemoryStore(const base::Clock& clock, std::size_t jobs_max = SIZE_MAX);
  ~MemoryStore() override;

  void submit(Operation& operation) override;
  bool has(const JobId& id) const;
  bool is_empty() const { return count_ == 0; }
  /// Never calls `changed`, as no other process sees these jobs.
  void on_change(std::function<void()> changed) override;

 private:
  Verdict apply(Operation& operation);

  const base::Clock& clock_;
  std::size_t jobs_max_;
  mutable std::mutex mutex_;
  std::atomic<std::size_t> count_{0};  // of jobs
  std::unique_ptr<internal::MemoryTables> tables_;
};

}  // namespace weir::jobs
