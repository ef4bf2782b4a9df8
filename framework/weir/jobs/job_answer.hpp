// SPDX-License-Identifier: MIT
// Answers that are a job, for the documentation to know.
#pragma once

#include <weir/jobs/job_view.hpp>
#include <weir/routing/result.hpp>

#include <utility>

namespace weir::jobs {

/// A response whose content, when all goes well, is a JobView, with `kStatus`.
template <int kStatus>
struct JobAnswer {
  explicit JobAnswer(http::Response made) : response(std::move(made)) {}
  http::Response response;
};

}  // namespace weir::jobs

namespace weir::routing {

template <int kStatus>
struct IntoResponse<jobs::JobAnswer<kStatus>> {
  static void write(jobs::JobAnswer<kStatus>&& value, http::Response& response) {
    response = std::move(value.response);
  }
};
template <int kStatus>
struct ResultInfoOf<jobs::JobAnswer<kStatus>> {
  static constexpr ResultInfo info() {
    return {
        .status = kStatus, .media_type = "application/json", .type = &base::described::Table<jobs::JobView>::kTable};
  }
};

}  // namespace weir::routing
