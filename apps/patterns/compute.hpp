// SPDX-License-Identifier: MIT
// Work that costs CPU time.
#pragma once

#include <chrono>
#include <cstdint>

namespace patterns {

/// Computes until the calling thread has used so much CPU time: the same work however busy the machine is.
std::uint64_t compute(std::chrono::milliseconds cpu_time);

}  // namespace patterns
