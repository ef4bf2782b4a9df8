// SPDX-License-Identifier: MIT
// Calls of the system on files, whole and with the file's name in their errors. They block.
#pragma once

#include <weir/loop/file.hpp>

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace weir::loop::internal {

/// Throws FileError for what the last system call left in errno.
[[noreturn]] void throw_errno(const char* action, const std::string& path);

/// Opens with O_CLOEXEC, and checks that it is a regular file. Never waits for the other end of a FIFO.
/// Errors: throws FileError, with nothing left open.
int open_regular(const std::string& path, int flags, struct stat& status);

/// What the system knows of an open file.
/// Errors: throws FileError, with it closed, where it is no regular one.
FileStatus status_of_regular(int descriptor, const std::string& path);

FileStatus to_status(const struct stat& found);

/// Reads until `into` is full or the file ends.
std::size_t read_fully(int descriptor, std::span<char> into, std::uint64_t offset, const std::string& path);
void write_fully(int descriptor, std::span<const char> bytes, std::uint64_t offset, const std::string& path);

/// A descriptor until its block ends.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace weir::loop::internal
