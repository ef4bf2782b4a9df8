// SPDX-License-Identifier: MIT
// The framework's own long computations, beside the loop.
#pragma once

#include <weir/loop/task.hpp>

namespace weir::loop {

/// `co_await off_loop(function, argument)`: calls function(argument) on a thread of libuv's pool, which files use, too,
/// and goes on here when it has returned. For a step that every handler may need, whatever pools its app has; the work
/// of handlers has bounded pools of its own.
///
/// Thread:    loop thread.
/// Ownership: borrows `argument` until the task has ended.
/// Errors:    throws what the function throws; Cancelled when stopped, after the function has returned if it had begun.
Task<void> off_loop(void (*function)(void*), void* argument);

}  // namespace weir::loop
