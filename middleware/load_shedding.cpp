// SPDX-License-Identifier: MIT
#include <middleware/load_shedding.hpp>

#include <middleware/internal/codel.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/per_loop.hpp>

#include <atomic>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weir::middleware {
namespace {

using std::chrono::seconds;

constexpr seconds kTimeMax{60};
constexpr seconds kRetryAfterMax{3600};
constexpr seconds kWarnEvery{10};

void require(bool condition, std::string_view sentence) {
  if (!condition) throw std::invalid_argument("LoadShedding: " + std::string(sentence));
}

LoadSheddingOptions checked(LoadSheddingOptions options) {
  constexpr std::chrono::nanoseconds kNothing{0};
  require(options.target > kNothing && options.target <= kTimeMax, "`target` is above zero and at most a minute");
  require(options.interval > kNothing && options.interval <= kTimeMax, "`interval` is above zero and at most a minute");
  require(options.retry_after_min >= seconds(1), "`retry_after_min` is at least one second");
  require(options.retry_after_max >= options.retry_after_min, "`retry_after_max` is below `retry_after_min`");
  require(options.retry_after_max <= kRetryAfterMax, "`retry_after_max` is above an hour");
  return options;
}

struct RouteState {
  RouteState(internal::Codel::Options options, std::string_view pattern)
      : codel(options),
        refused_id{"weir_load_shedding_refused_total",
                   "Requests that load shedding turned away, by route.",
                   {{"route", std::string(pattern)}}} {}
  internal::Codel codel;
  base::MetricId refused_id;
  std::optional<base::TimePoint> warned;
};

struct LoopState {
  RouteState& route(std::string_view pattern, internal::Codel::Options codel) {
    RouteState& state = routes.try_emplace(pattern.data(), codel, pattern).first->second;
    // The loop of an app that is started again, whose routes are others.
    if (state.refused_id.labels.front().second != pattern) state = RouteState(codel, pattern);
    return state;
  }

  // By the address of the pattern's text, which is the route's as long as it serves.
  std::unordered_map<const char*, RouteState> routes;
  std::minstd_rand random{std::random_device{}()};

  int roll(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); }
};

}  // namespace

struct LoadShedding::Shared {
  explicit Shared(LoadSheddingOptions options_in) : options(checked(std::move(options_in))) {}

  bool is_turned_away(LoopState& loop, RouteState& route, const routing::Context& context) const {
    if (!route.codel.is_shedding()) return false;
    const bool is_important = options.is_important && options.is_important(context);
    const int share = is_important ? route.codel.important_share() : route.codel.ordinary_share();
    return loop.roll(0, internal::Codel::kWhole - 1) < share;
  }
  void warn(RouteState& route, const routing::Context& context, base::TimePoint now,
            std::chrono::nanoseconds delay) const {
    if (route.warned && now - *route.warned < kWarnEvery) return;
    route.warned = now;
    const std::chrono::duration<double, std::milli> delay_ms = delay;
    context.log().warn("load_shedding", {{"route", context.route()},
                                         {"delay_ms", delay_ms.count()},
                                         {"refused_total", refused.load(std::memory_order_relaxed)}});
  }

  const LoadSheddingOptions options;
  std::atomic<std::uint64_t> refused{0};
  loop::PerLoop<LoopState> loops;
};

LoadShedding::LoadShedding(LoadSheddingOptions options) : shared_(std::make_shared<Shared>(std::move(options))) {}

std::optional<http::Response> LoadShedding::before(routing::Context& context) const {
  const std::string_view pattern = context.route();
  if (pattern.empty()) return std::nullopt;
  LoopState& loop = shared_->loops.local();
  RouteState& route = loop.route(pattern, {shared_->options.target, shared_->options.interval});
  const base::TimePoint now = context.clock().now();
  const std::chrono::nanoseconds delay = context.queue_delay();
  route.codel.observe(now, delay);
  if (!shared_->is_turned_away(loop, route, context)) return std::nullopt;
  shared_->refused.fetch_add(1, std::memory_order_relaxed);
  context.count(route.refused_id);
  shared_->warn(route, context, now, delay);
  const int wait = loop.roll(static_cast<int>(shared_->options.retry_after_min.count()),
                             static_cast<int>(shared_->options.retry_after_max.count()));
  http::Response response = http::problem(503, "The service is busy: try again later.");
  response.set_header("Retry-After", std::to_string(wait));
  return response;
}

std::uint64_t LoadShedding::refused() const {
  return shared_->refused.load(std::memory_order_relaxed);
}

}  // namespace weir::middleware
