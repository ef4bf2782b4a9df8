// SPDX-License-Identifier: MIT
#include <weir/jobs/memory_store.hpp>

#include <weir/jobs/internal/memory_tables.hpp>

#include <stdexcept>

namespace weir::jobs {

MemoryStore::MemoryStore(const base::Clock& clock)
    : clock_(clock), tables_(std::make_unique<internal::MemoryTables>()) {}

MemoryStore::~MemoryStore() = default;

void MemoryStore::submit(Operation& operation) {
  Verdict verdict = Verdict::kDone;
  {
    const std::lock_guard lock(mutex_);
    try {
      tables_->apply(operation.work, internal::Moment::of(clock_));
    } catch (const std::invalid_argument& refused) {
      operation.failure = refused.what();
      verdict = Verdict::kUnavailable;
    }
  }
  operation.done(verdict);  // may destroy the operation, and ask the store again
}

void MemoryStore::on_change(std::function<void()> /*changed*/) {}

}  // namespace weir::jobs
