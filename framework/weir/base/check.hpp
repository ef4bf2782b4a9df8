// SPDX-License-Identifier: MIT
// Checks of our own invariants: a broken one is a bug of the program, never a property of its input.
#pragma once

namespace weir::base {

/// Prints the failed condition with its place on stderr and aborts.
///
/// Thread: any.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace weir::base

/// Aborts when `condition` is false; stays on in release builds.
#define WEIR_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::weir::base::check_failed(#condition, __FILE__, __LINE__))

/// Like WEIR_CHECK, for conditions on a hot path: compiled only where NDEBUG is not defined.
#ifdef NDEBUG
#define WEIR_DCHECK(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))
#else
#define WEIR_DCHECK(condition) WEIR_CHECK(condition)
#endif
