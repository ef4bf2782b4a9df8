// SPDX-License-Identifier: MIT
// Expected failures as values: an Error with a code and a sentence, and a Result that is one or the value.
#pragma once

#include <weir/base/check.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace weir::base {

/// What went wrong, for code that decides by it. The sentence beside it is for people.
enum class ErrorCode : unsigned char {
  kInvalidArgument,  ///< The caller's text or value is malformed.
  kNotFound,         ///< No such file, key or host.
  kInUse,            ///< The address or name is taken.
  kPermission,       ///< The system forbids it.
  kExhausted,        ///< Out of descriptors, memory or room in a bounded queue.
  kPeerGone,         ///< The other side closed or reset.
  kTimedOut,         ///< A deadline passed.
  kCancelled,        ///< Whoever asked no longer wants it.
  kWouldBlock,       ///< Nothing can be done right now.
  kSystem,           ///< Any other failure of a system call; the sentence has its text.
};

/// A failure that was to be expected, with the context it gained on its way up.
class Error {
 public:
  Error(ErrorCode code, std::string message) : message_(std::move(message)), code_(code) {}

  /// An Error for a C library's errno value: "what: text of the errno".
  static Error from_errno(int error_number, std::string_view what);

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The same failure, told from one level higher: "context: message".
  Error with_context(std::string_view context) &&;

 private:
  std::string message_;
  ErrorCode code_;
};

/// A value, or the Error why there is none.
///
/// Errors: `value()` of an error and `error()` of a value abort.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: converts on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: converts on purpose

  explicit operator bool() const { return state_.index() == 0; }

  T& value() & {
    WEIR_CHECK(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    WEIR_CHECK(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    WEIR_CHECK(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    WEIR_CHECK(state_.index() == 1);
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the Error why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: converts on purpose

  explicit operator bool() const { return state_.index() == 0; }

  const Error& error() const& {
    WEIR_CHECK(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    WEIR_CHECK(state_.index() == 1);
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace weir::base
