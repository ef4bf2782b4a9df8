// SPDX-License-Identifier: MIT
// How the processes that write to one file take turns.
#pragma once

#include <string>

namespace weir::db::internal {

/// A lock of the kernel on a file beside the database: who waits for it sleeps, and gets it in turn. (SQLite's own way
/// to wait is to try again after a pause, by which one of four processes got a thirtieth of the others' turns.) The
/// kernel opens it when its holder dies.
///
/// Thread:    one.
/// Errors:    throws DatabaseError (kIo) when the file cannot be made.
class FileGate {
 public:
  explicit FileGate(const std::string& path);
  FileGate(const FileGate&) = delete;
  FileGate& operator=(const FileGate&) = delete;
  ~FileGate();

  /// Waits.
  void lock();
  void unlock();

 private:
  int descriptor_;
};

}  // namespace weir::db::internal
