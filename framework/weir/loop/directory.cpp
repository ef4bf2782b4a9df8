// SPDX-License-Identifier: MIT
#include <weir/loop/directory.hpp>

#include <weir/base/text.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/internal/blocking_work.hpp>
#include <weir/loop/internal/posix_file.hpp>
#include <weir/loop/loop.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace weir::loop {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;  // a FIFO must not be waited for

// Kernels before 5.6 know no openat2, and some containers forbid what they do not know.
bool is_unsupported(int error) {
  return error == ENOSYS || error == EPERM || error == E2BIG;
}

class OpenBeneath final : public internal::BlockingWork {
 public:
  OpenBeneath(int directory, std::string path)
      : BlockingWork(Loop::current()), directory_(directory), path_(std::move(path)) {}
  std::shared_ptr<const ReadOnlyFile> file;

 private:
  void run() override {
    if (path_.find('\0') != std::string::npos) throw FileError(EINVAL, "open", path_);
    int number = detail::open_beneath(directory_, path_.c_str());
    if (number < 0 && is_unsupported(errno)) number = detail::open_beneath_by_segments(directory_, path_.c_str());
    if (number < 0) internal::throw_errno("open", path_);
    const auto status = internal::status_of_regular(number, path_);
    file = std::make_shared<const ReadOnlyFile>(path_, number, status);
  }
  int directory_;
  std::string path_;
};

Task<std::shared_ptr<const ReadOnlyFile>> open_in(int directory, std::string path) {
  OpenBeneath work(directory, std::move(path));
  co_await work;
  co_return std::move(work.file);
}

}  // namespace

namespace detail {

int open_beneath(int directory, const char* path) {
  open_how how{};
  how.flags = kFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0;; ++tries) {
    const long number = syscall(SYS_openat2, directory, path, &how, sizeof how);
    // EAGAIN: something was renamed on the way, and the system cannot tell whether it still is beneath.
    if (number >= 0 || errno != EAGAIN || tries == 8) return static_cast<int>(number);
  }
}

int open_beneath_by_segments(int directory, const char* path) {
  std::string_view rest(path);
  if (rest.starts_with('/')) return errno = EXDEV, -1;
  int at = fcntl(directory, F_DUPFD_CLOEXEC, 0);
  while (at >= 0) {
    const bool is_last = rest.find('/') == std::string_view::npos;
    const std::string segment(base::take_until(rest, '/'));
    if (segment == "..") {
      ::close(at);
      return errno = EXDEV, -1;
    }
    const int flags = is_last ? kFlags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int next = openat(at, segment.empty() ? "." : segment.c_str(), flags);
    const int error = errno;
    ::close(at);
    errno = error;
    if (is_last) return next;
    at = next;
  }
  return -1;
}

}  // namespace detail

Directory::Directory(std::string path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) internal::throw_errno("open the directory", path_);
}

Directory::~Directory() {
  ::close(descriptor_);
}

Task<std::shared_ptr<const ReadOnlyFile>> Directory::open(std::string path) const {
  return open_in(descriptor_, std::move(path));
}

}  // namespace weir::loop
