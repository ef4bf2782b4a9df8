// SPDX-License-Identifier: MIT
// How much a client may send beyond what it was asked for.
#pragma once

namespace weir::http {

/// Bounds what Retry and Hedge add together, for each scheme, host and port, counted over the last ten seconds: a
/// service that fails gets `ratio` more requests, and not `attempts` times as many, which would keep it from
/// recovering. Each client counts for itself; a service has one for each of its event loops.
struct RetryBudget {
  /// One more for every five requests, by default.
  double ratio = 0.2;
  /// On top of it, for hosts that are asked seldom: up to ten times as many at once, as it is counted over ten seconds.
  double per_second = 1;

  /// Errors: throws std::invalid_argument where a number of it is negative or none.
  void check() const;
};

}  // namespace weir::http
