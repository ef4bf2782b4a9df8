// SPDX-License-Identifier: MIT
// Process signals as events of a loop.
#pragma once

#include <weir/loop/loop.hpp>

#include <functional>
#include <memory>

namespace weir::loop {

/// Calls back on the loop for each arrival of one signal.
///
/// Thread:    loop thread, or before the loop runs; the destructor likewise.
/// Ownership: borrows `loop`, which must outlive it. While one lives, the signal's default action is off.
class SignalWatcher {
 public:
  using Callback = std::function<void()>;
  SignalWatcher(Loop& loop, int signal_number, Callback on_signal);
  SignalWatcher(SignalWatcher&&) = delete;

 private:
  struct Handle;
  struct AsyncClose {
    void operator()(Handle* handle) const noexcept;
  };
  std::unique_ptr<Handle, AsyncClose> handle_;
};

}  // namespace weir::loop
