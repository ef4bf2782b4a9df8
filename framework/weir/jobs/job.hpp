// SPDX-License-Identifier: MIT
// A kind of job with the types of its payload and result: how an app declares and enqueues it.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/jobs/job_answer.hpp>
#include <weir/jobs/job_sink.hpp>
#include <weir/jobs/job_type.hpp>
#include <weir/jobs/service.hpp>
#include <weir/routing/job_sink.hpp>
#include <weir/routing/json/json_reader.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::jobs {

namespace detail {

/// Errors: throws UnreadablePayload, with what is wrong in it.
void read_payload(const std::string& json, const base::described::TypeTable& type, void* target);

template <class T>
T payload_of(const ClaimedJob& job) {
  T payload{};
  read_payload(job.payload, base::described::Table<T>::kTable, &payload);
  return payload;
}

template <class R>
std::string json_of(const R& result) {
  std::string json;
  routing::append_json(json, base::described::Table<R>::kTable, &result);
  return json;
}

template <class T>
struct Unwrapped {
  using Type = T;
  static constexpr bool kIsTask = false;
};
template <class T>
struct Unwrapped<loop::Task<T>> {
  using Type = T;
  static constexpr bool kIsTask = true;
};

template <class F, class T>
concept TakesContext = std::is_invocable_v<const F&, const T&, JobContext&>;
template <class F, class T>
concept TakesPayload = std::is_invocable_v<const F&, const T&>;

template <class F, class T>
decltype(auto) call(const F& handler, const T& payload, JobContext& context) {
  if constexpr (TakesContext<F, T>) {
    return handler(payload, context);
  } else {
    return handler(payload);
  }
}
template <class F, class T>
using ResultOf = decltype(call(std::declval<const F&>(), std::declval<const T&>(), std::declval<JobContext&>()));

template <class T, class F>
loop::Task<std::string> run_task(std::shared_ptr<const F> handler, const ClaimedJob* job, JobContext* context) {
  using R = typename Unwrapped<ResultOf<F, T>>::Type;
  const T payload = payload_of<T>(*job);
  if constexpr (std::is_void_v<R>) {
    co_await call(*handler, payload, *context);
    co_return std::string();
  } else {
    const R result = co_await call(*handler, payload, *context);
    co_return json_of(result);
  }
}

}  // namespace detail

/// What came of a job.
template <class R>
struct JobResult {
  JobState state = JobState::kAvailable;
  std::optional<R> result;  ///< Of a completed one.
  std::string error;        ///< Of the last attempt that failed.
};

/// Stands for a kind of job: routes are made `as_job(handle)`, code enqueues by it. Copies stand for the same.
///
/// Thread: any.
template <class T, class R>
class Job {
 public:
  using Payload = T;
  using Result = R;
  using Answer = JobAnswer<202>;

  Job(std::shared_ptr<const JobType> type, std::shared_ptr<const JobLink> link)
      : type_(std::move(type)), link_(std::move(link)) {}

  /// Returns once the job is as durable as its kind asks for. Errors: throws StoreError.
  loop::Task<JobId> enqueue(T payload, Milliseconds delay = Milliseconds(0)) const {
    std::vector<T> one;
    one.push_back(std::move(payload));
    auto all = enqueue_all(std::move(one), delay);
    const std::vector<JobId> ids = co_await std::move(all);
    co_return ids.front();
  }
  /// Many at once, in one commit: all of them, or none.
  loop::Task<std::vector<JobId>> enqueue_all(std::vector<T> payloads, Milliseconds delay = Milliseconds(0)) const {
    JobService& service = link_->service();
    Enqueue work = make(service, payloads, delay);
    auto asked = service.ask(std::move(work), type_->durability);
    const Enqueue done = co_await std::move(asked);
    service.wake();
    co_return ids_of(done);
  }
  /// As enqueue, but makes the calling thread wait: for workers of a pool, never on a loop.
  JobId enqueue_and_wait(const T& payload, Milliseconds delay = Milliseconds(0)) const {
    JobService& service = link_->service();
    const Enqueue done = jobs::ask(service.store(), make(service, {payload}, delay), type_->durability);
    service.wake();
    return ids_of(done).front();
  }

  /// Within a transaction of the caller's on App::database(): the job is there together with its rows, or not at all.
  ///
  ///     co_await app.database().transact([build, report](weir::db::Connection& connection) {
  ///       connection.run("UPDATE ...");
  ///       build.enqueue_in(connection, report);
  ///     });
  ///
  /// Thread: that of the transaction. Errors: throws StoreError, DatabaseError.
  JobId enqueue_in(db::Connection& connection, const T& payload, Milliseconds delay = Milliseconds(0)) const {
    JobService& service = link_->service();
    return ids_of(service.enqueue_in(connection, make(service, {payload}, delay))).front();
  }

  /// How far a job of this kind is; nullopt when there is none of that id (any more).
  loop::Task<std::optional<JobResult<R>>> result(JobId id) const {
    auto asked = link_->service().ask(Find{.id = id, .found = {}});
    const Find find = co_await std::move(asked);
    if (!find.found || find.found->kind != type_->kind) co_return std::nullopt;
    JobResult<R> out;
    out.state = find.found->state;
    out.error = find.found->error;
    if constexpr (!std::is_void_v<R>) {
      if (out.state == JobState::kCompleted) {
        detail::read_payload(find.found->result, base::described::Table<R>::kTable, &out.result.emplace());
      }
    }
    co_return out;
  }

  const JobType& type() const { return *type_; }
  /// For RouteBuilder::as_job.
  std::shared_ptr<routing::JobSink> sink() const { return make_job_sink(type_, link_); }

