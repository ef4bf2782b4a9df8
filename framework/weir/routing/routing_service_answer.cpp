// SPDX-License-Identifier: MIT
// The hooks around an answer, and the answers to exceptions.
#include <weir/http/client/client_error.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/off_loop.hpp>
#include <weir/loop/waiter.hpp>
#include <weir/loop/with_timeout.hpp>
#include <weir/routing/failures.hpp>
#include <weir/routing/http_error.hpp>
#include <weir/routing/routing_service.hpp>

namespace weir::routing {
namespace {

http::Response answer_to_failed_call(http::ClientErrorCode code) {
  switch (code) {
    case http::ClientErrorCode::kTimeout:
      return http::problem(504, "A service behind this one did not answer in time.");
    case http::ClientErrorCode::kCircuitOpen:
      return http::problem(503, "A service behind this one is down, and is not asked for the moment.");
    default:
      return http::problem(502, "A service behind this one did not answer.");
  }
}

}  // namespace

// Where one throws, the hooks outside of it see the answer to that.
void RoutingService::run_after(RoutedExchange& exchange) {
  const loop::ActivityScope scope(parts_.loop.activity(), hook_of(exchange));
  const Chain::Link* const first = exchange.chain->links.data();
  for (const Chain::Link* link = first + exchange.entered; link != first;) {
    --link;
    try {
      link->middleware.after(exchange.state_at(link->state_offset), exchange.context, exchange.response);
    } catch (...) {
      answer_exception(exchange);
    }
  }
  if (exchange.response.is_file() && !exchange.file_sender) {
    log_failure(exchange, "an `after` hook answered with a file");
    exchange.response = http::problem(500);
  }
  const bool is_replaced = exchange.transform && !exchange.context.is_content_transformed();
  if (is_replaced) exchange.transform.reset();
}

// ---- content that becomes other content ----

void RoutingService::transform_body(RoutedExchange& exchange) noexcept {
  try {
    std::string out;
    exchange.transform->write(exchange.response.body(), out);
    exchange.transform->finish(out);
    exchange.response.body(std::move(out));
  } catch (...) {
    answer_exception(exchange);
  }
  exchange.transform.reset();
}

namespace {

// The answer is held still meanwhile: who has the right to answer has answered.
detail::CallRunner transform_aside(RoutedExchange* exchange, AsyncCall* call) {
  struct Work {
    RoutedExchange& exchange;
    std::string out;
  };
  try {
    Work work{*exchange, {}};
    co_await loop::off_loop(
        [](void* argument) {
          auto& job = *static_cast<Work*>(argument);
          job.exchange.transform->write(job.exchange.response.body(), job.out);
          job.exchange.transform->finish(job.out);
        },
        &work);
    exchange->response.body(std::move(work.out));
    exchange->transform.reset();
  } catch (...) {
    call->fail();
  }
  call->end();
}

}  // namespace

http::Service::Verdict RoutingService::transform_answer(RoutedExchange& exchange) {
  if (exchange.response.body().size() <= kCodedOnLoopBytes) {
    transform_body(exchange);
    return Verdict::kAnswered;
  }
  const bool was_away = exchange.is_pending();
  if (!was_away) exchange.go_away();
  static_cast<void>(exchange.claim());  // a deadline comes too late
  exchange.deadline = base::TimePoint::max();
  exchange.call.begin(LoopCall::Stage::kAnswer);
  transform_aside(&exchange, &exchange.call);
  if (!exchange.call.has_ended()) return Verdict::kPending;
  exchange.transform.reset();  // it did not even begin
  exchange.response = http::problem(500);
  if (!was_away) exchange.come_back();
  return Verdict::kAnswered;
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
  if (exchange.transform) exchange.transform.reset();  // of an answer that it is not any more
  try {
    throw;
  } catch (const InvalidRequest& error) {
    exchange.response = problem_of(error);
    return;
  } catch (const HttpError& error) {
    const int status = error.status();
    if (status >= 400 && status <= 599) {
      exchange.response = http::problem(status, error.what());
      return;
    }
    log_failure(exchange, error.what());
  } catch (const loop::Cancelled&) {
    return answer_unfinished(exchange);
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
    return exchange.is_stream_given_up() || !exchange.is_event_stream;
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
    exchange.response = answer_to_failed_call(failed->code());
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
