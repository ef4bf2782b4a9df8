// SPDX-License-Identifier: MIT
// A middleware that writes down what happens, and an app to try it on.
#pragma once

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir {

using Events = std::vector<std::string>;

/// Writes "<name>.<hook>" into a list, then runs what it was told to.
class Recorder {
 public:
  Recorder(Events& events, std::string name) : events_(&events), name_(std::move(name)) {}

  Recorder on_before(std::function<void()> then) && {
    on_before_ = std::move(then);
    return std::move(*this);
  }
  Recorder on_after(std::function<void(Response&)> then) && {
    on_after_ = std::move(then);
    return std::move(*this);
  }
  Recorder on_done(std::function<void(Context&, const Outcome&)> then) && {
    on_done_ = std::move(then);
    return std::move(*this);
  }

  void before(Context&) const {
    events_->push_back(name_ + ".before");
    if (on_before_) on_before_();
  }
  void after(Context&, Response& response) const {
    events_->push_back(name_ + ".after " + std::to_string(response.status()));
    if (on_after_) on_after_(response);
  }
  void done(Context& context, const Outcome& outcome) const {
    events_->push_back(name_ + ".done");
    if (on_done_) on_done_(context, outcome);
  }

 private:
  Events* events_;
  std::string name_;
  std::function<void()> on_before_;
  std::function<void(Response&)> on_after_;
  std::function<void(Context&, const Outcome&)> on_done_;
};

}  // namespace weir
