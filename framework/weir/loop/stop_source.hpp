// SPDX-License-Identifier: MIT
// A request to stop, and who hears of it.
#pragma once

#include <weir/base/check.hpp>

#include <atomic>
#include <stop_token>

namespace weir::loop {

class StopSource;

/// Hears of a stop, once. Armed and disarmed in constant time, without allocating.
///
/// Thread:    that of its source.
/// Ownership: whoever wants to hear derives from it or holds one; destruction disarms.
class StopListener {
 public:
  StopListener() = default;
  StopListener(const StopListener&) = delete;
  StopListener& operator=(const StopListener&) = delete;

  /// Returns false, unarmed, when the stop has been requested already. A null source never stops.
  [[nodiscard]] bool listen_to(StopSource* source);
  void stop_listening();

 protected:
  virtual ~StopListener() { stop_listening(); }

 private:
  friend class StopSource;
  /// Called disarmed, within request_stop; may destroy this listener. Must not end the frame that requests the stop:
  /// who resumes a coroutine hands it to its loop instead.
  virtual void on_stop() noexcept = 0;

  StopListener* next_ = nullptr;
  StopListener** link_ = nullptr;  // the pointer that points here; null while not armed
};

/// Where a stop is requested: by a disconnect, a deadline, or the end of the service. It costs nothing until then.
///
/// Thread:    one, but for the members marked "any thread".
/// Ownership: outlives its listeners (checked).
class StopSource {
 public:
  StopSource() = default;
  StopSource(const StopSource&) = delete;
  StopSource& operator=(const StopSource&) = delete;
  ~StopSource() {
    WEIR_CHECK(first_ == nullptr);
    delete standard_.load(std::memory_order_acquire);
  }

  /// Any thread.
  bool is_stop_requested() const noexcept { return is_requested_.load(std::memory_order_acquire); }
  /// Tells every listener. Only the first call does anything.
  void request_stop() noexcept;
  /// For code that knows nothing of ours; made when first asked for. Any thread.
  std::stop_token token();
  /// As new. Nobody may listen, and tokens given out stay as they are.
  void reset() {
    if (is_requested_.load(std::memory_order_relaxed) || standard_.load(std::memory_order_relaxed) != nullptr) forget();
  }

 private:
  friend class StopListener;
  void forget();

  std::atomic<bool> is_requested_{false};
  StopListener* first_ = nullptr;
  std::atomic<std::stop_source*> standard_{nullptr};  // owned; whoever asks first makes it
};

/// A source that stops with its parent, and can be stopped alone: what bounds one step of a task.
///
/// Thread: that of its parent.
class LinkedStopSource final : public StopSource, private StopListener {
 public:
  explicit LinkedStopSource(StopSource* parent) {
    if (!listen_to(parent)) request_stop();
  }

 private:
  void on_stop() noexcept override { request_stop(); }
};

}  // namespace weir::loop
