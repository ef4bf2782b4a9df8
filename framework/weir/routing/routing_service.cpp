// SPDX-License-Identifier: MIT
#include <weir/routing/routing_service.hpp>

#include <weir/base/inline.hpp>
#include <weir/http/problem.hpp>
#include <weir/routing/http_error.hpp>

#include <algorithm>
#include <utility>

namespace weir::routing {
namespace {

RoutedExchange& routed(http::Exchange& exchange) {
  return static_cast<RoutedExchange&>(exchange);
}

std::array<base::Counter*, 6> make_counters(base::Metrics& metrics, std::string_view method, std::string_view pattern) {
  std::array<base::Counter*, 6> counters{};
  for (std::size_t hundreds = 1; hundreds < counters.size(); ++hundreds) {
    counters[hundreds] = &metrics.counter({"weir_requests_total",
                                           "Requests that reached routing, by route and class of status.",
                                           {{"method", std::string(method)},
                                            {"route", std::string(pattern)},
                                            {"class", std::to_string(hundreds) + "xx"}}});
  }
  counters[0] = counters[5];
  return counters;
}

// Joining segments again must not make a slash out of data: "a%2Fb" under {rest...} would become "a/b".
bool has_slash_in_rest(const Route& route, std::span<const std::string_view> segments) {
  if (route.pattern.segments.back().kind != SegmentKind::kRest) return false;
  const auto rest = segments.subspan(route.pattern.segments.size() - 1);
  return std::any_of(rest.begin(), rest.end(),
                     [](std::string_view segment) { return segment.find('/') != std::string_view::npos; });
}

}  // namespace

RoutingService::RoutingService(Parts parts)
    : parts_(parts),
      routes_(parts.lanes.routes()),
      late_results_(parts.metrics.counter({"weir_late_results_total", "Results of handlers that nobody waited for."})),
      slow_readers_(parts.metrics.counter({"weir_slow_readers_total", "Event streams cut because they fell behind."})) {
  for (const Route& route : routes_.all()) {
    route_counters_.push_back(make_counters(parts_.metrics, to_string(route.method), route.pattern.text));
  }
  unrouted_counters_ = make_counters(parts_.metrics, "", "");
}

std::unique_ptr<http::Exchange> RoutingService::make_exchange(const http::Limits& limits) {
  auto exchange = std::make_unique<RoutedExchange>(limits, *this);
  exchange->context.clock_ = &parts_.loop.clock();
  exchange->context.log_ = &parts_.log;
  exchange->context.lanes_ = &parts_.lanes;
  return exchange;
}

// ---- before the handler ----

http::Service::Verdict RoutingService::on_head(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  Context& context = exchange.context;
  const http::Request& request = exchange.request();
  const auto segments = request.segments();
  const auto found = routes_.router().find(segments, request.method());
  exchange.counters = &unrouted_counters_;
  exchange.lane = nullptr;
  if (found) {
    const Route& route = routes_.at(*found);
    context.route_ = &route;
    exchange.counters = &route_counters_[*found];
    exchange.lane = &parts_.lanes.at(*found);
    if (exchange.parser.has_body()) exchange.body_limit = route.body_limit.value_or(parts_.limits.body_bytes);
  }
  const Chain& chain = found ? context.route_->chain : routes_.chain_for(segments);
  if (chain.links.empty()) [[likely]]
    return go_on_to_handler(exchange);
  exchange.chain = &chain;
  exchange.wants_done = chain.has_done;
  const std::size_t cells = chain.state_bytes / sizeof(StateCell);
  if (exchange.states.size() < cells) exchange.states.resize(cells);
  return run_chain(exchange);
}

// From the first hook that has not run yet.
http::Service::Verdict RoutingService::run_chain(RoutedExchange& exchange) {
  const auto& links = exchange.chain->links;
  while (exchange.entered < links.size()) {
    const Chain::Link& link = links[exchange.entered];
    bool is_answered = false;
    if (link.middleware.is_async()) {
      exchange.go_away();
      set_deadline(exchange);
      exchange.call.begin(LoopCall::Stage::kHook);
      link.middleware.start_before(exchange.state_at(link.state_offset), exchange.context, exchange.call);
      if (!exchange.call.has_ended()) return Verdict::kPending;
      exchange.come_back();
      is_answered = exchange.call.is_answered();
      if (!exchange.call.is_failed()) ++exchange.entered;
    } else {
      is_answered = run_before(exchange, *exchange.chain);
    }
    if (is_answered) {
      finish(exchange);
      return Verdict::kAnswered;
    }
  }
  return go_on_to_handler(exchange);
}

// Whether a hook answered in the handler's place. Runs hooks up to the next one that is a coroutine.
bool RoutingService::run_before(RoutedExchange& exchange, const Chain& chain) {
  try {
    while (exchange.entered < chain.links.size()) {
      const Chain::Link& link = chain.links[exchange.entered];
      if (link.middleware.is_async()) return false;
      const bool is_answered =
          link.middleware.before(exchange.state_at(link.state_offset), exchange.context, exchange.response);
      ++exchange.entered;
      if (is_answered) return true;
    }
    return false;
  } catch (...) {
    answer_exception(exchange);
    return true;
  }
}

WEIR_HOT_INLINE http::Service::Verdict RoutingService::go_on_to_handler(RoutedExchange& exchange) {
  if (exchange.lane == nullptr || has_slash_in_rest(*exchange.context.route_, exchange.request().segments())) {
    answer_unrouted(exchange);
    finish(exchange);
    return Verdict::kAnswered;
  }
  if (exchange.lane->placement == Placement::kInline) return Verdict::kRead;
  if (!has_room(exchange)) {
    finish(exchange);
    return Verdict::kAnswered;
  }
  return exchange.context.route_->handler.reads_body() ? Verdict::kStream : Verdict::kRead;
}

void RoutingService::answer_unrouted(RoutedExchange& exchange) {
  const http::Request& request = exchange.request();
  http::Response& response = exchange.response;
  if (exchange.context.route_ != nullptr) {
    response = http::problem(400, "The request target is malformed.");
    return;
  }
  const bool is_asterisk = request.raw_path() == "*";
  const std::string allowed = is_asterisk ? std::string("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
                                          : routes_.router().allowed_methods(exchange.request().segments());
  if (allowed.empty()) {
    response = http::problem(404);
  } else {
    const bool is_options = request.method() == http::Method::kOptions;
    response = is_options ? http::Response::no_content() : http::problem(405);
    response.set_header("Allow", allowed);
  }
}

// ---- the handler ----

http::Service::Verdict RoutingService::on_ready(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  if (exchange.lane->placement != Placement::kInline || exchange.lane->has_own_timeout) [[unlikely]]
    return start_elsewhere(exchange);
  try {
    exchange.context.route_->handler(exchange.context, exchange.response);
  } catch (...) {
    answer_exception(exchange);
  }
  finish(exchange);
  return Verdict::kAnswered;
}

// Tells whether the lane takes one more; fills the refusal if not. Asked at the head, and again when the content is
// here.
bool RoutingService::has_room(RoutedExchange& exchange) {
  const Lanes::Lane& lane = *exchange.lane;
  if (lane.placement == Placement::kPool && lane.pool->ask(lane.source) != exec::Admission::kAdmitted) {
    answer_busy(exchange, lane.pool->retry_after());
    return false;
  }
  if (lane.placement == Placement::kLoop && lane.in_flight->value() >= lane.in_flight_max) {
    answer_busy(exchange, std::chrono::seconds(1));
    return false;
  }
  if (lane.streams != nullptr && lane.streams->value() >= lane.streams_max) {
    answer_busy(exchange, std::chrono::seconds(1));
    return false;
  }
  return true;
}

void RoutingService::answer_busy(RoutedExchange& exchange, std::chrono::seconds retry_after) {
  exchange.response = http::problem(503, "The service is busy: try again later.");
  exchange.response.set_header("Retry-After", std::to_string(retry_after.count()));
}

void RoutingService::set_deadline(RoutedExchange& exchange) {
  const auto timeout =
      exchange.lane != nullptr ? exchange.lane->timeout : std::chrono::nanoseconds(parts_.limits.handler_timeout);
  exchange.deadline = timeout.count() > 0 ? parts_.loop.now() + timeout : base::TimePoint::max();
}

http::Service::Verdict RoutingService::start_elsewhere(RoutedExchange& exchange) {
  switch (exchange.lane->placement) {
    case Placement::kLoop:
      return start_on_loop(exchange);
    case Placement::kPool:
      return submit(exchange);
    case Placement::kInline:
    case Placement::kBlocking:
      break;
  }
  run_blocking(exchange);
  finish(exchange);
  return Verdict::kAnswered;
}

http::Service::Verdict RoutingService::start_on_loop(RoutedExchange& exchange) {
  if (!has_room(exchange)) {
    finish(exchange);
    return Verdict::kAnswered;
  }
  count_in_flight(exchange, 1);
  exchange.go_away();
  set_deadline(exchange);
  exchange.call.begin(LoopCall::Stage::kHandler);
  exchange.context.route_->handler.start(exchange.context, exchange.call);
  if (!exchange.call.has_ended()) return Verdict::kPending;
  count_in_flight(exchange, -1);
  if (exchange.is_stream_begun) {
    // The head is out: the rest goes the way of those that took longer.
    if (!exchange.call.is_failed()) exchange.complete_stream();
    exchange.resume_and_release(Verdict::kAnswered);
    return Verdict::kPending;
  }
  exchange.come_back();
  finish(exchange);
  return Verdict::kAnswered;
}

void RoutingService::count_in_flight(RoutedExchange& exchange, int by) {
  exchange.lane->in_flight->add(by);
  if (exchange.lane->streams != nullptr) exchange.lane->streams->add(by);
}

// A coroutine on the loop has ended after it had waited for something.
void RoutingService::call_ended(RoutedExchange& exchange) {
  LoopCall& call = exchange.call;
  if (call.stage() == LoopCall::Stage::kHook) {
    if (exchange.is_claimed()) return exchange.release();
    if (!call.is_failed()) ++exchange.entered;
    if (call.is_answered()) {
      finish(exchange);
      return exchange.resume_and_release(Verdict::kAnswered);
    }
    const Verdict verdict = run_chain(exchange);
    if (verdict != Verdict::kPending) exchange.resume_and_release(verdict);
    return;
  }
  count_in_flight(exchange, -1);
  if (exchange.is_stream_begun) {
    if (!call.is_failed()) exchange.complete_stream();
    return exchange.resume_and_release(Verdict::kAnswered);
  }
  if (!call.is_answered()) return exchange.release();
  finish(exchange);
  exchange.resume_and_release(Verdict::kAnswered);
}

http::Service::Verdict RoutingService::submit(RoutedExchange& exchange) {
  const Lanes::Lane& lane = *exchange.lane;
  exchange.go_away();
  set_deadline(exchange);
  exchange.context.share();
  PoolCall& call = exchange.pool_call.emplace(exchange, parts_.loop);
  call.deadline = exchange.deadline;
  if (lane.pool->try_submit(call, lane.source) == exec::Admission::kAdmitted) return Verdict::kPending;
  exchange.pool_call.reset();
  exchange.come_back();
  answer_busy(exchange, lane.pool->retry_after());
  finish(exchange);
  return Verdict::kAnswered;
}

void RoutingService::pool_call_ended(RoutedExchange& exchange) {
  PoolCall& call = *exchange.pool_call;
  if (!exchange.claim()) {
    if (call.ending() == exec::WorkItem::Ending::kRan) late_results_.add();
    return exchange.release();
  }
  if (call.ending() == exec::WorkItem::Ending::kDropped) {
    const bool is_late = parts_.loop.clock().now() >= exchange.deadline;
    exchange.response = is_late ? http::problem(504, "The service did not answer in time.")
                                : http::problem(503, "The service is stopping.");
  } else if (call.exception) {
    answer_exception(exchange, call.exception);
  } else {
    exchange.response = std::move(call.response);
  }
  finish(exchange);
  exchange.resume_and_release(Verdict::kAnswered);
}

// On this thread, which waits for it; also a plain handler that has a deadline, which cannot be missed any other way.
void RoutingService::run_blocking(RoutedExchange& exchange) {
  const Route& route = *exchange.context.route_;
  const base::Clock& clock = parts_.loop.clock();
  exchange.go_away();
  exchange.deadline =
      exchange.lane->timeout.count() > 0 ? clock.now() + exchange.lane->timeout : base::TimePoint::max();
  try {
    if (route.handler.is_async()) {
      if (!private_loop_) private_loop_ = std::make_unique<loop::Loop>(loop::Loop::Options{.clock = &clock});
      DrivenCall call;
      call.run(*private_loop_, route.handler, exchange.context, exchange.response);
    } else {
      route.handler(exchange.context, exchange.response);
    }
  } catch (...) {
    answer_exception(exchange);
  }
  if (clock.now() > exchange.deadline) {
    late_results_.add();
    exchange.response = http::problem(504, "The service did not answer in time.");
  }
  exchange.come_back();
}

// Its answer is not wanted any more.
void RoutingService::stop(RoutedExchange& exchange) {
  exchange.stop.request_stop();
  if (!exchange.pool_call || !exchange.is_pending()) return;
  if (exchange.lane->pool->try_remove(*exchange.pool_call)) {
    exchange.release();
  } else {
    exchange.pool_call->stop();
  }
}

bool RoutingService::on_cut(http::Exchange& http_exchange, const http::Refusal& refusal) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  if (!exchange.claim()) return false;
  stop(exchange);
  exchange.response = http::problem(refusal.status, refusal.detail);
  finish(exchange);
  return true;
}

void RoutingService::on_abandoned(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  static_cast<void>(exchange.claim());
  stop(exchange);
}

// Event streams end first: they would hold the drain for as long as their clients listen.
void RoutingService::on_drain(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  if (!exchange.is_event_stream) return;
  if (exchange.is_stream_begun) exchange.write_stream("retry: 1000\n\n");
  exchange.stop.request_stop();
}

void RoutingService::on_body(http::Exchange& exchange) noexcept {
  routed(exchange).body_arrived.notify();
}

void RoutingService::on_drained(http::Exchange& exchange) noexcept {
  routed(exchange).output_drained.notify();
}

bool RoutingService::begin_stream(RoutedExchange& exchange) {
  if (!exchange.claim()) return false;
  finish(exchange);
  return exchange.begin_stream();
}

void RoutingService::cut_slow_reader(RoutedExchange& exchange) {
  slow_readers_.add();
  exchange.is_cut = true;
  throw loop::Cancelled();
}

void RoutingService::on_refused(http::Exchange& http_exchange, const http::Refusal& refusal) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  exchange.response = http::problem(refusal.status, refusal.detail);
  finish(exchange);
}

