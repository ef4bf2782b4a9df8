// SPDX-License-Identifier: MIT
#include <weir/routing/lanes.hpp>

#include <limits>

namespace weir::routing {
namespace {

std::string route_label(const Route& route) {
  return std::string(to_string(route.method)) + " " + route.pattern.text;
}

std::string_view remedy_for(Placement placement, exec::Pattern pattern) {
  if (pattern == exec::Pattern::kSingleThreaded) {
    return "the pattern single-threaded runs it on the loop: choose event-driven, and a pool for this route";
  }
  return placement == Placement::kLoop
             ? "co_await ctx.offload(pool, ...) for the step that computes or blocks"
             : "run it on a pool: app.get(...).on(pool), or co_await ctx.offload(pool, ...) for the slow step";
}

bool is_blocking(exec::Pattern pattern) {
  return pattern != exec::Pattern::kEventDriven;
}

}  // namespace

Placement place(const Route& route, exec::Pattern pattern) {
  const Placement by_itself = route.handler.is_async() ? Placement::kLoop : Placement::kInline;
  // What the framework serves itself, and what waits for its own client, stays on the loop: a worker held by a slow
  // reader would serve nobody else.
  if (route.is_built_in || route.handler.is_stream()) return by_itself;
  switch (pattern) {
    case exec::Pattern::kSingleThreaded:
      return route.handler.is_async() ? Placement::kBlocking : Placement::kInline;
    case exec::Pattern::kSingleWorker:
    case exec::Pattern::kWorkerPool:
      return Placement::kPool;
    case exec::Pattern::kEventDriven:
      break;
  }
  return route.pool ? Placement::kPool : by_itself;
}

std::string lane_text(const Route& route, exec::Pattern pattern, std::span<const exec::PoolDeclaration> pools) {
  switch (place(route, pattern)) {
    case Placement::kInline:
      return "inline";
    case Placement::kLoop:
      return route.handler.is_stream() ? "async, streamed" : "async";
    case Placement::kBlocking:
      return "inline, blocking";
    case Placement::kPool:
      break;
  }
  if (is_blocking(pattern)) return "pool handlers";
  return "pool " + pools[route.pool->index()].name;
}

Lanes::Lanes(Parts parts)
    : routes_(std::move(parts.routes)),
      dispatcher_(parts.dispatcher),
      offload_sources_((routes_->all().size() + 1) * parts.dispatcher.pool_count()),
      pools_(parts.dispatcher.pool_count()) {
  for (auto& source : offload_sources_) source.store(kNoSource, std::memory_order_relaxed);
  const exec::Pattern pattern = dispatcher_.pattern();
  base::Gauge& streams = parts.metrics.gauge({"weir_streams", "Requests whose content or answer goes in pieces."});
  for (const Route& route : routes_->all()) {
    if (route.handler.is_stream() && pattern == exec::Pattern::kSingleThreaded) {
      throw SetupError("the route " + describe(route) +
                       " answers or reads in pieces, which under the pattern single-threaded would stop every other "
                       "request while its client is slow: choose another pattern");
    }
    Lane lane;
    lane.placement = place(route, pattern);
    lane.handler = {to_string(route.method), route.pattern.text, "handler", remedy_for(lane.placement, pattern)};
    lane.hook = {to_string(route.method), route.pattern.text, "hook", kHookRemedy};
    if (lane.placement == Placement::kInline && route.timeout) lane.placement = Placement::kBlocking;
    // A stream takes as long as it takes, unless its route says otherwise: its peer's pace is bounded elsewhere.
    if (route.timeout) {
      lane.timeout = *route.timeout;
    } else if (!route.handler.is_stream()) {
      lane.timeout = parts.limits.handler_timeout;
    }
    const bool is_decoded_aside = lane.placement != Placement::kPool && pattern != exec::Pattern::kSingleThreaded &&
                                  route.handler.decoder() != nullptr;
    lane.is_plain = lane.placement == Placement::kInline && !is_decoded_aside;
    lane.decoded_here_bytes = is_decoded_aside ? kDecodedOnLoopBytes : std::numeric_limits<std::size_t>::max();
    if (lane.placement == Placement::kPool) {
      lane.pool = dispatcher_.handlers() != nullptr ? dispatcher_.handlers() : dispatcher_.find(*route.pool);
      if (lane.pool == nullptr) throw SetupError("the route " + describe(route) + " names a pool of another app");
      lane.source = lane.pool->add_source(route_label(route));
    }
    if (lane.placement == Placement::kLoop) {
      lane.in_flight_max = static_cast<std::int64_t>(route.in_flight.value_or(parts.limits.in_flight));
      lane.in_flight =
          &parts.metrics.gauge({"weir_in_flight",
                                "Handlers that are suspended or run as coroutines.",
                                {{"method", std::string(to_string(route.method))}, {"route", route.pattern.text}}});
    }
    if (route.handler.is_stream()) {
      lane.streams = &streams;
      lane.streams_max = static_cast<std::int64_t>(parts.limits.streams);
    }
    lanes_.push_back(lane);
    lane.is_plain = false;
    decoding_lanes_.push_back(lane);
  }
}

exec::OffloadTarget Lanes::offload_target(const Route* route, exec::Pool pool, base::TimePoint deadline) const {
  exec::WorkerPool* const workers = dispatcher_.find(pool);
  if (workers == nullptr) return {};
  const std::size_t index =
      route != nullptr ? static_cast<std::size_t>(route - routes_->all().data()) : routes_->all().size();
  if (route != nullptr && lanes_[index].pool == workers) return {workers, lanes_[index].source, deadline};
  auto& known = offload_sources_[index * pools_ + pool.index()];
  std::int64_t source = known.load(std::memory_order_acquire);
  if (source == kNoSource) {
    const std::int64_t added = workers->add_source(route != nullptr ? route_label(*route) : "no route");
    // Whoever was first named it; the other name stays unused.
    if (known.compare_exchange_strong(source, added, std::memory_order_acq_rel)) source = added;
  }
  return {workers, static_cast<exec::SourceId>(source), deadline};
}

}  // namespace weir::routing
