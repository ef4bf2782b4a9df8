// SPDX-License-Identifier: MIT
// An open regular file that several loops may read at once.
#pragma once

#include <weir/loop/file.hpp>
#include <weir/loop/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace weir::loop {

/// A regular file, opened for reading by Files or a Directory. Each of its calls is one piece of work on a thread of
/// libuv's pool; any number may overlap.
///
/// Thread:    any; a call resumes on the loop that made it.
/// Ownership: shared by those who read it: it outlives its calls, which keep it. Closed by the last, off the loop where
///            that is on one.
/// Cancel:    waits until the thread that began with it has ended.
/// Errors:    FileError; Cancelled.
class ReadOnlyFile : public std::enable_shared_from_this<ReadOnlyFile> {
 public:
  /// Ownership: takes the descriptor.
  ReadOnlyFile(std::string path, int descriptor, const FileStatus& status)
      : path_(std::move(path)), descriptor_(descriptor), status_(status) {}
  ReadOnlyFile(const ReadOnlyFile&) = delete;
  ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;
  ~ReadOnlyFile();

  /// Reads from `offset` on until `into` is full or the file ends; gives how many bytes that was.
  /// Ownership: borrows `into` until it ends.
  Task<std::size_t> read_at(std::span<char> into, std::uint64_t offset) const;
  /// Sends up to `bytes` from `offset` on to a socket that does not block, past the memory of this process; gives how
  /// many it took: fewer, or none, when it is full, has broken, or cannot be sent to in this way. Then `next` is what
  /// comes behind those, up to 16 KiB, for the socket's owner to queue; empty where the file has become shorter.
  /// SIGPIPE has to be ignored.
  /// Ownership: `socket` may be closed meanwhile; borrows `next` until it ends.
  Task<std::uint64_t> send_to(int socket, std::uint64_t offset, std::uint64_t bytes, std::string* next) const;

  const FileStatus& status() const { return status_; }
  /// As it was asked for.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
  FileStatus status_;
};

}  // namespace weir::loop
