// SPDX-License-Identifier: MIT
#include <weir/jobs/job_routes.hpp>

#include <weir/http/preconditions.hpp>
#include <weir/jobs/internal/answers.hpp>
#include <weir/jobs/job_answer.hpp>
#include <weir/jobs/job_view.hpp>
#include <weir/routing/event_stream.hpp>
#include <weir/routing/json/json_writer.hpp>
#include <weir/routing/parameters.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::jobs {
namespace {

using internal::answer_with;
using internal::problem;
using internal::problem_of;

http::Response not_found() {
  return problem(404, "job-not-found", "There is no job of this id.");
}

[[noreturn]] void refuse(const StoreError& error) {
  throw routing::HttpError(503, std::string("The store of jobs: ") + error.what());
}

// What the routes of one table share.
class Routes {
 public:
  explicit Routes(std::shared_ptr<const JobLink> link) : link_(std::move(link)) {}

 protected:
  JobService& service() const { return link_->service(); }

 private:
  std::shared_ptr<const JobLink> link_;
};

class Show : Routes {
 public:
  using Routes::Routes;
  loop::Task<JobAnswer<200>> operator()(routing::Path<"id"> id, routing::Context& context) const {
    auto shown = show(std::string(*id), context);
    http::Response response = co_await std::move(shown);
    co_return JobAnswer<200>(std::move(response));
  }

 private:
  loop::Task<http::Response> show(std::string id, routing::Context& context) const {
    const auto known = JobId::parse(id);
    if (!known) co_return not_found();
    try {
      const auto seen = context.header("If-None-Match");
      const std::optional<std::string> etag = seen ? std::optional(std::string(*seen)) : std::nullopt;
      const auto wait = internal::wanted_wait(context);
      auto found = internal::wait_for(service(), *known, std::chrono::seconds(0));
      std::optional<JobRecord> record = co_await std::move(found);
      if (record && wait && (!etag || http::names_etag(*etag, etag_of(*record))) && !is_final(record->state)) {
        auto changed = internal::wait_for(service(), *known, *wait, etag_of(*record));
        record = co_await std::move(changed);
      }
      if (!record) co_return not_found();
      if (etag && http::names_etag(*etag, etag_of(*record))) co_return unchanged(*record);
      http::Response response = answer_with(*record, 200);
      if (wait) response.set_header("Preference-Applied", "wait=" + std::to_string(wait->count()));
      co_return response;
    } catch (const StoreError& error) {
      co_return problem_of(error);
    }
  }

  static http::Response unchanged(const JobRecord& record) {
    http::Response response(304);
    response.set_header("ETag", etag_of(record));
    return response;
  }
};

class Stop : Routes {
 public:
  using Routes::Routes;
  loop::Task<JobAnswer<200>> operator()(routing::Path<"id"> id) const {
    auto stopped = stop(std::string(*id));
    http::Response response = co_await std::move(stopped);
    co_return JobAnswer<200>(std::move(response));
  }

 private:
  loop::Task<http::Response> stop(std::string id) const {
    const auto known = JobId::parse(id);
    if (!known) co_return not_found();
    try {
      Cancel question;
      question.id = *known;
      auto asked = service().ask(question);
      const Cancel done = co_await std::move(asked);
      if (done.answer == Cancel::Answer::kNotFound) co_return not_found();
      if (done.answer == Cancel::Answer::kFinalAlready) {
        co_return problem(409, "job-already-final", "The job has ended already.");
      }
      service().cancelled(*known);
      auto found = internal::wait_for(service(), *known, std::chrono::seconds(0));
      const std::optional<JobRecord> record = co_await std::move(found);
      if (!record) co_return not_found();
      co_return answer_with(*record, done.answer == Cancel::Answer::kMarked ? 202 : 200);
    } catch (const StoreError& error) {
      co_return problem_of(error);
    }
  }
};

class Follow : Routes {
 public:
  using Routes::Routes;
  loop::Task<void> operator()(routing::Path<"id"> id, routing::EventStream events) const {
    const auto known = JobId::parse(*id);
    if (!known) throw routing::HttpError(404, "There is no job of this id.");
    std::string last(events.last_event_id());
    for (;;) {
      Waiters::Place place(service().waiters(), *known);
      auto asked = find(*known);
      const std::optional<JobRecord> found = co_await std::move(asked);
      if (!found) throw routing::HttpError(404, "There is no job of this id.");
      const bool is_over = is_final(found->state);
      const std::string version = etag_of(*found);
      // What is no 200 keeps a browser from coming back for ever.
      if (is_over && version == last) throw routing::HttpError(410, "The job has ended, and its end has been sent.");
      if (version != last) {
        last = version;
        auto sent = events.send(routing::Event(json_of(*found)).type(is_over ? "final" : "change").id(version));
        co_await std::move(sent);
      }
      if (is_over) co_return;
      auto wait = place.wait(std::chrono::seconds(1));
      co_await std::move(wait);
    }
  }

