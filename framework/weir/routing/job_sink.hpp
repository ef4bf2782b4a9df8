// SPDX-License-Identifier: MIT
// Where a route's requests go whose work is done later: what `as_job` needs of the floor that runs jobs.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/body.hpp>
#include <weir/routing/context.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace weir::routing {

/// Takes the content of a request as a job.
///
/// Thread: any loop's.
class JobSink {
 public:
  JobSink() = default;
  JobSink(const JobSink&) = delete;
  JobSink& operator=(const JobSink&) = delete;
  virtual ~JobSink() = default;

  /// Answers once the job is as durable as its kind asks for: 202, or why not. `payload`: JSON.
  virtual loop::Task<http::Response> accept(Context& context, std::string payload) = 0;
};

/// What stands for a kind of job: the type of its content, what is made of the answer, and where it goes.
template <class J>
concept JobHandle = requires(const J& job) {
  typename J::Payload;
  typename J::Answer;
  { job.sink() } -> std::same_as<std::shared_ptr<JobSink>>;
};

namespace detail {

/// The handler of a route `as_job`: the content is checked here, before anything is stored.
template <class J>
class JobRoute {
  using Payload = typename J::Payload;

 public:
  explicit JobRoute(std::shared_ptr<JobSink> sink) : sink_(std::move(sink)) {}

  loop::Task<typename J::Answer> operator()(Body<Payload> body, Context& context) const {
    std::string json;
    append_json(json, base::described::Table<Payload>::kTable, &*body);
    auto accepted = sink_->accept(context, std::move(json));
    http::Response response = co_await std::move(accepted);
    co_return typename J::Answer(std::move(response));
  }

 private:
  std::shared_ptr<JobSink> sink_;
};

}  // namespace detail
}  // namespace weir::routing
