// SPDX-License-Identifier: MIT
#include <weir/routing/routing_service.hpp>

#include <weir/base/inline.hpp>
#include <weir/http/problem.hpp>

#include <algorithm>
#include <utility>

namespace weir::routing {
namespace {

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
      slow_readers_(parts.metrics.counter({"weir_slow_readers_total", "Event streams cut because they fell behind."})),
      counters_(parts.metrics),
      counters_elsewhere_(parts.metrics) {
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

void RoutingService::count(const base::MetricId& id, std::uint64_t by) {
  if (parts_.loop.in_loop_thread()) return counters_.add(id, by);
  counters_elsewhere_.lock()->add(id, by);
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
  exchange.body_limit = 0;
  return begin_chain(exchange, routes_.chain_for(exchange.request().segments()));
}

http::Service::Verdict RoutingService::begin_chain(RoutedExchange& exchange, const Chain& chain) {
  exchange.chain = &chain;
  exchange.wants_done = chain.has_done;
  const std::size_t cells = chain.state_bytes / sizeof(StateCell);
  if (exchange.states.size() < cells) exchange.states.resize(cells);
  if (chain.has_async) return run_chain(exchange);
  bool is_answered = false;
  {
    const loop::ActivityScope scope(parts_.loop.activity(), hook_of(exchange));
    is_answered = run_before(exchange, chain.links.size());
  }
  return is_answered ? answer(exchange) : go_on_to_handler(exchange);
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
      std::size_t end = exchange.entered;
      while (end < links.size() && !links[end].middleware.is_async()) ++end;
      is_answered = run_before(exchange, end);
    }
    if (is_answered) return answer(exchange);
  }
  return go_on_to_handler(exchange);
}

// Whether a hook answered in the handler's place. Runs hooks up to `end`, none of them a coroutine.
WEIR_HOT_INLINE bool RoutingService::run_before(RoutedExchange& exchange, std::size_t end_index) {
  const Chain::Link* const first = exchange.chain->links.data();
  const Chain::Link* const end = first + end_index;
  const Chain::Link* link = first + exchange.entered;
  bool is_answered = false;
  try {
    while (link != end && !is_answered) {
      is_answered = link->middleware.before(exchange.state_at(link->state_offset), exchange.context, exchange.response);
      ++link;
    }
    exchange.entered = static_cast<std::size_t>(link - first);
    return is_answered;
  } catch (...) {
    exchange.entered = static_cast<std::size_t>(link - first);
    answer_exception(exchange);
    return true;
  }
}

WEIR_HOT_INLINE http::Service::Verdict RoutingService::go_on_to_handler(RoutedExchange& exchange) {
  const bool is_found = exchange.lane != nullptr && !has_slash_in_rest(*exchange.context.route_, exchange.request());
  if (!is_found) [[unlikely]] {
    answer_unrouted(exchange);
    return finish_answer(exchange);
  }
  if (exchange.lane->placement == Placement::kInline) [[likely]]
    return Verdict::kRead;
  if (!has_room(exchange)) return finish_answer(exchange);
  return exchange.context.route_->handler.streams_body() ? Verdict::kStream : Verdict::kRead;
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
  if (!exchange.lane->is_plain) [[unlikely]] {
    if (exchange.decoder && !exchange.is_body_streamed) return start_decoding_content(exchange);
    const bool is_large = exchange.request().body().size() > exchange.lane->decoded_here_bytes;
    if (is_large && exchange.context.decoded_content() == nullptr) return start_decoding(exchange);
    if (exchange.lane->placement != Placement::kInline) return start_elsewhere(exchange);
  }
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
  const Verdict verdict = finish_answer(exchange);
  parts_.loop.activity().end();
  return verdict;
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

void RoutingService::on_refused(http::Exchange& http_exchange, const http::Refusal& refusal) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  exchange.response = http::problem(refusal.status, refusal.detail);
  if (refusal.status == 503) exchange.response.set_header("Retry-After", "1");
  finish_now(exchange);
}

// ---- the answer ----

// Of a handler or a hook, which is exchange.response now.
http::Service::Verdict RoutingService::answer(RoutedExchange& exchange) {
  if (exchange.response.is_file()) return send_file(exchange);
  return finish_answer(exchange);
}

void RoutingService::answer_late(RoutedExchange& exchange) {
  if (exchange.response.is_file()) {
    static_cast<void>(send_file(exchange));
    return;
  }
  const Verdict verdict = finish_answer(exchange);
  if (verdict == Verdict::kAnswered) exchange.resume_and_release(verdict);
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

// An answer that is all here; the content that a hook has set about becomes what it will.
WEIR_HOT_INLINE http::Service::Verdict RoutingService::finish_answer(RoutedExchange& exchange) {
  const bool has_hooks = exchange.entered > 0;
  finish(exchange);
  return has_hooks && exchange.transform ? transform_answer(exchange) : Verdict::kAnswered;
}

// The same where the answer cannot wait; it is a short one.
void RoutingService::finish_now(RoutedExchange& exchange) {
  finish(exchange);
  if (exchange.transform) transform_body(exchange);
}

// The last thing before the answer leaves: `after` hooks, then the count.
void RoutingService::finish(RoutedExchange& exchange) {
  if (exchange.entered > 0) run_after(exchange);
  (*exchange.counters)[static_cast<unsigned>(exchange.response.status()) / 100]->add();
}

}  // namespace weir::routing
