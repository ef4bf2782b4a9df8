// SPDX-License-Identifier: MIT
#include <weir/loop/files.hpp>

#include <weir/base/random_id.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/internal/blocking_work.hpp>
#include <weir/loop/internal/file_state.hpp>
#include <weir/loop/internal/posix_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace weir::loop {
namespace {

using internal::Descriptor;

constexpr std::size_t kStepBytes = 1024 * 1024;  // how far it goes between two looks at the stop
constexpr std::size_t kFirstStepBytes = 4 * 1024;
constexpr mode_t kPermissions = 07777;

class ReadFile final : public internal::BlockingWork {
 public:
  ReadFile(Loop& loop, std::string path, std::size_t limit_bytes)
      : BlockingWork(loop), path_(std::move(path)), limit_bytes_(limit_bytes) {}
  std::string content;

 private:
  void run() override {
    struct stat status {};
    const Descriptor file(internal::open_regular(path_, O_RDONLY, status));
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > limit_bytes_) throw FileError(EFBIG, "read", path_);
    // The size is a hint: the file may change meanwhile, and those in /proc do not know theirs. Asked for one byte
    // more, the last read sees the end.
    std::size_t step = std::min(std::max(size + 1, kFirstStepBytes), kStepBytes);
    std::size_t length = 0;
    while (!is_stopped()) {
      content.resize(length + step);
      const std::size_t count = internal::read_fully(file.number(), std::span(content).subspan(length), length, path_);
      length += count;
      if (length > limit_bytes_) throw FileError(EFBIG, "read", path_);
      if (count < step) break;
      step = kStepBytes;
    }
    content.resize(length);
  }

  std::string path_;
  std::size_t limit_bytes_;
};

class WriteFile final : public internal::BlockingWork {
 public:
  WriteFile(Loop& loop, std::string path, std::string content)
      : BlockingWork(loop), path_(std::move(path)), content_(std::move(content)) {}

 private:
  void run() override {
    const std::size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path_.substr(0, slash + 1);
    const std::string name = path_.substr(folder.size());
    if (name.empty() || path_.find('\0') != std::string::npos) throw FileError(EINVAL, "write", path_);
    const std::string beside = folder + ".weir-" + base::random_id();
    try {
      if (!write_beside(beside)) return remove(beside);
      if (rename(beside.c_str(), path_.c_str()) != 0) internal::throw_errno("write", path_);
    } catch (...) {
      remove(beside);
      throw;
    }
    sync_folder(folder.empty() ? "." : folder);
  }

  static void remove(const std::string& path) { unlink(path.c_str()); }

  // Returns false, with a part written, after a stop.
  bool write_beside(const std::string& beside) {
    struct stat status {};
    const bool is_known = lstat(path_.c_str(), &status) == 0;
    if (is_known && S_ISDIR(status.st_mode)) throw FileError(EISDIR, "write", path_);
    if (is_known && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) throw FileError(EINVAL, "write", path_);
    const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number() < 0) internal::throw_errno("write", path_);
    if (is_known && S_ISREG(status.st_mode) && fchmod(file.number(), status.st_mode & kPermissions) != 0) {
      internal::throw_errno("write", path_);
    }
    const std::span<const char> bytes(content_);
    for (std::size_t at = 0; at < bytes.size() && !is_stopped(); at += kStepBytes) {
      internal::write_fully(file.number(), bytes.subspan(at, std::min(kStepBytes, bytes.size() - at)), at, path_);
    }
    if (is_stopped()) return false;
    if (fsync(file.number()) != 0) internal::throw_errno("write", path_);
    return true;
  }

  // So that the new name is there after a power failure. The file is complete by now: no error if this cannot be had.
  static void sync_folder(const std::string& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() >= 0) fsync(opened.number());
  }

  std::string path_;
  std::string content_;
};

// Opens into `state`, which closes what was opened when a stop came too late to keep it from that.
template <class State>
class OpenFile final : public internal::BlockingWork {
 public:
  OpenFile(Loop& loop, State& state, FileMode mode) : BlockingWork(loop), state_(state), mode_(mode) {}

 private:
  void run() override { state_.open(mode_); }
  State& state_;
  FileMode mode_;
};

class OpenShared final : public internal::BlockingWork {
 public:
  explicit OpenShared(std::string path) : BlockingWork(Loop::current()), path_(std::move(path)) {}
  std::shared_ptr<const ReadOnlyFile> file;

 private:
  void run() override {
    struct stat found {};
    const int number = internal::open_regular(path_, O_RDONLY, found);
    file = std::make_shared<const ReadOnlyFile>(path_, number, internal::to_status(found));
  }
  std::string path_;
};

// Free functions: a task may outlive its Files.
Task<std::string> read_file(Loop* loop, std::string path, std::size_t limit_bytes) {
  ReadFile work(*loop, std::move(path), limit_bytes);
  co_await work;
  co_return std::move(work.content);
}

Task<void> write_file(Loop* loop, std::string path, std::string content) {
  WriteFile work(*loop, std::move(path), std::move(content));
  co_await work;
}

template <class T>
Task<base::Result<T>> as_result(Task<T> task) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      co_return base::Result<void>();
    } else {
      T value = co_await std::move(task);
      co_return base::Result<T>(std::move(value));
    }
  } catch (const FileError& error) {
    co_return base::Result<T>(error.to_error());
  }
}

}  // namespace

Task<std::string> Files::read(std::string path, std::size_t limit_bytes) const {
  return read_file(loop_, std::move(path), limit_bytes);
}
Task<base::Result<std::string>> Files::try_read(std::string path, std::size_t limit_bytes) const {
  return as_result(read(std::move(path), limit_bytes));
}

Task<void> Files::write(std::string path, std::string content) const {
  return write_file(loop_, std::move(path), std::move(content));
}
Task<base::Result<void>> Files::try_write(std::string path, std::string content) const {
  return as_result(write(std::move(path), std::move(content)));
}

Task<File> Files::open(std::string path, FileMode mode) const {
  return open_on(loop_, std::move(path), mode);
}
Task<File> Files::open_on(Loop* loop, std::string path, FileMode mode) {
  auto state = std::make_unique<File::State>(*loop, std::move(path));
  {
    OpenFile<File::State> work(*loop, *state, mode);
    co_await work;
  }
  co_return File(std::move(state));
}
Task<std::shared_ptr<const ReadOnlyFile>> Files::open_shared(std::string path) {
  OpenShared work(std::move(path));
  co_await work;
  co_return std::move(work.file);
}
Task<base::Result<File>> Files::try_open(std::string path, FileMode mode) const {
  return as_result(open(std::move(path), mode));
}

}  // namespace weir::loop
