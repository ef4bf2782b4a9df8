// SPDX-License-Identifier: MIT
// Two stores asked the same: a random sequence of operations, in which each answer is compared.
#pragma once

#include "store_conformance.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace weir::jobs {

/// How often something of note happened, so that a test sees what it has tried.
using ModelCoverage = std::map<std::string, std::size_t>;

/// Asks a new store of each home the same `steps` operations, which `seed` alone decides, and compares the answers and,
/// from time to time, all that the stores show. A home that outlives its stores has its store opened anew now and then.
///
/// Returns the first difference, in words, with the seed.
std::optional<std::string> find_difference(StoreHome& one, StoreHome& other, std::uint64_t seed, std::size_t steps,
                                           ModelCoverage& coverage);

/// find_difference for as many seeds as JOBS_MODEL_RUNS says (else `runs`), from JOBS_MODEL_SEED on (else from 1).
std::optional<std::string> find_difference_in_runs(const StoreKind& one, const StoreKind& other, std::size_t runs,
                                                   std::size_t steps, ModelCoverage& coverage);

}  // namespace weir::jobs
