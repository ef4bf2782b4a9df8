// SPDX-License-Identifier: MIT
#include <weir/exec/worker.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/loop.hpp>

#include <utility>

namespace weir::exec {

Worker::Worker(std::string name, unsigned index, const base::Clock& clock)
    : name_(std::move(name)), index_(index), clock_(clock) {}

Worker::~Worker() {
  WEIR_CHECK(private_loop_ == nullptr || private_loop_->in_loop_thread());
}

loop::Loop& Worker::private_loop() {
  if (private_loop_ == nullptr) private_loop_ = std::make_unique<loop::Loop>(loop::Loop::Options{.clock = &clock_});
  WEIR_CHECK(private_loop_->in_loop_thread());
  return *private_loop_;
}

}  // namespace weir::exec
