// SPDX-License-Identifier: MIT
// The classic arrangements of listener, queue and workers.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace weir::exec {

/// Where the handlers of an app run, whatever the app says: its handlers do not change.
enum class Pattern : unsigned char {
  kSingleThreaded,  ///< All on the one loop's thread; what they wait for blocks it.
  kSingleWorker,    ///< All on one worker behind a bounded queue.
  kWorkerPool,      ///< All on N workers behind one bounded queue.
  kEventDriven,     ///< Each where its route says: on a loop per core, suspended while it waits, or on a pool.
};

inline constexpr std::array<std::string_view, 4> kPatternNames{"single-threaded", "single-worker", "worker-pool",
                                                               "event-driven"};

constexpr std::string_view to_string(Pattern pattern) {
  return kPatternNames[static_cast<std::size_t>(pattern)];
}

}  // namespace weir::exec
