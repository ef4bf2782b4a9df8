// SPDX-License-Identifier: MIT
// A middleware that writes down what happens, and may wait before it lets a request go on.
#pragma once

#include <tests/routing/lane_fixture.hpp>
#include <tests/routing/recorder.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace weir {

/// What an AsyncRecorder does, besides writing down its hooks.
struct WaitPlan {
  std::chrono::milliseconds delay{0};
  std::function<void(Context&)> then = {};
  int* ended = nullptr;
};

/// As Recorder, with a `before` that may wait.
class AsyncRecorder {
 public:
  AsyncRecorder(Events& events, std::string name, WaitPlan plan)
      : events_(&events), name_(std::move(name)), plan_(std::move(plan)) {}

  Task<void> before(Context& context) const {
    int ignored = 0;
    const EndOfFrame end(plan_.ended != nullptr ? *plan_.ended : ignored);
    events_->push_back(name_ + ".begins");
    if (plan_.delay > std::chrono::milliseconds(0)) co_await context.sleep(plan_.delay);
    if (plan_.then) plan_.then(context);
    events_->push_back(name_ + ".before");
  }
  void after(Context&, Response& response) const {
    events_->push_back(name_ + ".after " + std::to_string(response.status()));
  }
  void done(Context&, const Outcome& outcome) const {
    events_->push_back(name_ + ".done" + (outcome.is_complete() ? "" : " " + std::string(outcome.reason)));
  }

 private:
  Events* events_;
  std::string name_;
  WaitPlan plan_;
};

}  // namespace weir