 private:
  Enqueue make(JobService& service, const std::vector<T>& payloads, Milliseconds delay) const {
    Enqueue work;
    for (const T& payload : payloads) {
      work.jobs.push_back(type_->make(service.make_id(), detail::json_of(payload)));
      work.jobs.back().delay = std::min(delay, kLongest);
    }
    work.queue_depth_max = type_->queue_depth_max;
    return work;
  }
  static std::vector<JobId> ids_of(const Enqueue& done) {
    if (done.refusal == Enqueue::Refusal::kQueueFull) throw StoreError(Verdict::kFull, "the queue is full");
    std::vector<JobId> ids;
    for (const Enqueue::Stored& stored : done.stored) ids.push_back(stored.id);
    return ids;
  }

  std::shared_ptr<const JobType> type_;
  std::shared_ptr<const JobLink> link_;
};

template <>
struct JobResult<void> {
  JobState state = JobState::kAvailable;
  std::string error;
};

/// The jobs that an app declares.
struct JobTable {
  std::vector<std::shared_ptr<JobType>> types;
  std::shared_ptr<JobLink> link = std::make_shared<JobLink>();

  /// Errors: throws std::invalid_argument for a kind that is empty or taken.
  std::shared_ptr<JobType> add(std::string kind);
};

/// The steps between a kind of job and its handler.
///
/// Thread: one, before serving.
template <class T, class R>
class [[nodiscard]] JobBuilder {
 public:
  JobBuilder(JobTable& table, std::string kind) : type_(table.add(std::move(kind))), link_(table.link) {
    type_->payload = &base::described::Table<T>::kTable;
  }
  JobBuilder(const JobBuilder&) = delete;
  JobBuilder& operator=(const JobBuilder&) = delete;

  [[nodiscard]] JobBuilder&& queue(std::string name) && { return set(&JobType::queue, std::move(name)); }
  /// From 0, which goes first, to 4; 2 unless said otherwise.
  [[nodiscard]] JobBuilder&& lane(int lane) && { return set(&JobType::lane, lane); }
  [[nodiscard]] JobBuilder&& max_attempts(int attempts) && { return set(&JobType::max_attempts, attempts); }
  /// Of one attempt; then it is asked to stop, and has failed.
  [[nodiscard]] JobBuilder&& timeout(Milliseconds limit) && { return set(&JobType::timeout, limit); }
  /// From the enqueueing on; then it is discarded unless it is final or runs.
  [[nodiscard]] JobBuilder&& lifetime(Milliseconds limit) && { return set(&JobType::lifetime, limit); }
  /// How long completed jobs, and failed or cancelled ones, can be asked for.
  [[nodiscard]] JobBuilder&& keep(Milliseconds completed, Milliseconds failed) && {
    type_->keep_completed = completed;
    type_->keep_failed = failed;
    return std::move(*this);
  }
  /// The delay after the n-th attempt failed, from 1.
  [[nodiscard]] JobBuilder&& backoff(std::function<Milliseconds(int attempt)> delay) && {
    return set(&JobType::backoff, std::move(delay));
  }
  /// What may be lost by a crash; kMemory jobs are found for five minutes after their end at most.
  [[nodiscard]] JobBuilder&& durability(Durability wanted) && { return set(&JobType::durability, wanted); }
  /// No two living jobs of this kind with the same key: the second enqueue gives the first one's id.
  [[nodiscard]] JobBuilder&& unique_by(std::function<std::string(const T&)> key) && {
    type_->unique_key = [key = std::move(key)](const std::string& json) {
      T payload{};
      detail::read_payload(json, base::described::Table<T>::kTable, &payload);
      return key(payload);
    };
    return std::move(*this);
  }
  /// How many jobs of its queue may live; 503 above.
  [[nodiscard]] JobBuilder&& max_depth(std::size_t jobs) && {
    return set(&JobType::queue_depth_max, std::optional(jobs));
  }
  /// How many jobs of its queue may run, over all workers.
  [[nodiscard]] JobBuilder&& concurrency(std::size_t jobs) && {
    return set(&JobType::running_max, std::optional(jobs));
  }

  /// What runs it: `f(const T&)` or `f(const T&, JobContext&)`, which returns a described type, text or nothing, or a
  /// Task of that. Called through const from several threads at once; a coroutine on the engine's loop, the rest on the
  /// pool "jobs". It may run more than once for one job.
  template <class F>
    requires(detail::TakesContext<F, T> || detail::TakesPayload<F, T>)
  auto handle(F handler) && {
    using Returned = detail::Unwrapped<detail::ResultOf<F, T>>;
    using Result = typename Returned::Type;
    static_assert(std::is_void_v<R> || std::is_same_v<R, Result>,
                  "weir: the handler returns another type than the job says that it results in");
    auto shared = std::make_shared<const F>(std::move(handler));
    if constexpr (!std::is_void_v<Result>) type_->result = &base::described::Table<Result>::kTable;
    if constexpr (Returned::kIsTask) {
      type_->start = [shared](const ClaimedJob& job, JobContext& context) {
        return detail::run_task<T, F>(shared, &job, &context);
      };
    } else {
      type_->run = [shared](const ClaimedJob& job, JobContext& context) -> std::string {
        const T payload = detail::payload_of<T>(job);
        if constexpr (std::is_void_v<Result>) {
          detail::call(*shared, payload, context);
          return {};
        } else {
          return detail::json_of(detail::call(*shared, payload, context));
        }
      };
    }
    return Job<T, Result>(type_, link_);
  }

 private:
  template <class Member, class Value>
  JobBuilder&& set(Member JobType::*member, Value value) {
    (*type_).*member = std::move(value);
    return std::move(*this);
  }

  std::shared_ptr<JobType> type_;
  std::shared_ptr<const JobLink> link_;
};

}  // namespace weir::jobs
