// SPDX-License-Identifier: MIT
#include <weir/db/internal/file_gate.hpp>

#include <weir/base/check.hpp>
#include <weir/base/error.hpp>
#include <weir/db/database_error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace weir::db::internal {

FileGate::FileGate(const std::string& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (descriptor_ < 0) throw DatabaseError(ErrorKind::kIo, base::Error::from_errno(errno, path).message());
}

FileGate::~FileGate() {
  ::close(descriptor_);
}

void FileGate::lock() {
  while (::flock(descriptor_, LOCK_EX) != 0) WEIR_CHECK(errno == EINTR);
}

void FileGate::unlock() {
  WEIR_CHECK(::flock(descriptor_, LOCK_UN) == 0);
}

}  // namespace weir::db::internal
