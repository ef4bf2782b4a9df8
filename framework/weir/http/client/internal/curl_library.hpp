// SPDX-License-Identifier: MIT
// libcurl's state of the whole process.
#pragma once

namespace weir::http::internal {

/// Held by whoever uses libcurl: the first one sets it up, the last one takes it down.
///
/// Thread: any.
/// Errors: the constructor throws std::runtime_error.
class CurlLibrary {
 public:
  CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  ~CurlLibrary();
};

}  // namespace weir::http::internal
