// SPDX-License-Identifier: MIT
#include <weir/routing/routing_service.hpp>

#include <weir/base/inline.hpp>
#include <weir/http/client/client_error.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/waiter.hpp>
#include <weir/loop/with_timeout.hpp>
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
bool has_slash(std::span<const std::string_view> rest) {
  return std::any_of(rest.begin(), rest.end(),
                     [](std::string_view segment) { return segment.find('/') != std::string_view::npos; });
}

constexpr loop::Activity kUnroutedHook{"-", "-", "hook", kHookRemedy};

const loop::Activity& hook_of(const RoutedExchange& exchange) {
  return exchange.lane != nullptr ? exchange.lane->hook : kUnroutedHook;
}

WEIR_HOT_INLINE bool is_full(const Lanes::Lane& lane) {
  if (lane.placement == Placement::kPool) return lane.pool->ask(lane.source) != exec::Admission::kAdmitted;
  return (lane.in_flight != nullptr && lane.in_flight->value() >= lane.in_flight_max) ||
         (lane.streams != nullptr && lane.streams->value() >= lane.streams_max);
}

WEIR_HOT_INLINE bool has_slash_in_rest(const Route& route, const http::Request& request) {
  const auto& pattern = route.pattern.segments;
  return pattern.back().kind == SegmentKind::kRest && has_slash(request.segments().subspan(pattern.size() - 1));
}

}  // namespace

