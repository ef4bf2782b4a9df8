// SPDX-License-Identifier: MIT
// Tells when a descriptor that a C library owns can be read or written.
#pragma once

#include <weir/loop/loop.hpp>

#include <memory>

namespace weir::loop {

/// Watches one descriptor, level-triggered. For libraries with sockets of their own; ours have transports.
///
/// Thread:    loop thread only, the destructor included.
/// Ownership: who wants to hear derives from it. Borrows the descriptor, which must not be closed before the watcher is
///            gone; after that nothing is called any more.
class DescriptorWatcher {
 public:
  /// What the descriptor is ready for.
  struct Readiness {
    bool readable = false;
    bool writable = false;
    bool broken = false;  ///< Its state is an error; reading or writing tells which. Nothing is watched any more.
  };

  DescriptorWatcher(Loop& loop, int descriptor);
  DescriptorWatcher(const DescriptorWatcher&) = delete;
  DescriptorWatcher& operator=(const DescriptorWatcher&) = delete;

  /// From now on until the next call, or until it is broken.
  void watch(bool for_reading, bool for_writing);

 protected:
  virtual ~DescriptorWatcher() = default;

 private:
  /// May destroy this watcher.
  virtual void on_ready(Readiness readiness) noexcept = 0;

  struct Handle;  // Wraps the uv_poll_t. On the heap, because it outlives this object.
  struct AsyncClose {
    void operator()(Handle* handle) const noexcept;
  };
  std::unique_ptr<Handle, AsyncClose> handle_;
};

}  // namespace weir::loop
