// SPDX-License-Identifier: MIT
// When each request is to start: a Poisson process for each class, drawn before the load begins.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "statistics.hpp"

namespace lab {

struct Arrival {
  Nanoseconds intended;  // Since the start of the load.
  std::size_t request_class;
};

/// The arrivals of all classes in [0, `length`), in order. The same seed gives the same arrivals.
inline std::vector<Arrival> make_schedule(const std::vector<RequestClass>& classes, Nanoseconds length,
                                          std::uint64_t seed) {
  std::vector<Arrival> schedule;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    // A generator for each class: adding a class to a mix leaves the arrivals of the others as they were.
    std::mt19937_64 random(seed * 1000 + index);
    double at = 0;
    for (;;) {
      // Not std::exponential_distribution, whose results differ between standard libraries.
      const double uniform = static_cast<double>(random() >> 11) * 0x1p-53;
      at += -std::log1p(-uniform) / classes[index].rate * 1e9;
      if (at >= static_cast<double>(length)) {
        break;
      }
      schedule.push_back({static_cast<Nanoseconds>(at), index});
    }
  }
  std::stable_sort(schedule.begin(), schedule.end(),
                   [](const Arrival& a, const Arrival& b) { return a.intended < b.intended; });
  return schedule;
}

}  // namespace lab
