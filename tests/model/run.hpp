// SPDX-License-Identifier: MIT
// One run of the model: what a seed makes happen to a service.
#pragma once

#include <cstdint>
#include <string>

namespace weir::model {

/// Counts over all runs, to see that the model reaches what it is for.
struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t answered[6] = {};  ///< By the first digit of the status.
  std::uint64_t busy = 0;          ///< 503
  std::uint64_t late = 0;          ///< 504
  std::uint64_t frames = 0;
};

/// Returns what went wrong, with what had been done until then; "" when all is well.
std::string run(std::uint64_t seed, Tally& tally);

}  // namespace weir::model
