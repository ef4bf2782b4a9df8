// SPDX-License-Identifier: MIT
// A file of keys, read at set-up and again when it changes.
#pragma once

#include <middleware/internal/constant_time.hpp>
#include <middleware/internal/jwt_keys.hpp>
#include <weir/base/error.hpp>
#include <weir/loop/file.hpp>
#include <weir/loop/task.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace weir::middleware::internal {

inline constexpr std::size_t kJwksBytesMax = 256 << 10;

/// Keys, and which content and file they come from.
struct LoadedJwks {
  std::shared_ptr<const JwtKeySet> keys;
  Digest digest{};                         ///< Of the content.
  std::optional<loop::FileStatus> status;  ///< Empty when it is not known.
};

/// Holds the thread: for set-up. Errors: a sentence for the person who starts the program.
base::Result<LoadedJwks> load_jwks(const std::string& path);

/// What the file has if that is not what `known` came from, else `known` with the status of now.
///
/// Thread: loop thread; reads and parses off the loop.
/// Errors: a sentence for the log.
loop::Task<base::Result<LoadedJwks>> reload_jwks(std::string path, LoadedJwks known);

}  // namespace weir::middleware::internal
