// SPDX-License-Identifier: MIT
// A store for tests, and for jobs that may be lost with their process.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/store.hpp>

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
/// Errors: kUnavailable for an enqueue with an id that is there already.
class MemoryStore final : public Store {
 public:
  /// `clock` outlives the store.
  explicit MemoryStore(const base::Clock& clock);
  ~MemoryStore() override;

  void submit(Operation& operation) override;
  /// Never calls `changed`, as no other process sees these jobs.
  void on_change(std::function<void()> changed) override;

 private:
  const base::Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<internal::MemoryTables> tables_;
};

}  // namespace weir::jobs
