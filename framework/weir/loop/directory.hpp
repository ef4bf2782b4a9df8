// SPDX-License-Identifier: MIT
// A directory out of which no path leads.
#pragma once

#include <weir/loop/read_only_file.hpp>
#include <weir/loop/task.hpp>

#include <memory>
#include <string>

namespace weir::loop {

/// Opens regular files beneath a directory, whatever a path says: it is resolved by the system from the directory's
/// descriptor on, and neither "..", nor an absolute path, nor a symbolic link on the way leads out of it or anywhere:
/// links are not followed at all. The directory may be renamed meanwhile.
///
/// Thread:    any; a call resumes on the loop that made it.
/// Ownership: outlives its calls.
/// Source:    openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; where the system has none or forbids it, one
///            openat(2) with O_NOFOLLOW for each segment.
class Directory {
 public:
  /// Waits for the file system.
  /// Errors: throws FileError where there is no such directory; a link to one is followed here.
  explicit Directory(std::string path);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  /// A regular file, by its path from here on: "css/site.css".
  /// Errors: throws FileError: ENOENT where there is none; EISDIR for a directory; ELOOP or EXDEV for a link or a way
  ///         out; EINVAL for what is neither a regular file nor a directory; Cancelled.
  Task<std::shared_ptr<const ReadOnlyFile>> open(std::string path) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
};

namespace detail {

/// Both ways to open beneath a directory; a descriptor, or -1 with errno set. For tests.
int open_beneath(int directory, const char* path);
int open_beneath_by_segments(int directory, const char* path);

}  // namespace detail
}  // namespace weir::loop
