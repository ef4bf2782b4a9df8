// SPDX-License-Identifier: MIT
#include <weir/routing/routed_exchange.hpp>

#include <weir/exec/worker.hpp>
#include <weir/loop/off_loop.hpp>
#include <weir/routing/http_error.hpp>
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

// One piece of work on another thread, at a time.
struct Transforming {
  http::BodyTransform& transform;
  std::string_view in;
  std::string out;
};

// Holds however the work ends.
class Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { flag_ = false; }

 private:
  bool& flag_;
};

struct Decoding {
  http::ContentDecoder& decoder;
  std::string_view in;
  bool is_last;
  std::string out;
  std::optional<http::Refusal> refusal;
};

// Of content that has been refused: whoever reads on is told so again.
class RefusedContent final : public http::ContentDecoder {
 public:
  explicit RefusedContent(http::Refusal refusal) : refusal_(refusal) {}
  std::optional<http::Refusal> decode(std::string_view, bool, std::string&) override { return refusal_; }

 private:
  http::Refusal refusal_;
};

loop::Task<void> write_to(RoutedExchange* exchange, std::string bytes) {
  const bool is_open = exchange->is_stream_begun || exchange->service.begin_stream(*exchange);
  if (!is_open) throw loop::Cancelled();
  bool is_written = false;
  if (exchange->transform && bytes.size() > kCodedOnLoopBytes) {
    Transforming work{*exchange->transform, bytes, {}};
    const Busy busy(exchange->is_transforming);
    bool is_stopped = false;
    try {
      co_await loop::off_loop(
          [](void* argument) {
            auto& piece = *static_cast<Transforming*>(argument);
            piece.transform.write(piece.in, piece.out);
            piece.transform.flush(piece.out);
          },
          &work);
    } catch (const loop::Cancelled&) {
      is_stopped = true;  // events end well when they are stopped: with all that the transform has let go of
    }
    is_written = exchange->write_stream(work.out) && !is_stopped;
  } else {
    is_written = exchange->write_content(bytes);
  }
  if (!is_written) throw loop::Cancelled();
  while (exchange->unsent_bytes() > exchange->service.stream_pause_bytes()) co_await exchange->output_drained;
}

// The next of a content that is read in pieces, decoded; nullopt at its end.
loop::Task<std::optional<std::string>> read_from(RoutedExchange* exchange) {
  while (true) {
    std::string bytes = exchange->take_body();
    const bool is_last = exchange->is_body_complete;
    if (bytes.empty() && !is_last) {
      co_await exchange->body_arrived;
    } else if (!exchange->decoder) {
      if (bytes.empty()) co_return std::nullopt;
      co_return std::move(bytes);
    } else {
      Decoding work{*exchange->decoder, bytes, is_last, {}, std::nullopt};
      co_await loop::off_loop(
          [](void* argument) {
            auto& piece = *static_cast<Decoding*>(argument);
            piece.refusal = piece.decoder.decode(piece.in, piece.is_last, piece.out);
          },
          &work);
      if (work.refusal) {
        exchange->decoder = std::make_unique<RefusedContent>(*work.refusal);
        throw HttpError(work.refusal->status, std::string(work.refusal->detail));
      }
      if (is_last) exchange->decoder.reset();
      if (!work.out.empty()) co_return std::move(work.out);
    }
  }
}

}  // namespace

RoutedExchange& RoutedExchange::of(Context& context) {
  return static_cast<RoutedExchange&>(context.exchange_);
}

loop::Task<void> RoutedExchange::write_piece(std::string bytes) {
  return write_to(this, std::move(bytes));
}

loop::Task<std::optional<std::string>> RoutedExchange::read_piece() {
  return read_from(this);
}

bool RoutedExchange::write_content(std::string_view bytes) noexcept {
  if (!transform) return write_stream(bytes);
  std::string out;
  try {
    transform->write(bytes, out);
    transform->flush(out);
  } catch (...) {
    service.log_stream_failure(*this);
    return false;
  }
  return write_stream(out);
}

void RoutedExchange::complete_content() noexcept {
  if (transform) {
    try {
      std::string out;
      transform->finish(out);
      write_stream(out);
    } catch (...) {
      return service.log_stream_failure(*this);  // an end that is missing is not taken for the whole
    }
    transform.reset();
  }
  complete_stream();
}

void RoutedExchange::reset() {
  if (chain != nullptr) destroy_states();
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
  if (chain->has_destructors) {
    for (std::size_t i = entered; i-- > 0;) {
      const Chain::Link& link = chain->links[i];
      link.middleware.destroy_state(state_at(link.state_offset));
    }
  }
  entered = 0;
  chain = nullptr;
  if (!has_coding) return;
  has_coding = false;
  transform.reset();
  decoder.reset();
}

}  // namespace weir::routing