// The last thing before the answer leaves: `after` hooks, then the count.
WEIR_HOT_INLINE void RoutingService::finish(RoutedExchange& exchange) {
  if (exchange.entered > 0) run_after(exchange);
  (*exchange.counters)[static_cast<std::size_t>(exchange.response.status()) / 100]->add();
}

// Where one throws, the hooks outside of it see the answer to that.
void RoutingService::run_after(RoutedExchange& exchange) {
  for (std::size_t i = exchange.entered; i-- > 0;) {
    const Chain::Link& link = exchange.chain->links[i];
    try {
      link.middleware.after(exchange.state_at(link.state_offset), exchange.context, exchange.response);
    } catch (...) {
      answer_exception(exchange);
    }
  }
}

void RoutingService::on_done(http::Exchange& http_exchange, const http::Outcome& outcome) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  for (std::size_t i = exchange.entered; i-- > 0;) {
    const Chain::Link& link = exchange.chain->links[i];
    try {
      link.middleware.done(exchange.state_at(link.state_offset), exchange.context, outcome);
    } catch (...) {
      log_failure(exchange, "a done hook threw");
    }
  }
}

void RoutingService::answer_exception(RoutedExchange& exchange, const std::exception_ptr& exception) noexcept {
  try {
    std::rethrow_exception(exception);
  } catch (...) {
    answer_exception(exchange);
  }
}

