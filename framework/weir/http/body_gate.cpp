// SPDX-License-Identifier: MIT
#include <weir/http/body_gate.hpp>

#include <weir/http/connection.hpp>
#include <weir/http/exchange.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::http {
namespace {

constexpr std::chrono::milliseconds kLookEvery{20};

}  // namespace

void BodyGate::enter(Exchange& exchange) {
  Exchange::GateWait& wait = exchange.gate_wait_;
  wait = {.previous = last_, .next = nullptr, .since = loop_.now(), .is_waiting = true};
  (last_ != nullptr ? last_->gate_wait_.next : first_) = &exchange;
  last_ = &exchange;
  if (first_ == &exchange) arm_at(loop_.now() + kLookEvery);
}

void BodyGate::leave(Exchange& exchange) {
  const Exchange::GateWait wait = std::exchange(exchange.gate_wait_, {});
  (wait.previous != nullptr ? wait.previous->gate_wait_.next : first_) = wait.next;
  (wait.next != nullptr ? wait.next->gate_wait_.previous : last_) = wait.previous;
}

// What those that go in now will need is not counted yet: without an estimate all of them would.
void BodyGate::on_expiry() noexcept {
  std::uint64_t left = budget_->left();
  while (first_ != nullptr) {
    Exchange& exchange = *first_;
    const std::uint64_t announced = exchange.parser.announced_bytes().value_or(limits_.spool_bytes);
    const std::uint64_t needed = std::min(announced, limits_.spool_bytes);
    const bool is_admitted = left > 0;
    if (!is_admitted && loop_.now() - exchange.gate_wait_.since < limits_.body_wait) break;
    leave(exchange);
    left -= std::min(left, needed);
    is_admitted ? exchange.connection_->admit_content() : exchange.connection_->refuse_content();
  }
  if (first_ != nullptr) arm_at(loop_.now() + kLookEvery);
}

}  // namespace weir::http
