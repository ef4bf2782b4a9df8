// SPDX-License-Identifier: MIT
#include <weir/base/error.hpp>

#include <cerrno>
#include <system_error>

namespace weir::base {
namespace {

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case EINVAL:
      return ErrorCode::kInvalidArgument;
    case ENOENT:
      return ErrorCode::kNotFound;
    case EADDRINUSE:
    case EEXIST:
      return ErrorCode::kInUse;
    case EACCES:
    case EPERM:
      return ErrorCode::kPermission;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return ErrorCode::kExhausted;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
      return ErrorCode::kPeerGone;
    case ETIMEDOUT:
      return ErrorCode::kTimedOut;
    case ECANCELED:
      return ErrorCode::kCancelled;
    case EAGAIN:
      return ErrorCode::kWouldBlock;
    default:
      return ErrorCode::kSystem;
  }
}

}  // namespace

Error Error::from_errno(int error_number, std::string_view what) {
  return {code_of_errno(error_number), std::string(what) + ": " + std::generic_category().message(error_number)};
}

Error Error::with_context(std::string_view context) && {
  message_.insert(0, ": ").insert(0, context);
  return std::move(*this);
}

}  // namespace weir::base
