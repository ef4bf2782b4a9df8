// SPDX-License-Identifier: MIT
// Where requests wait with their content while too much is buffered.
#pragma once

#include <weir/http/byte_budget.hpp>
#include <weir/http/limits.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/timer_wheel.hpp>

namespace weir::http {

class Exchange;

/// Lets requests in, in the order in which they came, as the budget allows; who has waited for limits.body_wait is
/// turned away. Bytes are given back on any loop, so the gate looks every few milliseconds while somebody waits.
///
/// Thread:    loop thread.
/// Ownership: borrows its parts; links the exchanges that wait, each of which leaves before it ends.
class BodyGate final : private loop::Timer {
 public:
  /// `budget`: null if there is no bound.
  BodyGate(loop::Loop& loop, const Limits& limits, const ByteBudget* budget)
      : Timer(loop.timers()), loop_(loop), limits_(limits), budget_(budget) {}

  /// Whether content may be read at once.
  bool is_open() const { return budget_ == nullptr || (first_ == nullptr && !budget_->is_exceeded()); }
  /// Its connection hears by admit_content or refuse_content.
  void enter(Exchange& exchange);
  /// It does not wait any more.
  void leave(Exchange& exchange);

 private:
  void on_expiry() noexcept override;

  loop::Loop& loop_;
  const Limits& limits_;
  const ByteBudget* budget_;
  Exchange* first_ = nullptr;
  Exchange* last_ = nullptr;
};

}  // namespace weir::http
