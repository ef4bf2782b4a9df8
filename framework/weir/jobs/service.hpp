// SPDX-License-Identifier: MIT
// The jobs of an app while it runs: the store, what runs them here, and who waits for them.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/jobs/engine.hpp>
#include <weir/jobs/job_id.hpp>
#include <weir/jobs/job_type.hpp>
#include <weir/jobs/store.hpp>
#include <weir/jobs/waiters.hpp>
#include <weir/loop/completion_source.hpp>
#include <weir/loop/task.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weir::db {
class Connection;
}

namespace weir::jobs {

class SqliteStore;

/// Thread: any, but for start, stop and destruction.
class JobService {
 public:
  struct Parts {
    Store& store;
    const SqliteStore* file_store = nullptr;  ///< The same, where it is one: for enqueue_in.
    std::vector<std::shared_ptr<const JobType>> types;
    EngineOptions engine;
    bool runs_jobs = true;  ///< Else jobs are only taken in: others run them.
    Liveness* liveness = nullptr;
    std::size_t waiters_max = 4'096;
    /// Other processes on the store hear of what changed here: null for new jobs, else that one.
    std::function<void(const JobId*)> tell_others;
    const base::Clock& clock;
    base::Log& log;
    base::Metrics& metrics;
  };
  explicit JobService(Parts parts);
  JobService(const JobService&) = delete;
  JobService& operator=(const JobService&) = delete;
  ~JobService();

  /// Errors: StoreError.
  void start();
  /// Claims nothing more, and lets nobody wait any longer. Returns at once.
  void begin_stop();
  /// See Engine::stop.
  std::size_t stop(std::chrono::nanoseconds patience);
  bool is_stopping() const { return is_stopping_; }

  /// Asks the store. Errors: throws StoreError; Cancelled, and then the work may be done or not.
  template <class W>
  loop::Task<W> ask(W work, Durability durability = Durability::kFull) {
    auto [done, wait] = loop::completion<std::unique_ptr<Asked<W>>>();
    store_.submit(*new Asked<W>(std::move(work), durability, std::move(done)));  // owns itself until it is done
    const std::unique_ptr<Asked<W>> asked = co_await std::move(wait);
    if (asked->verdict != Verdict::kDone) throw StoreError(asked->verdict, asked->failure);
    co_return std::move(std::get<W>(asked->work));
  }

  /// Within the caller's transaction on the store's own file. Errors: throws DatabaseError; StoreError (kUnavailable)
  /// when the store is in no file.
  Enqueue enqueue_in(db::Connection& connection, Enqueue work);

  JobId make_id() { return ids_.make(); }
  Waiters& waiters() { return waiters_; }
  Store& store() { return store_; }
  /// New jobs are there, made here.
  void wake() {
    if (engine_) engine_->wake();
    if (tell_others_) tell_others_(nullptr);
  }
  /// What another process has told.
  void heard(bool has_new_jobs, const std::vector<std::int64_t>& changed);
  /// A job was cancelled, or marked for it.
  void cancelled(const JobId& id);

 private:
  template <class W>
  class Asked final : public Operation {
   public:
    Asked(W asked, Durability wanted, loop::CompletionDone<std::unique_ptr<Asked>> done)
        : Operation(Work(std::move(asked)), wanted), done_(std::move(done)) {}
    void done(Verdict how) noexcept override {
      verdict = how;
      auto own = std::move(done_);  // whoever waits destroys this object at once
      own(std::unique_ptr<Asked>(this));
    }
    Verdict verdict = Verdict::kDone;

   private:
    loop::CompletionDone<std::unique_ptr<Asked>> done_;
  };

  Store& store_;
  const SqliteStore* file_store_;
  JobIdMaker ids_;
  Waiters waiters_;
  std::function<void(const JobId*)> tell_others_;
  std::unique_ptr<Engine> engine_;
  std::atomic<bool> is_stopping_{false};
};

/// Where the declared jobs of an app find the service that runs while it does: what handles of jobs keep.
///
/// Thread: any.
class JobLink {
 public:
  void set(JobService* service) { service_.store(service); }
  /// Unless another is set by now.
  void unset(JobService* service) { service_.compare_exchange_strong(service, nullptr); }
  /// Errors: throws StoreError (kUnavailable) when the app does not run.
  JobService& service() const {
    JobService* const service = service_.load();
    if (service == nullptr) throw StoreError(Verdict::kUnavailable, "the app does not run");
    return *service;
  }

 private:
  std::atomic<JobService*> service_{nullptr};
};

}  // namespace weir::jobs