 private:
  loop::Task<std::optional<JobRecord>> find(JobId id) const {
    try {
      Find question;
      question.id = id;
      auto asked = service().ask(std::move(question));
      Find found = co_await std::move(asked);
      co_return std::move(found.found);
    } catch (const StoreError& error) {
      refuse(error);
    }
  }
  static std::string json_of(const JobRecord& record) {
    std::string json;
    const JobView view = view_of(record);
    routing::append_json(json, base::described::Table<JobView>::kTable, &view);
    return json;
  }
};

struct JobPage {
  std::vector<JobView> jobs;
  std::optional<std::string> next;  ///< `before` of the next page.
  static constexpr auto describe() {
    return base::described::fields(base::described::field<&JobPage::jobs>(), base::described::field<&JobPage::next>());
  }
};

struct QueueView {
  std::string name;
  bool is_paused = false;
  std::map<std::string, std::uint64_t> jobs;  ///< By state.
  std::optional<StoreTime> oldest_available;
  static constexpr auto describe() {
    using base::described::field;
    return base::described::fields(field<&QueueView::name>(), field<&QueueView::is_paused>(), field<&QueueView::jobs>(),
                                   field<&QueueView::oldest_available>());
  }
};

QueueView view_of(const Stats::Queue& queue) {
  QueueView view{
      .name = queue.name, .is_paused = queue.is_paused, .jobs = {}, .oldest_available = queue.oldest_available};
  for (int state = 0; state < 8; ++state) {
    if (queue.count[state] > 0) view.jobs[std::string(name_of(static_cast<JobState>(state)))] = queue.count[state];
  }
  return view;
}

class Browse : Routes {
 public:
  using Routes::Routes;
  loop::Task<JobPage> operator()(routing::Query<"state", std::optional<std::string>> state,
                                 routing::Query<"queue", std::optional<std::string>> queue,
                                 routing::Query<"kind", std::optional<std::string>> kind,
                                 routing::Query<"before", std::optional<std::string>> before,
                                 routing::Query<"limit", base::Bounded<int, 1, 500>, 50> limit) const {
    List question;
    if (*state) question.state = state_of(**state);
    question.queue = *queue;
    question.kind = *kind;
    question.limit = static_cast<std::size_t>(limit->value);
    if (*before) {
      const auto id = JobId::parse(**before);
      if (!id) throw routing::HttpError(422, "before is not the id of a job.");
      question.before = id->number;
    }
    try {
      auto asked = service().ask(std::move(question));
      const List found = co_await std::move(asked);
      JobPage page;
      for (const JobRecord& record : found.jobs) page.jobs.push_back(jobs::view_of(record));
      if (found.jobs.size() == found.limit) page.next = page.jobs.back().id;
      co_return page;
    } catch (const StoreError& error) {
      refuse(error);
    }
  }

 private:
  static JobState state_of(const std::string& name) {
    for (int state = 0; state < 8; ++state) {
      if (name_of(static_cast<JobState>(state)) == name) return static_cast<JobState>(state);
    }
    throw routing::HttpError(422, "There is no state of that name.");
  }
};

class RunAgain : Routes {
 public:
  using Routes::Routes;
  loop::Task<http::Response> operator()(routing::Path<"id"> id) const {
    const auto known = JobId::parse(*id);
    if (!known) co_return not_found();
    try {
      Retry question;
      question.id = *known;
      auto asked = service().ask(question);
      const Retry done = co_await std::move(asked);
      if (done.answer == Retry::Answer::kNotFound) co_return not_found();
      if (done.answer == Retry::Answer::kNotFinal) co_return problem(409, "job-not-final", "The job has not ended.");
      if (done.answer == Retry::Answer::kTaken) {
        co_return problem(409, "job-not-unique", "Another job has its unique key now.");
      }
      service().wake();
      co_return http::Response(202);
    } catch (const StoreError& error) {
      co_return problem_of(error);
    }
  }
};

class Queues : Routes {
 public:
  using Routes::Routes;
  loop::Task<std::vector<QueueView>> operator()() const {
    try {
      auto asked = service().ask(Stats());
      const Stats stats = co_await std::move(asked);
      std::vector<QueueView> views;
      for (const Stats::Queue& queue : stats.queues) views.push_back(view_of(queue));
      co_return views;
    } catch (const StoreError& error) {
      refuse(error);
    }
  }
};

template <bool kIsPaused>
class SetPaused : Routes {
 public:
  using Routes::Routes;
  loop::Task<void> operator()(routing::Path<"name"> name) const {
    try {
      Pause question;
      question.queue = std::string(*name);
      question.is_paused = kIsPaused;
      auto asked = service().ask(std::move(question));
      const Pause done = co_await std::move(asked);
      if (!done.is_paused) service().wake();
    } catch (const StoreError& error) {
      refuse(error);
    }
  }
};

}  // namespace

void add_operator_routes(routing::Group group, std::shared_ptr<const JobLink> link) {
  group.get("/jobs").handle(Browse(link));
  group.get("/jobs/{id}").handle(Show(link));
  group.del("/jobs/{id}").handle(Stop(link));
  group.post("/jobs/{id}/retry").handle(RunAgain(link));
  group.get("/queues").handle(Queues(link));
  group.post("/queues/{name}/pause").handle(SetPaused<true>(link));
  group.post("/queues/{name}/resume").handle(SetPaused<false>(std::move(link)));
}

void add_job_routes(routing::Group group, std::shared_ptr<const JobLink> link) {
  group.get("/jobs/{id}").summary("A job, in whatever state").tag("jobs").handle(Show(link));
  group.del("/jobs/{id}").summary("Cancel a job").tag("jobs").handle(Stop(link));
  group.get("/jobs/{id}/events").summary("Follow a job").tag("jobs").handle(Follow(std::move(link)));
}

}  // namespace weir::jobs
