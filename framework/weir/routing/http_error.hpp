// SPDX-License-Identifier: MIT
// The exception that a handler throws to answer an error.
#pragma once

#include <weir/http/response.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace weir::routing {

/// `throw HttpError{404, "no such order"}` is answered as problem+json with that detail, which the client may read.
class HttpError : public std::runtime_error {
 public:
  /// `status`: 400 to 599; anything else is answered 500.
  HttpError(int status, const std::string& detail) : std::runtime_error(detail), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace weir::routing
