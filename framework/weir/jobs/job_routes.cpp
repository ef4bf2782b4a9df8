// SPDX-License-Identifier: MIT
#include <weir/jobs/job_routes.hpp>

#include <weir/jobs/internal/answers.hpp>
#include <weir/jobs/job_view.hpp>
#include <weir/routing/event_stream.hpp>
#include <weir/routing/json/json_writer.hpp>
#include <weir/routing/parameters.hpp>

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
  loop::Task<http::Response> operator()(routing::Path<"id"> id, routing::Context& context) const {
    const auto known = JobId::parse(*id);
    if (!known) co_return not_found();
    try {
      const auto seen = context.header("If-None-Match");
      const std::optional<std::string> etag = seen ? std::optional(std::string(*seen)) : std::nullopt;
      const auto wait = internal::wanted_wait(context);
      auto found = internal::wait_for(service(), *known, std::chrono::seconds(0), false);
      std::optional<JobRecord> record = co_await std::move(found);
      if (record && wait && (!etag || *etag == etag_of(*record)) && !is_final(record->state)) {
        auto changed = internal::wait_for(service(), *known, *wait, false);
        record = co_await std::move(changed);
      }
      if (!record) co_return not_found();
      if (etag && *etag == etag_of(*record)) co_return unchanged(*record);
      http::Response response = answer_with(*record, 200);
      if (wait) response.set_header("Preference-Applied", "wait=" + std::to_string(wait->count()));
      co_return response;
    } catch (const StoreError& error) {
      co_return problem_of(error);
    }
  }

 private:
  static http::Response unchanged(const JobRecord& record) {
    http::Response response(304);
    response.set_header("ETag", etag_of(record));
    return response;
  }
};

class Stop : Routes {
 public:
  using Routes::Routes;
  loop::Task<http::Response> operator()(routing::Path<"id"> id) const {
    const auto known = JobId::parse(*id);
    if (!known) co_return not_found();
    try {
      Cancel question;
      question.id = *known;
      auto asked = service().ask(std::move(question));
      const Cancel done = co_await std::move(asked);
      if (done.answer == Cancel::Answer::kNotFound) co_return not_found();
      if (done.answer == Cancel::Answer::kFinalAlready) {
        co_return problem(409, "job-already-final", "The job has ended already.");
      }
      service().cancelled(*known);
      auto found = internal::wait_for(service(), *known, std::chrono::seconds(0), false);
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
      Find question;
      question.id = *known;
      auto asked = service().ask(std::move(question));
      const Find found = co_await std::move(asked);
      if (!found.found) throw routing::HttpError(404, "There is no job of this id.");
      const bool is_over = is_final(found.found->state);
      const std::string version = etag_of(*found.found);
      // What is no 200 keeps a browser from coming back for ever.
      if (is_over && version == last) throw routing::HttpError(410, "The job has ended, and its end has been sent.");
      if (version != last) {
        last = version;
        auto sent = events.send(routing::Event(json_of(*found.found)).type(is_over ? "final" : "change").id(version));
        co_await std::move(sent);
      }
      if (is_over) co_return;
      auto wait = place.wait(std::chrono::seconds(1));
      co_await std::move(wait);
    }
  }

 private:
  static std::string json_of(const JobRecord& record) {
    std::string json;
    const JobView view = view_of(record);
    routing::append_json(json, base::described::Table<JobView>::kTable, &view);
    return json;
  }
};

}  // namespace

void add_job_routes(routing::Group group, std::shared_ptr<const JobLink> link) {
  group.get("/jobs/{id}").summary("A job, in whatever state").tag("jobs").handle(Show(link));
  group.del("/jobs/{id}").summary("Cancel a job").tag("jobs").handle(Stop(link));
  group.get("/jobs/{id}/events").summary("Follow a job").tag("jobs").handle(Follow(link));
}

}  // namespace weir::jobs
