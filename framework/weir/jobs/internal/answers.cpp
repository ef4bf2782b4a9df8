// SPDX-License-Identifier: MIT
#include <weir/jobs/internal/answers.hpp>

#include <weir/base/text.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/status.hpp>
#include <weir/jobs/job_view.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <algorithm>
#include <charconv>

namespace weir::jobs::internal {
namespace {

constexpr std::chrono::seconds kWaitMax{25};
constexpr std::chrono::milliseconds kLookEvery{1'000};  // at what other processes have done

std::optional<std::chrono::seconds> wait_in(std::string_view rest) {
  while (!rest.empty()) {
    std::string_view one = base::take_until(rest, ',');
    std::string_view value = base::take_until(one, ';');
    const std::string_view name = base::trim(base::take_until(value, '='));
    if (!base::equals_ignoring_case(name, "wait")) continue;
    value = base::trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    unsigned seconds = 0;
    const auto [at, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error != std::errc() || at != value.data() + value.size()) return std::nullopt;  // as if it were not there
    return std::min(std::chrono::seconds(seconds), kWaitMax);
  }
  return std::nullopt;
}

}  // namespace

http::Response problem(int status, std::string_view type, std::string_view detail) {
  http::Response response(status);
  const std::string urn = "urn:weir:problem:" + std::string(type);
  const http::JsonText body =
      http::object({{"type", urn}, {"title", http::reason_phrase(status)}, {"status", status}, {"detail", detail}});
  response.set_problem(body.view());
  if (status == 503) response.set_header("Retry-After", "1");
  return response;
}

http::Response problem_of(const StoreError& error) {
  switch (error.verdict) {
    case Verdict::kFull:
      return problem(503, "storage-full", "There is no room for more jobs at the moment.");
    case Verdict::kBusy:
      return problem(503, "store-busy", "Too many jobs are coming in at the moment.");
    default:
      return problem(503, "store-unavailable", "The store of jobs does not answer at the moment.");
  }
}

http::Response answer_with(const JobRecord& record, int status, Durability durability) {
  http::Response response(status);
  std::string json;
  JobView view = view_of(record);
  if (durability != Durability::kFull) view.durability = durability == Durability::kRelaxed ? "relaxed" : "memory";
  routing::append_json(json, base::described::Table<JobView>::kTable, &view);
  response.set_json(json);
  response.set_header("ETag", etag_of(record));
  response.set_header("Cache-Control", "no-store");
  if (!is_final(record.state)) response.set_header("Retry-After", "1");
  return response;
}

std::optional<std::chrono::seconds> wanted_wait(const routing::Context& context) {
  std::optional<std::chrono::seconds> wait;
  for (std::size_t i = 0; i < context.request().field_count() && !wait; ++i) {
    const auto field = context.request().field(i);
    if (base::equals_ignoring_case(field.name, "Prefer")) wait = wait_in(field.value);
  }
  if (!wait) return std::nullopt;
  // No 504 for a job that is stored.
  const auto left = context.deadline() - loop::Loop::current().clock().now() - std::chrono::seconds(1);
  return std::clamp(*wait, std::chrono::seconds(0),
                    std::max(std::chrono::floor<std::chrono::seconds>(left), std::chrono::seconds(0)));
}

loop::Task<std::optional<JobRecord>> wait_for(JobService& service, JobId id, std::chrono::nanoseconds at_most,
                                              std::optional<std::string> seen) {
  const base::Clock& clock = loop::Loop::current().clock();
  const base::TimePoint end = clock.now() + at_most;
  for (;;) {
    Waiters::Place place(service.waiters(), id);
    Find question;
    question.id = id;
    auto asked = service.ask(std::move(question));
    Find found = co_await std::move(asked);
    if (!found.found || is_final(found.found->state)) co_return std::move(found.found);
    if (seen && *seen != etag_of(*found.found)) co_return std::move(found.found);
    const auto left = end - clock.now();
    if (left.count() <= 0 || service.is_stopping() || !place.is_there()) co_return std::move(found.found);
    auto wait = place.wait(std::min<std::chrono::nanoseconds>(left, kLookEvery));
    co_await std::move(wait);
  }
}

}  // namespace weir::jobs::internal
