// SPDX-License-Identifier: MIT
// A job as clients see it.
#pragma once

#include <weir/base/described/describe.hpp>
#include <weir/base/time_text.hpp>
#include <weir/jobs/raw_json.hpp>
#include <weir/jobs/store.hpp>

#include <optional>
#include <string>

namespace weir::jobs {

struct JobView {
  std::string id;
  std::string kind;
  std::string queue;
  std::string status;  ///< queued, running, succeeded, cancelled, failed
  std::string state;   ///< As operators name it.
  int attempt = 0;
  int max_attempts = 0;
  double progress = 0;
  std::optional<std::string> progress_text;
  std::optional<std::string> durability;
  StoreTime created_at{};
  std::optional<StoreTime> next_attempt_at;
  std::optional<StoreTime> finished_at;
  std::optional<std::string> error;
  std::optional<RawJson> result;

  static constexpr auto describe() {
    using base::described::example;
    using base::described::field;
    using base::described::summary;
    return base::described::fields(
        field<&JobView::id>(summary("Whoever has it may ask for the job.")), field<&JobView::kind>(),
        field<&JobView::queue>(), field<&JobView::status>(summary("queued, running, succeeded, cancelled or failed")),
        field<&JobView::state>(summary("What is behind the status: scheduled, retryable, available ...")),
        field<&JobView::attempt>(), field<&JobView::max_attempts>(), field<&JobView::progress>(summary("From 0 to 1.")),
        field<&JobView::progress_text>(),
        field<&JobView::durability>(summary("When it was just taken in, and may be lost: relaxed, by a crash of the "
                                            "machine; memory, by the end of the process.")),
        field<&JobView::created_at>(), field<&JobView::next_attempt_at>(), field<&JobView::finished_at>(),
        field<&JobView::error>(summary("Of the last attempt that failed.")), field<&JobView::result>());
  }
};

JobView view_of(const JobRecord& record);
/// What If-None-Match compares: changes with everything that a client can see.
std::string etag_of(const JobRecord& record);

}  // namespace weir::jobs
