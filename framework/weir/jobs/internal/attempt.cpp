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
  begun = now();
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
  begun = now();
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
  end.delay = delay ? *delay : type_->backoff(job_.attempt);
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
      return give_back();
  }
}

}  // namespace weir::jobs::internal
