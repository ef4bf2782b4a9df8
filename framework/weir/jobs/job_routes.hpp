// SPDX-License-Identifier: MIT
// The routes by which clients and operators ask for jobs.
#pragma once

#include <weir/jobs/service.hpp>
#include <weir/routing/group.hpp>

#include <memory>

namespace weir::jobs {

/// GET /jobs/{id}          the job, in every state; ETag and If-None-Match; `Prefer: wait=N` waits for a change
/// DELETE /jobs/{id}       200 cancelled, 202 asked to stop, 409 final already
/// GET /jobs/{id}/events   server-sent events: "change" with the job, the last of them "final"
void add_job_routes(routing::Group group, std::shared_ptr<const JobLink> link);

/// For operators: GET /jobs?state=&queue=&kind=&before=&limit=, GET and DELETE /jobs/{id}, POST /jobs/{id}/retry,
/// GET /queues, POST /queues/{name}/pause and /resume.
void add_operator_routes(routing::Group group, std::shared_ptr<const JobLink> link);

}  // namespace weir::jobs
