// SPDX-License-Identifier: MIT
#include <weir/loop/internal/posix_file.hpp>

#include <weir/loop/file_error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace weir::loop::internal {
namespace {

constexpr mode_t kNewFileMode = 0666;  // what the umask leaves of it

// Looks at an open file, and closes it where it is no regular one.
void check_regular(int descriptor, struct stat& status, const std::string& path) {
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return;
  const int error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
  ::close(descriptor);
  throw FileError(error, "open, not a regular file:", path);
}

}  // namespace

void throw_errno(const char* action, const std::string& path) {
  throw FileError(errno, action, path);
}

int open_regular(const std::string& path, int flags, struct stat& status) {
  // The system would see only what comes before it.
  if (path.find('\0') != std::string::npos) throw FileError(EINVAL, "open", path);
  // Regular files are not changed by O_NONBLOCK; a FIFO would wait for its other end without.
  const int number = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, kNewFileMode);
  if (number < 0) throw_errno("open", path);
  check_regular(number, status, path);
  return number;
}

FileStatus status_of_regular(int descriptor, const std::string& path) {
  struct stat found {};
  check_regular(descriptor, found, path);
  return to_status(found);
}

FileStatus to_status(const struct stat& found) {
  const auto modified = std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
  return {.size = static_cast<std::uint64_t>(found.st_size),
          .modified_at = std::chrono::system_clock::time_point(
              std::chrono::duration_cast<std::chrono::system_clock::duration>(modified)),
          .device = found.st_dev,
          .inode = found.st_ino};
}

std::size_t read_fully(int descriptor, std::span<char> into, std::uint64_t offset, const std::string& path) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t count =
        pread(descriptor, into.data() + filled, into.size() - filled, static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("read", path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

void write_fully(int descriptor, std::span<const char> bytes, std::uint64_t offset, const std::string& path) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count =
        pwrite(descriptor, bytes.data() + written, bytes.size() - written, static_cast<off_t>(offset + written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("write", path);
    written += static_cast<std::size_t>(count);
  }
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace weir::loop::internal
