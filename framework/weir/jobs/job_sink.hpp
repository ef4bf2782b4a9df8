// SPDX-License-Identifier: MIT
// Requests become jobs.
#pragma once

#include <weir/jobs/job_type.hpp>
#include <weir/jobs/service.hpp>
#include <weir/routing/job_sink.hpp>

#include <memory>

namespace weir::jobs {

/// For a route that is that kind of job. It answers
///   202  with Location and the job, once it is stored; with `Prefer: wait=N`, 200 when it is final within N seconds
///   (at
///        most 25) and 202 otherwise (RFC 7240)
///   400  to an Idempotency-Key that is none; 422 to one that was used for another request; a key that was used for the
///        same one gets the first answer again, with `Idempotency-Replayed: true`
///   503  with Retry-After when the queue or the disk is full, or the store cannot take it
std::shared_ptr<routing::JobSink> make_job_sink(std::shared_ptr<const JobType> type,
                                                std::shared_ptr<const JobLink> link);

}  // namespace weir::jobs
