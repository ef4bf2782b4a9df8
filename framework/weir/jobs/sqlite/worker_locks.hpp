// SPDX-License-Identifier: MIT
// Who lives, told by locks that the kernel opens when their holder dies.
#pragma once

#include <weir/base/log.hpp>
#include <weir/jobs/liveness.hpp>

#include <string>

namespace weir::jobs {

/// A folder beside the store with a file for each worker process of this host, which holds a lock on it for its life.
/// A lock that can be had is that of a dead one: found at once, whatever its lease says.
///
/// Thread:    as Liveness.
/// Errors:    throws std::runtime_error when the folder or a file cannot be made.
class WorkerLocks final : public Liveness {
 public:
  /// `folder`: made if need be (0700).
  explicit WorkerLocks(std::string folder);
  ~WorkerLocks() override;

  void appear(std::int64_t worker) override;
  void disappear() override;
  std::vector<Rescue::Dead> find_dead() override;
  void bury(std::int64_t worker) override;

 private:
  std::string path_of(std::int64_t worker) const;

  std::string folder_;
  std::int64_t worker_ = 0;
  int descriptor_ = -1;
  std::vector<std::pair<std::int64_t, int>> dead_;  // found, their locks held until they are buried
};

/// Leaves the crash mark in the file of this process, if it has one: what ends it now is its own doing. For a handler
/// of fatal signals: does nothing that such a one may not do.
void mark_crash() noexcept;

}  // namespace weir::jobs
