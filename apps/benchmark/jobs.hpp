// SPDX-License-Identifier: MIT
// Durable jobs that do nothing, for tools/bench jobs.
#pragma once

#include <weir/weir.hpp>

namespace benchmark {

/// POST /jobs/trivial answers once such a job is stored. POST /jobs/timed stores one, waits until it has begun, and
/// says how long that took; for one client at a time.
///
/// With the first job an app has a store, and threads for it: only where the environment has BENCHMARK_JOBS are they
/// declared, so that the other measurements are of a service without.
void add_jobs(weir::App& app);

}  // namespace benchmark
