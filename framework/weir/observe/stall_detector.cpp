// SPDX-License-Identifier: MIT
#include <weir/observe/stall_detector.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <string>

namespace weir::observe {
namespace {

constexpr std::chrono::milliseconds kShortestPeriod{1};

bool is_recent(base::TimePoint then, base::TimePoint now) {
  return then != base::TimePoint::min() && now - then < StallDetector::kLinePeriod;
}

}  // namespace

StallDetector::StallDetector(Parts parts)
    : parts_(std::move(parts)),
      period_(std::max<std::chrono::nanoseconds>(parts_.stall / 4, kShortestPeriod)),
      seconds_(parts_.metrics.histogram({"weir_loop_stall_seconds", "How long loops were held, once they went on."},
                                        {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30})) {
  WEIR_CHECK(parts_.stall.count() > 0);
  told_at_.fill(base::TimePoint::min());
  for (loop::ActivitySlot* const slot : parts_.loops) loops_.push_back({.slot = slot});
  route_of(loop::kCallback);  // so that the metric is there before the first stall
}

base::TimePoint StallDetector::look(base::TimePoint now) {
  const bool is_late = next_look_ != base::TimePoint::max() && now - next_look_ > parts_.stall / 2;
  const auto lost = is_late ? now - next_look_ : std::chrono::nanoseconds(0);
  next_look_ = now + period_;
  for (Watched& watched : loops_) {
    const auto [begun, is_same] = watched.slot->look();
    if (!is_same) {
      if (watched.is_stalled) end_stall(watched, now);
      watched.activity = begun;
      watched.since = now;
    } else if (watched.activity != nullptr) {
      watched.since += lost;
      const base::TimePoint due = watched.since + parts_.stall;
      if (!watched.is_stalled && now >= due) begin_stall(watched, now);
    }
    if (watched.activity != nullptr && !watched.is_stalled) {
      next_look_ = std::min(next_look_, watched.since + parts_.stall);
    }
  }
  return next_look_;
}

void StallDetector::begin_stall(Watched& watched, base::TimePoint now) {
  Route& route = route_of(*watched.activity);
  route.stalls->add();
  watched.is_stalled = true;
  watched.is_told = !is_recent(route.told_at, now) && tell(watched, now);
  if (watched.is_told) {
    route.told_at = now;
  } else {
    ++suppressed_;
  }
}

void StallDetector::end_stall(Watched& watched, base::TimePoint now) {
  seconds_.observe(std::chrono::duration<double>(now - watched.since).count());
  watched.is_stalled = false;
  if (watched.is_told && !tell(watched, now)) ++suppressed_;
}

StallDetector::Route& StallDetector::route_of(const loop::Activity& activity) {
  Route& route = routes_[RouteName(activity.method, activity.route)];
  if (route.stalls == nullptr) {
    route.stalls =
        &parts_.metrics.counter({"weir_loop_stalls_total",
                                 "Handlers and other code that held a loop for longer than watchdog.stall.",
                                 {{"method", std::string(activity.method)}, {"route", std::string(activity.route)}}});
  }
  return route;
}

// The line for what `watched` is in: stalled, or over. Returns false when there were too many.
bool StallDetector::tell(const Watched& watched, base::TimePoint now) {
  base::TimePoint& oldest = told_at_[lines_ % told_at_.size()];
  if (is_recent(oldest, now)) return false;
  oldest = now;
  ++lines_;
  const loop::Activity& activity = *watched.activity;
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now - watched.since).count();
  std::vector<base::LogField> fields{{"loop", static_cast<std::uint64_t>(&watched - loops_.data())},
                                     {"method", activity.method},
                                     {"route", activity.route},
                                     {"part", activity.part}};
  if (watched.is_stalled) {
    fields.emplace_back("held_ms", milliseconds);
    fields.emplace_back("remedy", activity.remedy);
  } else {
    fields.emplace_back("took_ms", milliseconds);
  }
  if (suppressed_ > 0) fields.emplace_back("suppressed", std::exchange(suppressed_, 0));
  parts_.log.log(base::LogLevel::kWarn, watched.is_stalled ? "loop.stalled" : "loop.resumed", fields);
  return true;
}

}  // namespace weir::observe
