// SPDX-License-Identifier: MIT
// What a piece of work sees of the thread that runs it.
#pragma once

#include <weir/base/clock.hpp>

#include <memory>
#include <string>

namespace weir::loop {
class Loop;
}

namespace weir::exec {

/// A thread that runs work for others, as that work sees it.
///
/// Thread: that thread only.
class Worker {
 public:
  /// `clock` drives the private loop.
  Worker(std::string name, unsigned index, const base::Clock& clock);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// The thread's name; of a pool's worker: "weir-cpu-0".
  const std::string& name() const { return name_; }
  /// From 0, unique in its pool.
  unsigned index() const { return index_; }

  /// A loop for driving coroutines to their end on this thread: it runs only while somebody runs it. Made by the first
  /// call, destroyed by the thread at its end. (The loop that a request came from cannot do that: it has other work,
  /// and libuv's loops do not nest.)
  ///
  /// Errors: throws std::runtime_error when the system has no descriptors for it.
  loop::Loop& private_loop();

 private:
  std::string name_;
  unsigned index_;
  const base::Clock& clock_;
  std::unique_ptr<loop::Loop> private_loop_;
};

}  // namespace weir::exec
