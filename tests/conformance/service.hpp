// SPDX-License-Identifier: MIT
// The service under test: the routes of apps/benchmark, and a few that a table needs.
#pragma once

#include <weir/weir.hpp>

#include <cstddef>
#include <cstdint>

namespace weir::conformance {

/// Content that POST /small takes at most.
inline constexpr std::uint64_t kSmallBodyBytes = 16;

/// An app with its routes and its settings for a test: any free port, no admin listener, no log, no wait at the end.
///
/// Thread: as App.
class Service {
 public:
  Service();
  App& app() { return app_; }
  std::uint16_t port() const { return app_.port(); }

 private:
  App app_;
};

}  // namespace weir::conformance
