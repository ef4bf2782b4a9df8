// SPDX-License-Identifier: MIT
// How the worker processes of one store know who of them is dead, without waiting for a lease.
#pragma once

#include <weir/jobs/store.hpp>

#include <cstdint>
#include <vector>

namespace weir::jobs {

/// Thread: one.
class Liveness {
 public:
  Liveness() = default;
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;
  virtual ~Liveness() = default;

  /// From here on the others see that `worker`, which is this process, lives: until it ends, however.
  virtual void appear(std::int64_t worker) = 0;
  /// It ends in order.
  virtual void disappear() = 0;
  /// Who has died since, and has not been buried.
  virtual std::vector<Rescue::Dead> find_dead() = 0;
  /// Its jobs are others' now.
  virtual void bury(std::int64_t worker) = 0;
};

}  // namespace weir::jobs
