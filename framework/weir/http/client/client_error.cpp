// SPDX-License-Identifier: MIT
#include <weir/http/client/client_error.hpp>

namespace weir::http {
namespace {

base::ErrorCode general_code(ClientErrorCode code) {
  switch (code) {
    case ClientErrorCode::kBadUrl:
    case ClientErrorCode::kBadRequest:
    case ClientErrorCode::kTooManyRedirects:
      return base::ErrorCode::kInvalidArgument;
    case ClientErrorCode::kResolve:
      return base::ErrorCode::kNotFound;
    case ClientErrorCode::kConnect:
    case ClientErrorCode::kBroken:
    case ClientErrorCode::kCircuitOpen:
      return base::ErrorCode::kPeerGone;
    case ClientErrorCode::kTls:
      return base::ErrorCode::kPermission;
    case ClientErrorCode::kTimeout:
      return base::ErrorCode::kTimedOut;
    case ClientErrorCode::kTooLarge:
    case ClientErrorCode::kRefused:
      return base::ErrorCode::kExhausted;
    case ClientErrorCode::kOther:
      break;
  }
  return base::ErrorCode::kSystem;
}

}  // namespace

base::Error ClientError::to_error() const {
  return {general_code(code_), what()};
}

}  // namespace weir::http
