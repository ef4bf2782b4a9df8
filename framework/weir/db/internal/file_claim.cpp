// SPDX-License-Identifier: MIT
#include <weir/db/internal/file_claim.hpp>

#include <weir/base/error.hpp>
#include <weir/db/database_error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <set>

namespace weir::db::internal {
namespace {

struct OpenFiles {
  std::mutex mutex;
  std::set<std::pair<unsigned long, unsigned long>> files;
};

// The one registry of the process: what the kernel drops, it drops for all of the process.
OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

[[noreturn]] void fail(ErrorKind kind, const std::string& path, std::string_view why) {
  throw DatabaseError(kind, "cannot open " + path + ": " + std::string(why));
}

void refuse_network(const std::string& path) {
  // NFS, SMB, SMB2, CIFS, AFS, Coda, Ceph, Lustre, OCFS2, GFS2.
  constexpr std::array<unsigned long, 10> kNetwork{0x6969,     0x517B,     0xFE534D42, 0xFF534D42, 0x5346414F,
                                                   0x73757245, 0x00C36400, 0x0BD00BD0, 0x7461636F, 0x01161970};
  struct statfs system {};
  if (::statfs(path.c_str(), &system) != 0) return;
  const auto type = static_cast<unsigned long>(system.f_type) & 0xFFFFFFFFUL;
  if (std::find(kNetwork.begin(), kNetwork.end(), type) == kNetwork.end()) return;
  fail(ErrorKind::kDenied, path, "it lies on a network file system, on which locks do not hold; use a local disk");
}

void create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno != EEXIST) fail(ErrorKind::kIo, path, base::Error::from_errno(errno, "open").message());
  if (descriptor >= 0) ::close(descriptor);  // it is new: nobody has a lock on it
}

}  // namespace

FileClaim::FileClaim(const std::string& path) {
  OpenFiles& open = open_files();
  const std::lock_guard lock(open.mutex);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    create(path);
    if (::stat(path.c_str(), &status) != 0)
      fail(ErrorKind::kIo, path, base::Error::from_errno(errno, "stat").message());
  }
  if (!S_ISREG(status.st_mode)) fail(ErrorKind::kDenied, path, "it is no regular file");
  refuse_network(path);
  file_ = {status.st_dev, status.st_ino};
  if (!open.files.insert(file_).second) fail(ErrorKind::kDenied, path, "this process has it open already");
}

FileClaim::~FileClaim() {
  OpenFiles& open = open_files();
  const std::lock_guard lock(open.mutex);
  open.files.erase(file_);
}

}  // namespace weir::db::internal
