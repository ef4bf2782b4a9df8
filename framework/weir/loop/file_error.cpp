// SPDX-License-Identifier: MIT
#include <weir/loop/file_error.hpp>

#include <cerrno>
#include <utility>

namespace weir::loop {

FileError::FileError(int error_number, std::string_view action, std::string path)
    : std::system_error(error_number, std::generic_category(), std::string(action) + " " + path),
      path_(std::move(path)) {}

base::Error FileError::to_error() const {
  if (code().value() == EFBIG) return {base::ErrorCode::kExhausted, what()};
  const base::ErrorCode kind = base::Error::from_errno(code().value(), "").code();
  return {kind, what()};
}

}  // namespace weir::loop