// Called in a catch block.
void RoutingService::answer_exception(RoutedExchange& exchange) noexcept {
  exchange.response.clear();
  try {
    throw;
  } catch (const HttpError& error) {
    const int status = error.status();
    if (status >= 400 && status <= 599) {
      exchange.response = http::problem(status, error.what());
      return;
    }
    log_failure(exchange, error.what());
  } catch (const loop::Cancelled&) {
    const bool is_late = parts_.loop.clock().now() >= exchange.deadline;
    exchange.response = is_late ? http::problem(504, "The service did not answer in time.")
                                : http::problem(503, "The service is stopping.");
    return;
  } catch (const exec::Saturated& refusal) {
    return answer_busy(exchange, refusal.retry_after);
  } catch (const std::exception& error) {
    if (map_error(exchange, error)) return;
    log_failure(exchange, error.what());
  } catch (...) {
    log_failure(exchange, "an exception that is no std::exception");
  }
  exchange.response = http::problem(500);
}

// Called in a catch block. The head is out: all that can be said is that the content has no end. Events have none, so
// that one that is asked to stop ends well.
bool RoutingService::is_stream_broken(const RoutedExchange& exchange) noexcept {
  try {
    throw;
  } catch (const loop::Cancelled&) {
    return exchange.is_cut || !exchange.is_event_stream;
  } catch (const std::exception& error) {
    log_failure(exchange, error.what());
  } catch (...) {
    log_failure(exchange, "an exception that is no std::exception");
  }
  return true;
}

bool RoutingService::map_error(RoutedExchange& exchange, const std::exception& error) {
  const Route* const route = exchange.context.route_;
  if (route == nullptr) return false;
  try {
    for (const ErrorMapper& mapper : route->error_mappers) {
      if (auto response = mapper(error)) {
        exchange.response = std::move(*response);
        return true;
      }
    }
  } catch (...) {
    log_failure(exchange, "an error mapper threw");
  }
  return false;
}

void RoutingService::log_failure(const RoutedExchange& exchange, std::string_view what) {
  parts_.log.error("request.failed", {{"request_id", exchange.context.request_id()},
                                      {"method", to_string(exchange.request().method())},
                                      {"route", exchange.context.route()},
                                      {"error", what}});
}

}  // namespace weir::routing
