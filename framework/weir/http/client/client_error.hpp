// SPDX-License-Identifier: MIT
// Why there is no answer of another service.
#pragma once

#include <weir/base/error.hpp>

#include <stdexcept>
#include <string>

namespace weir::http {

/// What went wrong, for code that decides by it.
enum class ClientErrorCode : unsigned char {
  kBadUrl,            ///< Malformed, or neither http nor https; of a redirect, too.
  kBadRequest,        ///< The method or a header could not be sent as it is.
  kResolve,           ///< The host has no address.
  kConnect,           ///< Nobody accepts connections there.
  kTls,               ///< The handshake failed, or the certificate is not to be trusted.
  kTimeout,           ///< One of the request's times was up.
  kTooLarge,          ///< The answer is larger than the request allows.
  kTooManyRedirects,  ///< More than the request allows.
  kBroken,            ///< The connection ended, or said what is not HTTP, before the answer was complete.
  kRefused,           ///< Too many requests of this loop wait for a connection already. Nothing was sent.
  kCircuitOpen,       ///< A CircuitBreaker holds the host for down. Nothing was sent.
  kOther,
};

/// Thrown instead of a response. The message names the host, and never what a URL may hold besides.
class ClientError : public std::runtime_error {
 public:
  ClientError(ClientErrorCode code, const std::string& message, bool is_unsent = false)
      : std::runtime_error(message), code_(code), is_unsent_(is_unsent) {}

  ClientErrorCode code() const noexcept { return code_; }
  /// Whether it is certain that no byte of the request has left: then sending it again cannot do it twice.
  bool is_unsent() const noexcept { return is_unsent_; }

  /// The same failure as the value that the `try_` functions return.
  base::Error to_error() const;

 private:
  ClientErrorCode code_;
  bool is_unsent_;
};

}  // namespace weir::http
