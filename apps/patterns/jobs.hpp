// SPDX-License-Identifier: MIT
// Durable jobs: the pattern in which the answer does not wait for the work.
#pragma once

#include <weir/weir.hpp>

namespace patterns {

/// POST /work stores a job that waits and computes as long as its content says; POST /failing-work one that fails in
/// each of its two attempts.
///
/// With the first job an app has a store, and threads for it: only where the environment has PATTERNS_JOBS are they
/// declared, so that what is said of the other patterns is said of a service without.
void add_jobs(weir::App& app);

}  // namespace patterns