RoutingService::RoutingService(Parts parts)
    : parts_(parts),
      routes_(parts.lanes.routes()),
      late_results_(parts.metrics.counter({"weir_late_results_total", "Results of handlers that nobody waited for."})),
      slow_readers_(parts.metrics.counter({"weir_slow_readers_total", "Event streams cut because they fell behind."})) {
  for (const Route& route : routes_.all()) {
    destinations_.push_back({&route, &parts_.lanes.at(static_cast<Router::RouteIndex>(destinations_.size())),
                             make_counters(parts_.metrics, to_string(route.method), route.pattern.text)});
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
  const http::Request& request = exchange.request();
  const auto found = routes_.router().find(request.segments(), request.method());
  if (!found) [[unlikely]]
    return on_unrouted_head(exchange);
  const Destination& destination = destinations_[*found];
  const Route& route = *destination.route;
  exchange.context.route_ = &route;
  exchange.counters = &destination.counters;
  exchange.lane = destination.lane;
  if (exchange.parser.has_body()) exchange.body_limit = route.body_limit.value_or(parts_.limits.body_bytes);
  if (route.chain.links.empty()) [[likely]]
    return go_on_to_handler(exchange);
  return begin_chain(exchange, route.chain);
}

http::Service::Verdict RoutingService::on_unrouted_head(RoutedExchange& exchange) {
  exchange.counters = &unrouted_counters_;
  exchange.lane = nullptr;
  return begin_chain(exchange, routes_.chain_for(exchange.request().segments()));
}

http::Service::Verdict RoutingService::begin_chain(RoutedExchange& exchange, const Chain& chain) {
  exchange.chain = &chain;
  exchange.wants_done = chain.has_done;
  const std::size_t cells = chain.state_bytes / sizeof(StateCell);
  if (exchange.states.size() < cells) exchange.states.resize(cells);
  return run_chain(exchange);
}

// From the first hook that has not run yet.
http::Service::Verdict RoutingService::run_chain(RoutedExchange& exchange) {
  const loop::ActivityScope scope(parts_.loop.activity(), hook_of(exchange));
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
    if (is_answered) return answer(exchange);
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
  const bool is_found = exchange.lane != nullptr && !has_slash_in_rest(*exchange.context.route_, exchange.request());
  if (!is_found) [[unlikely]] {
    answer_unrouted(exchange);
    finish(exchange);
    return Verdict::kAnswered;
  }
  if (exchange.lane->placement == Placement::kInline) [[likely]]
    return Verdict::kRead;
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
  if (exchange.lane->placement != Placement::kInline) [[unlikely]]
    return start_elsewhere(exchange);
  parts_.loop.activity().begin(exchange.lane->handler);
  try {
    exchange.context.route_->handler(exchange.context, exchange.response);
  } catch (...) {
    answer_exception(exchange);
  }
  if (exchange.response.is_file()) [[unlikely]] {
    parts_.loop.activity().end();
    return send_file(exchange);
  }
  finish(exchange);
  parts_.loop.activity().end();
  return Verdict::kAnswered;
}

// Tells whether the lane takes one more; fills the refusal if not. Asked at the head, and again when the content is
// here.
WEIR_HOT_INLINE bool RoutingService::has_room(RoutedExchange& exchange) {
  if (!is_full(*exchange.lane)) [[likely]]
    return true;
  exec::WorkerPool* const pool = exchange.lane->pool;
  answer_busy(exchange, pool != nullptr ? pool->retry_after() : std::chrono::seconds(1));
  return false;
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
  return answer(exchange);
}

http::Service::Verdict RoutingService::start_on_loop(RoutedExchange& exchange) {
  if (!has_room(exchange)) {
    finish(exchange);
    return Verdict::kAnswered;
  }
  count_in_flight(exchange, 1);
  const loop::ActivityScope scope(parts_.loop.activity(), exchange.lane->handler);
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
  return answer(exchange);
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
    if (call.is_answered()) return answer_late(exchange);
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
  answer_late(exchange);
}

http::Service::Verdict RoutingService::submit(RoutedExchange& exchange) {
  const Lanes::Lane& lane = *exchange.lane;
  exchange.go_away();
  set_deadline(exchange);
  exchange.keep_peer();
  exchange.context.share();
  exchange.pool_call = std::make_unique<PoolCall>(exchange, parts_.loop);
  PoolCall& call = *exchange.pool_call;
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
  answer_late(exchange);
}

// On this thread, which waits for it; also a plain handler that has a deadline, which cannot be missed any other way.
void RoutingService::run_blocking(RoutedExchange& exchange) {
  const loop::ActivityScope scope(parts_.loop.activity(), exchange.lane->handler);
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
  if (!exchange.pool_call || exchange.file_sender || !exchange.is_pending()) return;
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
  if (refusal.status == 503) exchange.response.set_header("Retry-After", "1");
  finish(exchange);
}

// ---- the answer ----

// Of a handler or a hook, which is exchange.response now.
http::Service::Verdict RoutingService::answer(RoutedExchange& exchange) {
  if (exchange.response.is_file()) return send_file(exchange);
  finish(exchange);
  return Verdict::kAnswered;
}

void RoutingService::answer_late(RoutedExchange& exchange) {
  if (exchange.response.is_file()) {
    static_cast<void>(send_file(exchange));
    return;
  }
  finish(exchange);
  exchange.resume_and_release(Verdict::kAnswered);
}

http::Service::Verdict RoutingService::send_file(RoutedExchange& exchange) {
  exchange.go_away();
  if (exchange.deadline == base::TimePoint::max()) set_deadline(exchange);
  exchange.unclaim();
  exchange.file_sender = std::make_unique<FileSender>(exchange);
  exchange.file_sender->start();
  return Verdict::kPending;
}

void RoutingService::file_ended(RoutedExchange& exchange, bool is_answered) {
  if (!is_answered) return exchange.release();
  exchange.resume_and_release(Verdict::kAnswered);
}

// The last thing before the answer leaves: `after` hooks, then the count.
void RoutingService::finish(RoutedExchange& exchange) {
  if (exchange.entered > 0) run_after(exchange);
  (*exchange.counters)[static_cast<unsigned>(exchange.response.status()) / 100]->add();
}

// Where one throws, the hooks outside of it see the answer to that.
void RoutingService::run_after(RoutedExchange& exchange) {
  const loop::ActivityScope scope(parts_.loop.activity(), hook_of(exchange));
  for (std::size_t i = exchange.entered; i-- > 0;) {
    const Chain::Link& link = exchange.chain->links[i];
    try {
      link.middleware.after(exchange.state_at(link.state_offset), exchange.context, exchange.response);
    } catch (...) {
      answer_exception(exchange);
    }
  }
  if (exchange.response.is_file() && !exchange.file_sender) {
    log_failure(exchange, "an `after` hook answered with a file");
    exchange.response = http::problem(500);
  }
}

void RoutingService::on_done(http::Exchange& http_exchange, const http::Outcome& outcome) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  const loop::ActivityScope scope(parts_.loop.activity(), hook_of(exchange));
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
  } catch (const std::exception& error) {
    if (map_error(exchange, error) || answer_known_failure(exchange, error)) return;
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

// What our own awaitables throw says by itself what to answer, where a handler lets it pass.
bool RoutingService::answer_known_failure(RoutedExchange& exchange, const std::exception& error) {
  if (const auto* const saturated = dynamic_cast<const exec::Saturated*>(&error)) {
    answer_busy(exchange, saturated->retry_after);
  } else if (dynamic_cast<const loop::TooManyWaiters*>(&error) != nullptr) {
    answer_busy(exchange, std::chrono::seconds(1));
  } else if (dynamic_cast<const loop::TimedOut*>(&error) != nullptr) {
    exchange.response = http::problem(504, "A step of the service did not end in time.");
  } else if (const auto* const failed = dynamic_cast<const http::ClientError*>(&error)) {
    log_failure(exchange, error.what());
    const bool is_late = failed->code() == http::ClientErrorCode::kTimeout;
    exchange.response = is_late ? http::problem(504, "A service behind this one did not answer in time.")
                                : http::problem(502, "A service behind this one did not answer.");
  } else {
    return false;
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
