// SPDX-License-Identifier: MIT
// Handlers that do not run inline: on the loop as coroutines, on workers, or waited for; and who stops them.
#include <weir/routing/routing_service.hpp>

#include <weir/http/problem.hpp>
#include <weir/loop/off_loop.hpp>
#include <weir/routing/http_error.hpp>

#include <memory>

namespace weir::routing {

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

namespace {

struct Decoding {
  detail::Decoder decoder;
  Context& context;
  std::unique_ptr<DecodedContent> content;
};

// The request is held still meanwhile: nobody else looks at it.
detail::CallRunner decode(Context* context, detail::Decoder decoder, std::unique_ptr<DecodedContent>* to,
                          AsyncCall* call) {
  try {
    Decoding decoding{decoder, *context, nullptr};
    co_await loop::off_loop(
        [](void* argument) {
          auto& work = *static_cast<Decoding*>(argument);
          work.content = work.decoder(work.context);
        },
        &decoding);
    *to = std::move(decoding.content);
  } catch (...) {
    call->fail();
  }
  call->end();
}

}  // namespace

// Then it is ready once more.
http::Service::Verdict RoutingService::start_decoding(RoutedExchange& exchange) {
  exchange.go_away();
  set_deadline(exchange);
  exchange.keep_peer();
  exchange.context.share();
  exchange.call.begin(LoopCall::Stage::kContent);
  decode(&exchange.context, exchange.context.route_->handler.decoder(), &exchange.context.decoded_, &exchange.call);
  if (!exchange.call.has_ended()) return Verdict::kPending;
  exchange.come_back();
  return answer(exchange);
}

namespace {

struct ContentDecoding {
  RoutedExchange& exchange;
  std::string content;
};

void decode_all(ContentDecoding& work) {
  const auto refusal = work.exchange.decoder->decode(work.exchange.request().body(), true, work.content);
  if (refusal) throw HttpError(refusal->status, std::string(refusal->detail));
}

detail::CallRunner decode_aside(RoutedExchange* exchange, AsyncCall* call) {
  try {
    ContentDecoding work{*exchange, {}};
    co_await loop::off_loop([](void* argument) { decode_all(*static_cast<ContentDecoding*>(argument)); }, &work);
    exchange->content_was_decoded(std::move(work.content));
  } catch (...) {
    call->fail();
  }
  call->end();
}

}  // namespace

// Then it is ready once more.
http::Service::Verdict RoutingService::start_decoding_content(RoutedExchange& exchange) {
  if (exchange.request().body().size() <= kCodedOnLoopBytes / 4) {  // it becomes longer
    try {
      ContentDecoding work{exchange, {}};
      decode_all(work);
      exchange.content_was_decoded(std::move(work.content));
    } catch (...) {
      answer_exception(exchange);
      return finish_answer(exchange);
    }
    return on_ready(exchange);
  }
  exchange.go_away();
  set_deadline(exchange);
  exchange.call.begin(LoopCall::Stage::kContent);
  decode_aside(&exchange, &exchange.call);
  if (!exchange.call.has_ended()) return Verdict::kPending;
  exchange.come_back();
  return answer(exchange);
}

http::Service::Verdict RoutingService::start_on_loop(RoutedExchange& exchange) {
  if (!has_room(exchange)) return finish_answer(exchange);
  exchange.go_away();
  if (exchange.deadline == base::TimePoint::max())
    set_deadline(exchange);  // else it has one since its content was read
  exchange.call.begin(LoopCall::Stage::kHandler);
  parts_.loop.activity().begin(exchange.lane->handler);
  exchange.context.route_->handler.start(exchange.context, exchange.call);
  parts_.loop.activity().end();
  if (!exchange.call.has_ended()) {
    count_in_flight(exchange, 1);  // what ends at once was never in flight for anyone else to see
    return Verdict::kPending;
  }
  if (exchange.is_stream_begun) {
    // The head is out: the rest goes the way of those that took longer.
    if (!exchange.call.is_failed()) exchange.complete_content();
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
  if (call.stage() == LoopCall::Stage::kContent) {
    if (exchange.is_claimed()) return exchange.release();
    if (exchange.lane->placement == Placement::kInline) exchange.deadline = base::TimePoint::max();
    return call.is_failed() ? answer_late(exchange) : exchange.resume_and_release(Verdict::kRead);
  }
  if (call.stage() == LoopCall::Stage::kAnswer) {
    if (call.is_failed()) {
      log_failure(exchange, "the content could not be coded");
      exchange.transform.reset();
      exchange.response = http::problem(500);
    }
    return exchange.resume_and_release(Verdict::kAnswered);
  }
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
    if (!call.is_failed()) exchange.complete_content();
    return exchange.resume_and_release(Verdict::kAnswered);
  }
  if (!call.is_answered()) return exchange.release();
  answer_late(exchange);
}

http::Service::Verdict RoutingService::submit(RoutedExchange& exchange) {
  const Lanes::Lane& lane = *exchange.lane;
  exchange.go_away();
  if (exchange.deadline == base::TimePoint::max()) set_deadline(exchange);
  exchange.keep_peer();
  exchange.context.share();
  exchange.pool_call = std::make_unique<PoolCall>(exchange, parts_.loop);
  PoolCall& call = *exchange.pool_call;
  call.deadline = exchange.deadline;
  if (lane.pool->try_submit(call, lane.source) == exec::Admission::kAdmitted) return Verdict::kPending;
  exchange.pool_call.reset();
  exchange.come_back();
  answer_busy(exchange, lane.pool->retry_after());
  return finish_answer(exchange);
}

void RoutingService::pool_call_ended(RoutedExchange& exchange) {
  PoolCall& call = *exchange.pool_call;
  if (!exchange.claim()) {
    if (call.ending() == exec::WorkItem::Ending::kRan) late_results_.add();
    return exchange.release();
  }
  if (call.ending() == exec::WorkItem::Ending::kDropped) {
    answer_unfinished(exchange);
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
  if (exchange.deadline == base::TimePoint::max()) {
    exchange.deadline =
        exchange.lane->timeout.count() > 0 ? clock.now() + exchange.lane->timeout : base::TimePoint::max();
  }
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
  finish_now(exchange);
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
  if (exchange.is_stream_begun && !exchange.is_transforming) exchange.write_content("retry: 1000\n\n");
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
  exchange.is_beginning_stream = true;
  finish(exchange);
  exchange.is_beginning_stream = false;
  if (exchange.transform) exchange.stream_length.reset();
  return exchange.begin_stream();
}

void RoutingService::cut_slow_reader(RoutedExchange& exchange) {
  slow_readers_.add();
  exchange.give_up_stream();
  throw loop::Cancelled();
}

// For a handler that was not begun or did not end: its time was up, or the service ends.
void RoutingService::answer_unfinished(RoutedExchange& exchange) {
  if (parts_.loop.clock().now() >= exchange.deadline) {
    exchange.response = http::problem(504, "The service did not answer in time.");
  } else {
    exchange.response = http::problem(503, "The service is stopping.");
    exchange.response.set_header("Retry-After", "1");
  }
}

}  // namespace weir::routing
