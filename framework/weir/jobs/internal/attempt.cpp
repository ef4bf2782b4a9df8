// SPDX-License-Identifier: MIT
#include <weir/jobs/internal/attempt.hpp>

#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>

#include <utility>

namespace weir::jobs::internal {
namespace {

base::TimePoint now() {
  return base::SystemClock::instance().now();
}

}  // namespace

Attempt::Attempt(loop::Loop& home, ClaimedJob job, std::shared_ptr<const JobType> type, base::Log& log,
                 std::function<void(Attempt&)> ended)
    : WorkItem(home),
      job_(std::move(job)),
      type_(std::move(type)),
      ended_(std::move(ended)),
      context_(job_, stop_, log),
      timeout_(home, *this) {
  end.id = job_.id;
  end.claim = job_.claim;
  if (job_.timeout.count() > 0) timeout_.arm_at(home.now() + job_.timeout);
}

void Attempt::stop(StopReason reason) {
  StopReason none = StopReason::kNone;
  if (reason_.compare_exchange_strong(none, reason)) stop_.request_stop();
}

void Attempt::give_back() {
  timeout_.disarm();
  end.outcome = Finish::Outcome::kGivenBack;
}

loop::Task<void> Attempt::run_on_loop() {
  const base::TimePoint begun = now();
  begun_ = begun;
  try {
    auto task = type_->start(job_, context_);
    task.set_stop_source(&stop_);
    std::string result = co_await std::move(task);
    succeed(std::move(result));
  } catch (...) {
    fail(std::current_exception());
  }
  took = now() - begun;
  timeout_.disarm();
  ended_(*this);
}

void Attempt::run(exec::Worker&) noexcept {
  if (reason_ != StopReason::kNone) return has_stopped();  // while it waited for the worker
  const base::TimePoint begun = now();
  begun_ = begun;
  try {
    succeed(type_->run(job_, context_));
  } catch (...) {
    fail(std::current_exception());
  }
  took = now() - begun;
}

void Attempt::on_loop() noexcept {
  if (ending() == Ending::kDropped) give_back();
  timeout_.disarm();
  ended_(*this);
}

// A handler's time begins with it: what waited for a worker has lost none. The loop does not hear of the beginning, so
// it looks when the time would be over had it begun at once.
void Attempt::look_at_time() {
  const base::TimePoint now = home().now();
  const base::TimePoint begun = begun_;
  const base::TimePoint limit = (begun == kNotYet ? now : begun) + job_.timeout;
  if (limit <= now) return stop(StopReason::kTimeout);
  timeout_.arm_at(limit);
}

void Attempt::succeed(std::string result) {
  end.outcome = Finish::Outcome::kSucceeded;
  end.text = std::move(result);
}

void Attempt::fail(std::exception_ptr failure) noexcept {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const JobEnd& asked) {
    fail_with(asked.outcome, asked.text, asked.delay);
  } catch (const loop::Cancelled&) {
    has_stopped();
  } catch (const UnreadablePayload& error) {
    fail_with(Finish::Outcome::kDiscarded, error.what());
  } catch (const std::exception& error) {
    reason_ != StopReason::kNone ? has_stopped() : fail_with(Finish::Outcome::kFailed, error.what());
  } catch (...) {
    reason_ != StopReason::kNone ? has_stopped() : fail_with(Finish::Outcome::kFailed, "an unknown exception");
  }
}

void Attempt::fail_with(Finish::Outcome outcome, std::string text, std::optional<Milliseconds> delay) {
  end.outcome = outcome;
  end.text = std::move(text);
  if (!delay && outcome == Finish::Outcome::kFailed) delay = backoff();
  end.delay = std::min(delay.value_or(Milliseconds(0)), kLongest);
}

// The user's code: it may throw.
Milliseconds Attempt::backoff() const {
  try {
    return type_->backoff(job_.attempt);
  } catch (...) {
    return usual_backoff(job_.attempt);
  }
}

// It was asked to stop and did.
void Attempt::has_stopped() {
  switch (reason_.load()) {
    case StopReason::kTimeout:
      return fail_with(Finish::Outcome::kFailed, "timed out after " + std::to_string(job_.timeout.count()) + " ms");
    case StopReason::kCancelled:
      return fail_with(Finish::Outcome::kCancelled, "cancelled");
    case StopReason::kNone:
      return fail_with(Finish::Outcome::kFailed, "its handler was cancelled");
    default:
      end.outcome = Finish::Outcome::kGivenBack;
  }
}

}  // namespace weir::jobs::internal
