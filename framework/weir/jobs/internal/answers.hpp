// SPDX-License-Identifier: MIT
// What clients are answered about jobs.
#pragma once

#include <weir/http/response.hpp>
#include <weir/jobs/service.hpp>
#include <weir/jobs/store.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir::jobs::internal {

/// problem+json with a type of its own, "urn:weir:problem:queue-full".
http::Response problem(int status, std::string_view type, std::string_view detail);
/// Of a store that did not do what it was asked.
http::Response problem_of(const StoreError& error);
/// The job itself, with ETag, and with Retry-After while it lives.
http::Response answer_with(const JobRecord& record, int status, Durability durability = Durability::kFull);

/// How long the client would wait for an end. Source: RFC 7240 section 4.3.
std::optional<std::chrono::seconds> wanted_wait(const routing::Context& context);

/// Waits until the job is final, or its ETag another than `seen`, `at_most` long; then it is as it is.
loop::Task<std::optional<JobRecord>> wait_for(JobService& service, JobId id, std::chrono::nanoseconds at_most,
                                              std::optional<std::string> seen = std::nullopt);

}  // namespace weir::jobs::internal
