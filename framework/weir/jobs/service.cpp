// SPDX-License-Identifier: MIT
#include <weir/jobs/service.hpp>

#include <weir/jobs/sqlite/sqlite_store.hpp>

namespace weir::jobs {

JobService::JobService(Parts parts)
    : store_(parts.store),
      file_store_(parts.file_store),
      ids_(parts.clock),
      waiters_(parts.waiters_max),
      tell_others_(std::move(parts.tell_others)) {
  if (!parts.runs_jobs) return;
  engine_ = std::make_unique<Engine>(Engine::Parts{.store = parts.store,
                                                   .types = std::move(parts.types),
                                                   .options = std::move(parts.engine),
                                                   .liveness = parts.liveness,
                                                   .clock = parts.clock,
                                                   .log = parts.log,
                                                   .metrics = parts.metrics,
                                                   .on_change = [this](const JobId& id) {
                                                     waiters_.wake(id);
                                                     if (tell_others_) tell_others_(&id);
                                                   }});
}

JobService::~JobService() = default;

void JobService::start() {
  store_.on_change([this] { wake(); });
  if (engine_) engine_->start();
}

void JobService::begin_stop() {
  is_stopping_ = true;
  if (engine_) engine_->begin_stop();
  waiters_.wake_all();
}

std::size_t JobService::stop(std::chrono::nanoseconds patience) {
  begin_stop();
  const std::size_t cut = engine_ ? engine_->stop(patience) : 0;
  store_.on_change({});
  return cut;
}

// The claim that this asks for comes with the next transaction at the earliest: after the caller's has been committed.
Enqueue JobService::enqueue_in(db::Connection& connection, Enqueue work) {
  if (file_store_ == nullptr) throw StoreError(Verdict::kUnavailable, "the store of jobs is in no file");
  Enqueue done = file_store_->enqueue(connection, std::move(work));
  wake();
  return done;
}

void JobService::cancelled(const JobId& id) {
  if (engine_) engine_->cancel(id);
  waiters_.wake(id);
  if (tell_others_) tell_others_(&id);
}

void JobService::heard(bool has_new_jobs, const std::vector<std::int64_t>& changed) {
  if (has_new_jobs && engine_) engine_->wake();
  for (const std::int64_t number : changed) waiters_.wake({number, 0});
}

}  // namespace weir::jobs
