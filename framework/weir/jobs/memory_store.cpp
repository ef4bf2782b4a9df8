// SPDX-License-Identifier: MIT
#include <weir/jobs/memory_store.hpp>

#include <weir/jobs/internal/memory_tables.hpp>

#include <stdexcept>

namespace weir::jobs {

MemoryStore::MemoryStore(const base::Clock& clock, std::size_t jobs_max)
    : clock_(clock), jobs_max_(jobs_max), tables_(std::make_unique<internal::MemoryTables>()) {}

MemoryStore::~MemoryStore() = default;

Verdict MemoryStore::apply(Operation& operation) {
  const auto* const enqueue = std::get_if<Enqueue>(&operation.work);
  if (enqueue != nullptr && !tables_->make_room(enqueue->jobs.size(), jobs_max_)) {
    operation.failure = "too many jobs in memory";
    return Verdict::kFull;
  }
  try {
    tables_->apply(operation.work, internal::Moment::of(clock_));
    return Verdict::kDone;
  } catch (const std::invalid_argument& refused) {
    operation.failure = refused.what();
    return Verdict::kUnavailable;
  }
}

void MemoryStore::submit(Operation& operation) {
  Verdict verdict{};
  {
    const std::lock_guard lock(mutex_);
    verdict = apply(operation);
    count_ = tables_->count();
  }
  operation.done(verdict);  // may destroy the operation, and ask the store again
}

bool MemoryStore::has(const JobId& id) const {
  if (is_empty()) return false;
  const std::lock_guard lock(mutex_);
  return tables_->has(id);
}

void MemoryStore::on_change(std::function<void()> /*changed*/) {}

}  // namespace weir::jobs
