// SPDX-License-Identifier: MIT
// What is behind a File.
#pragma once

#include <weir/loop/file.hpp>

#include <uv.h>

#include <memory>
#include <string>

namespace weir::loop {

/// Owns the descriptor. Opened on any thread, then used and destroyed on that of the loop.
struct File::State {
  State(Loop& loop_in, std::string path_in) : loop(loop_in), path(std::move(path_in)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  /// Closes what is open, off the loop.
  ~State();

  /// Opens a regular file; throws FileError.
  void open(FileMode mode);

  Loop& loop;
  const std::string path;
  int descriptor = -1;
  FileStatus status;
  unsigned calls_in_flight = 0;
  std::unique_ptr<uv_fs_t> closing = std::make_unique<uv_fs_t>();  // made early: the destruction must not fail
};

}  // namespace weir::loop
