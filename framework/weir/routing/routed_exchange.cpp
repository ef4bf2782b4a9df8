// SPDX-License-Identifier: MIT
#include <weir/routing/routed_exchange.hpp>

#include <weir/exec/worker.hpp>
#include <weir/routing/route.hpp>
#include <weir/routing/routing_service.hpp>

namespace weir::routing {

// ---- LoopCall ----

LoopCall::LoopCall(RoutedExchange& exchange) : AsyncCall(exchange.stop), exchange_(exchange) {}

http::Response* LoopCall::take_answer() noexcept {
  // A hook does not answer yet, it only may.
  if (stage_ == Stage::kHook) return exchange_.is_claimed() ? nullptr : &exchange_.response;
  if (exchange_.is_stream_begun) return nullptr;
  is_answered_ = exchange_.claim();
  if (!is_answered_) exchange_.service.late_results_.add();
  return is_answered_ ? &exchange_.response : nullptr;
}

void LoopCall::fail() noexcept {
  is_failed_ = true;
  if (exchange_.is_stream_begun) {
    is_failed_ = exchange_.service.is_stream_broken(exchange_);
    return;
  }
  const bool has_right = stage_ != Stage::kHandler ? !exchange_.is_claimed() : is_answered_ || exchange_.claim();
  if (!has_right) return;
  is_answered_ = true;
  exchange_.service.answer_exception(exchange_);
}

void LoopCall::end() noexcept {
  has_ended_ = true;
  if (!is_starting_) exchange_.service.call_ended(exchange_);
}

// ---- DrivenCall ----

void DrivenCall::run(loop::Loop& loop, const Handler& handler, Context& context, http::Response& response) {
  response_ = &response;
  drive(loop, context.deadline(), [&] { handler.start(context, *this); });
  if (exception_) std::rethrow_exception(exception_);
}

// ---- PoolCall ----

void PoolCall::run(exec::Worker& worker) noexcept {
  const Route& route = *exchange_.context.route_;
  try {
    if (route.handler.is_async()) {
      driven_.run(worker.private_loop(), route.handler, exchange_.context, response);
    } else {
      route.handler(exchange_.context, response);
    }
  } catch (...) {
    exception = std::current_exception();
  }
}

void PoolCall::stop() {
  abandon();
  driven_.request_stop();
}

void PoolCall::on_loop() noexcept {
  exchange_.service.pool_call_ended(exchange_);
}

// ---- RoutedExchange ----

namespace {

loop::Task<void> write_to(RoutedExchange* exchange, std::string bytes) {
  const bool is_open = exchange->is_stream_begun || exchange->service.begin_stream(*exchange);
  const bool is_written = is_open && exchange->write_stream(bytes);
  if (!is_written) throw loop::Cancelled();
  while (exchange->unsent_bytes() > exchange->service.stream_pause_bytes()) co_await exchange->output_drained;
}

}  // namespace

RoutedExchange& RoutedExchange::of(Context& context) {
  return static_cast<RoutedExchange&>(context.exchange_);
}

loop::Task<void> RoutedExchange::write_piece(std::string bytes) {
  return write_to(this, std::move(bytes));
}

void RoutedExchange::reset() {
  if (entered > 0) destroy_states();
  context.reset();
  Exchange::reset();
}

void RoutedExchange::reset_detached() {
  is_event_stream = false;
  pool_call.reset();
  file_sender.reset();
  context.decoded_.reset();
  Exchange::reset_detached();
}

void RoutedExchange::destroy_states() {
  while (entered > 0) {
    const Chain::Link& link = chain->links[--entered];
    link.middleware.destroy_state(state_at(link.state_offset));
  }
  chain = nullptr;
}

const loop::Activity& hook_of(const RoutedExchange& exchange) {
  static constexpr loop::Activity kUnrouted{"-", "-", "hook", kHookRemedy};
  return exchange.lane != nullptr ? exchange.lane->hook : kUnrouted;
}

}  // namespace weir::routing
