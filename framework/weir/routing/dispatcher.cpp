// SPDX-License-Identifier: MIT
#include <weir/routing/dispatcher.hpp>

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

void RoutedExchange::reset() {
  if (entered > 0) destroy_states();
  context.reset();
  Exchange::reset();
}

void RoutedExchange::destroy_states() {
  while (entered > 0) {
    const Chain::Link& link = chain->links[--entered];
    link.middleware.destroy_state(state_at(link.state_offset));
  }
  chain = nullptr;
}

Dispatcher::Dispatcher(Parts parts) : parts_(std::move(parts)) {
  for (const Route& route : parts_.routes->all()) {
    route_counters_.push_back(make_counters(parts_.metrics, to_string(route.method), route.pattern.text));
  }
  unrouted_counters_ = make_counters(parts_.metrics, "", "");
}

std::unique_ptr<http::Exchange> Dispatcher::make_exchange(const http::Limits& limits) {
  auto exchange = std::make_unique<RoutedExchange>(limits);
  exchange->context.clock_ = &parts_.clock;
  exchange->context.log_ = &parts_.log;
  return exchange;
}

http::Service::Verdict Dispatcher::on_head(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  Context& context = exchange.context;
  const http::Request& request = exchange.request();
  const auto segments = request.segments();
  const auto found = parts_.routes->router().find(segments, request.method());
  exchange.counters = &unrouted_counters_;
  if (found) {
    const Route& route = parts_.routes->at(*found);
    context.route_ = &route;
    exchange.counters = &route_counters_[*found];
    if (exchange.parser.has_body()) exchange.body_limit = route.body_limit.value_or(parts_.limits.body_bytes);
  }
  const Chain& chain = found ? context.route_->chain : parts_.routes->chain_for(segments);
  if (!chain.links.empty()) {
    enter_chain(exchange, chain);
    if (run_before(exchange)) {
      finish(exchange);
      return Verdict::kAnswered;
    }
  }
  if (found && !has_slash_in_rest(*context.route_, segments)) return Verdict::kRead;
  answer_unrouted(exchange);
  finish(exchange);
  return Verdict::kAnswered;
}

void Dispatcher::enter_chain(RoutedExchange& exchange, const Chain& chain) {
  exchange.chain = &chain;
  exchange.wants_done = chain.has_done;
  const std::size_t cells = chain.state_bytes / sizeof(StateCell);
  if (exchange.states.size() < cells) exchange.states.resize(cells);
}

// Whether a hook answered in the handler's place.
bool Dispatcher::run_before(RoutedExchange& exchange) {
  try {
    for (const Chain::Link& link : exchange.chain->links) {
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

void Dispatcher::answer_unrouted(RoutedExchange& exchange) {
  const http::Request& request = exchange.request();
  http::Response& response = exchange.response;
  if (exchange.context.route_ != nullptr) {
    response = http::problem(400, "The request target is malformed.");
    return;
  }
  const bool is_asterisk = request.raw_path() == "*";
  const std::string allowed = is_asterisk ? std::string("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
                                          : parts_.routes->router().allowed_methods(exchange.request().segments());
  if (allowed.empty()) {
    response = http::problem(404);
  } else {
    const bool is_options = request.method() == http::Method::kOptions;
    response = is_options ? http::Response::no_content() : http::problem(405);
    response.set_header("Allow", allowed);
  }
}

void Dispatcher::on_complete(http::Exchange& http_exchange) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  try {
    exchange.context.route_->handler(exchange.context, exchange.response);
  } catch (...) {
    answer_exception(exchange);
  }
  finish(exchange);
}

void Dispatcher::on_refused(http::Exchange& http_exchange, const http::Refusal& refusal) noexcept {
  RoutedExchange& exchange = routed(http_exchange);
  exchange.response = http::problem(refusal.status, refusal.detail);
  finish(exchange);
}

// The last thing before the answer leaves: `after` hooks, then the count.
WEIR_HOT_INLINE void Dispatcher::finish(RoutedExchange& exchange) {
  if (exchange.entered > 0) run_after(exchange);
  (*exchange.counters)[static_cast<std::size_t>(exchange.response.status()) / 100]->add();
}

// Where one throws, the hooks outside of it see the answer to that.
void Dispatcher::run_after(RoutedExchange& exchange) {
  for (std::size_t i = exchange.entered; i-- > 0;) {
    const Chain::Link& link = exchange.chain->links[i];
    try {
      link.middleware.after(exchange.state_at(link.state_offset), exchange.context, exchange.response);
    } catch (...) {
      answer_exception(exchange);
    }
  }
}

void Dispatcher::on_done(http::Exchange& http_exchange, const http::Outcome& outcome) noexcept {
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

// Called in a catch block.
void Dispatcher::answer_exception(RoutedExchange& exchange) noexcept {
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
  } catch (const std::exception& error) {
    if (map_error(exchange, error)) return;
    log_failure(exchange, error.what());
  } catch (...) {
    log_failure(exchange, "an exception that is no std::exception");
  }
  exchange.response = http::problem(500);
}

bool Dispatcher::map_error(RoutedExchange& exchange, const std::exception& error) {
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

void Dispatcher::log_failure(const RoutedExchange& exchange, std::string_view what) {
  parts_.log.error("request.failed", {{"request_id", exchange.context.request_id()},
                                      {"method", to_string(exchange.request().method())},
                                      {"route", exchange.context.route()},
                                      {"error", what}});
}

}  // namespace weir::routing
