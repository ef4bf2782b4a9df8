// SPDX-License-Identifier: MIT
// What a streaming handler waits on: more of its content, or room for more of its answer.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task.hpp>

#include <coroutine>
#include <utility>

namespace weir::routing {

/// Wakes the one coroutine that waits on it; `co_await signal` throws Cancelled when that is asked to stop.
///
/// Thread: loop thread.
class StreamSignal {
 public:
  class Awaiter final : private loop::StopListener, private loop::Completion {
   public:
    explicit Awaiter(StreamSignal& signal) : signal_(signal), loop_(loop::Loop::current()) {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      is_cancelled_ = !listen_to(loop::stop_source_of(awaiting));
      if (is_cancelled_) return false;
      WEIR_CHECK(signal_.waiting_ == nullptr);  // one reader, one writer
      signal_.waiting_ = this;
      awaiting_ = awaiting;
      return true;
    }
    void await_resume() const {
      if (is_cancelled_) throw loop::Cancelled();
    }

   private:
    friend class StreamSignal;
    void wake() {
      signal_.waiting_ = nullptr;
      stop_listening();
      loop_.complete(*this);
    }
    void on_stop() noexcept override {
      is_cancelled_ = true;
      wake();
    }
    void on_loop() noexcept override { awaiting_.resume(); }

    StreamSignal& signal_;
    loop::Loop& loop_;
    std::coroutine_handle<> awaiting_;
    bool is_cancelled_ = false;
  };

  Awaiter operator co_await() { return Awaiter(*this); }
  void notify() {
    if (waiting_ != nullptr) waiting_->wake();
  }

 private:
  Awaiter* waiting_ = nullptr;
};

}  // namespace weir::routing
