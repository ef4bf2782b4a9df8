// SPDX-License-Identifier: MIT
// Why something could not be done with a file.
#pragma once

#include <weir/base/error.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace weir::loop {

/// A std::system_error that names the file: "open /etc/x: No such file or directory". Besides the system's own errors,
/// EINVAL for what is no regular file and EFBIG for what is longer than its limit.
class FileError : public std::system_error {
 public:
  FileError(int error_number, std::string_view action, std::string path);

  const std::string& path() const { return path_; }
  /// The same, for those who decide by its code: EFBIG is kExhausted there.
  base::Error to_error() const;

 private:
  std::string path_;
};

}  // namespace weir::loop
