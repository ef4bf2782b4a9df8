// SPDX-License-Identifier: MIT
// Files, without holding the loop.
#pragma once

#include <weir/base/error.hpp>
#include <weir/loop/file.hpp>
#include <weir/loop/read_only_file.hpp>
#include <weir/loop/task.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace weir::loop {

class Loop;

/// Reads, writes and opens regular files on the threads of libuv's pool (4 of them in a process, unless
/// UV_THREADPOOL_SIZE says otherwise). How much waits there is bounded by the coroutines that do.
///
/// `std::string page = co_await files.read("page.html", 1 << 20);`
///
/// Thread:    that of its loop, and resumes there.
/// Ownership: borrows `loop`. Need not outlive its tasks.
/// Cancel:    taken back if no thread has begun; else waits until that thread has ended. Then Cancelled.
/// Errors:    FileError. The try_ twins return it as an Error instead; Cancelled they throw.
class Files {
 public:
  explicit Files(Loop& loop) : loop_(&loop) {}

  /// The whole file. EFBIG if that is longer than `limit_bytes`; EINVAL or EISDIR if it is no regular file.
  Task<std::string> read(std::string path, std::size_t limit_bytes) const;
  Task<base::Result<std::string>> try_read(std::string path, std::size_t limit_bytes) const;

  /// Puts `content` in the place of what the file had: whoever reads meanwhile, or after a power failure, finds the old
  /// content or the new one, never a part. Written to a file beside it that then takes its name; an existing file's
  /// permissions are kept, a symbolic link is replaced. After a stop it is the one or the other, too.
  Task<void> write(std::string path, std::string content) const;
  Task<base::Result<void>> try_write(std::string path, std::string content) const;

  Task<File> open(std::string path, FileMode mode) const;
  Task<base::Result<File>> try_open(std::string path, FileMode mode) const;
  /// For reading, by any number of loops at once.
  static Task<std::shared_ptr<const ReadOnlyFile>> open_shared(std::string path);

 private:
  static Task<File> open_on(Loop* loop, std::string path, FileMode mode);

  Loop* loop_;
};

}  // namespace weir::loop
