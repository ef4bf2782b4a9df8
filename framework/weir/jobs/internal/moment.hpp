// SPDX-License-Identifier: MIT
// When a store does something, by both of its clocks.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/store.hpp>

#include <chrono>

namespace weir::jobs::internal {

struct Moment {
  StoreTime calendar;
  Milliseconds
      uptime;  ///< For leases: nobody sets this clock. The same for all processes of a machine since it booted.

  static Moment of(const base::Clock& clock) {
    using std::chrono::floor;
    return {floor<Milliseconds>(clock.wall_now()), floor<Milliseconds>(clock.now().time_since_epoch())};
  }
};

}  // namespace weir::jobs::internal
