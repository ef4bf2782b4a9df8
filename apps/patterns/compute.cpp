// SPDX-License-Identifier: MIT
#include "compute.hpp"

#include <ctime>

namespace patterns {
namespace {

std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

std::uint64_t compute(std::chrono::milliseconds cpu_time) {
  const auto end = thread_cpu_time() + cpu_time;
  std::uint64_t state = 1;
  while (thread_cpu_time() < end) {
    for (int step = 0; step < 10'000; ++step) {
      state = state * 6364136223846793005U + 1442695040888963407U;
    }
  }
  return state;
}

}  // namespace patterns
