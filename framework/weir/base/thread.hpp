// SPDX-License-Identifier: MIT
// How the framework starts its threads: named, and out of the way of signals.
#pragma once

#include <weir/base/unique_function.hpp>

#include <string>
#include <thread>

namespace weir::base {

/// Starts a thread that runs `body`, named `name` as tools like `top -H` show it (the system keeps 15 characters).
///
/// Every signal that comes from outside is blocked in it from its first instruction on: signals belong to the thread
/// that asked for them, never to one of ours. SIGPIPE is among them: a peer that left is an error of the write. What
/// a thread does to itself (SIGSEGV and its like) still ends the process where it happened.
///
/// Thread:    any; the caller's own signal mask is the same afterwards.
/// Ownership: `body` lives in the thread until it has returned. It must not throw.
/// Errors:    throws std::system_error when the system has no thread for it.
[[nodiscard]] std::thread start_thread(std::string name, UniqueFunction<void()> body);

}  // namespace weir::base
