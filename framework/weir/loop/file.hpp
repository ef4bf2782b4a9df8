// SPDX-License-Identifier: MIT
// An open file whose reads and writes do not hold the loop.
#pragma once

#include <weir/loop/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace weir::loop {

class Loop;

enum class FileMode : unsigned char {
  kRead,       ///< It must exist.
  kWrite,      ///< Made if missing, emptied if not.
  kReadWrite,  ///< Made if missing, kept as it is if not.
};

/// What the system knew of a file when it was opened.
struct FileStatus {
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified_at;
  std::uint64_t device = 0;  ///< With `inode` and `modified_at`: what tells one version from another.
  std::uint64_t inode = 0;

  bool operator==(const FileStatus&) const = default;
};

/// A regular file, opened by Files. Each of its calls is one piece of work on another thread; calls of several
/// coroutines may overlap. None allocates, but for a coroutine frame, which is recycled.
///
/// Thread:    that of its loop, and resumes there.
/// Ownership: outlives its calls (checked). Its destruction closes the descriptor, off the loop, without telling of
///            errors.
/// Cancel:    waits until the thread that began with it has ended; what was written may be any part.
/// Errors:    FileError; Cancelled.
class File {
 public:
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  /// Reads from `offset` on until `into` is full or the file ends; gives how many bytes that was.
  /// Ownership: borrows `into` until it ends.
  Task<std::size_t> read_at(std::span<char> into, std::uint64_t offset) const;
  /// Writes all of `bytes` from `offset` on.
  /// Ownership: borrows `bytes` until it ends.
  Task<void> write_at(std::span<const char> bytes, std::uint64_t offset);
  /// As of now.
  Task<std::uint64_t> size() const;
  /// Makes sure that what was written outlives a power failure.
  Task<void> sync();
  /// Last: nothing but destruction or assignment may follow. Tells of errors that only the closing shows; the
  /// descriptor is closed whatever comes out, a stop included.
  Task<void> close();

  const FileStatus& status_when_opened() const;
  const std::string& path() const;

 private:
  friend class Files;
  struct State;
  explicit File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;  // on the heap: calls in flight refer to it while this object moves
};

}  // namespace weir::loop
