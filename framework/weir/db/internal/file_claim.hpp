// SPDX-License-Identifier: MIT
// One opener per file and process, and what a file has to be.
#pragma once

#include <string>
#include <utility>

namespace weir::db::internal {

/// Makes the file if need be (0600), and holds it for this process: closing any descriptor of a file drops all locks
/// that the process has on it, so a second opener would damage the first one's database.
///
/// Thread: any.
/// Errors: DatabaseError: kDenied when this process has it open, when it lies on a network file system (whose locks do
///         not hold) or is no regular file; kIo when it cannot be made.
class FileClaim {
 public:
  explicit FileClaim(const std::string& path);
  FileClaim(const FileClaim&) = delete;
  FileClaim& operator=(const FileClaim&) = delete;
  ~FileClaim();

 private:
  std::pair<unsigned long, unsigned long> file_;  // device and inode
};

}  // namespace weir::db::internal
