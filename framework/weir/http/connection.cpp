// SPDX-License-Identifier: MIT
#include <weir/http/connection.hpp>

#include <weir/base/check.hpp>
#include <weir/base/inline.hpp>
#include <weir/http/problem.hpp>
#include <weir/http/status.hpp>

#include <algorithm>
#include <iterator>

namespace weir::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr Refusal kHandlerTimedOut{504, "handler-timeout", "The service did not answer in time."};
constexpr Refusal kTimedOut{408, "request-timeout", "The request did not arrive in time."};
constexpr Refusal kCutShort{400, "incomplete-request", "The request ended before it was complete."};
constexpr Refusal kNoRoom{503, "connections", "The server has no room for more connections."};

}  // namespace

Connection::Connection(ConnectionSet& set, std::unique_ptr<net::Transport> transport, bool is_admitted)
    : Timer(set.parts_.loop.timers()), set_(set), transport_(std::move(transport)), is_admitted_(is_admitted) {
  transport_->set_events(*this);
}

Connection::~Connection() = default;

void Connection::start() {
  begin_event();
  since_ = now();
  transport_->start_reading();
  arm_deadline();
  set_.active_ = nullptr;
}

void Connection::refuse() {
  begin_event();
  since_ = now();
  transport_->start_reading();
  begin_exchange();
  cut_request(kNoRoom);
  settle();
}

bool Connection::is_idle() const {
  return state_ == State::kOpen && !exchange_ && !unparsed_ && queued_bytes_ == 0;
}

void Connection::begin_drain() {
  if (exchange_ && exchange_->is_away) return set_.parts_.service.on_drain(*exchange_);
  if (!is_idle()) return;
  begin_event();
  since_ = now();
  arm_deadline();
  set_.active_ = nullptr;
}

bool Connection::abort(std::string_view reason) {
  const bool is_cut = (exchange_ && !exchange_->is_answered) || done_ || transport_->queued_bytes() > 0;
  state_ = State::kClosed;
  if (exchange_ && ends_content_by_close()) transport_->reset_on_close();
  if (exchange_ && exchange_->is_answered) finish_exchange();
  finish_done(reason);
  if (exchange_ && std::exchange(exchange_->wants_done, false)) {
    const bool is_answered = exchange_->is_stream_begun;
    set_.parts_.service.on_done(*exchange_,
                                {.bytes = exchange_->stream_bytes, .reason = reason, .is_answered = is_answered});
  }
  return is_cut;
}

// ---- events ----

WEIR_HOT_INLINE void Connection::begin_event() {
  WEIR_DCHECK(set_.parts_.loop.in_loop_thread());
  set_.active_ = this;
  set_.now_ = set_.parts_.loop.now();
  set_.date_line_.update(set_.now_);
}

void Connection::on_read(std::span<char> bytes) noexcept {
  begin_event();
  if (state_ == State::kLingering || state_ == State::kClosing) {
    lingers_ = true;
    dropped_bytes_ += bytes.size();
    if (state_ == State::kLingering && dropped_bytes_ > limits().linger_bytes) state_ = State::kClosed;
    settle();
    return;
  }
  if (now() - touched_ >= std::chrono::seconds(1)) set_.move_last(*this);
  if (unparsed_ || is_handler_awaited()) {
    keep_unparsed(bytes);
  } else {
    consume(bytes);
  }
  if (settle() && has_new_body_) tell_reader();
}

void Connection::on_end_of_input() noexcept {
  begin_event();
  is_input_ended_ = true;
  if (state_ == State::kLingering) {
    state_ = State::kClosed;
  } else if (state_ == State::kOpen) {
    end_input();
  }
  settle();
}

// No more bytes will come; what was read before is still to be worked on.
void Connection::end_input() {
  if (is_handler_awaited()) return probe();
  if (unparsed_) return;
  if (exchange_ && exchange_->parser.has_begun() && !exchange_->is_answered) {
    cut_request(kCutShort);
  } else {
    close_after_output(false);
  }
}

void Connection::on_fin_ahead() noexcept {
  begin_event();
  if (state_ == State::kOpen && is_handler_awaited()) probe();
  settle();
}

void Connection::on_broken(const base::Error&) noexcept {
  begin_event();
  abort("disconnected");
  settle();
}

void Connection::on_write_progress(bool is_drained) noexcept {
  begin_event();
  is_write_timed_ = false;
  count_queued();
  if (is_drained) is_output_full_ = false;
  if (go_on_behind()) tell_writer();
}

void Connection::on_expiry() noexcept {
  begin_event();
  if (state_ == State::kLingering) {
    state_ = State::kClosed;
  } else if (queued_bytes_ > 0 && now() >= write_deadline_) {
    const bool is_stalled = sent_bytes() == sent_bytes_seen_;
    is_write_timed_ = false;
    if (is_stalled) {
      set_.count_rejected("write-timeout");
      abort("write-timeout");
    }
  } else if (exchange_ && exchange_->is_away) {
    const bool is_late = now() >= exchange_->deadline;
    const bool is_body_due = !is_handler_awaited() && !is_reading_paused_;
    if (is_late || (is_body_due && now() >= body_deadline())) {
      cut_request(is_late ? kHandlerTimedOut : kTimedOut);
      go_on_behind();
      return;
    }  // else a deadline that was taken back
  } else if (queued_bytes_ > 0) {
    // An earlier deadline has gone meanwhile.
  } else if (exchange_ && exchange_->is_answered) {
    abort("body-timeout");  // the answer is long out; only its unwanted content is late
  } else if (exchange_ && exchange_->parser.has_begun()) {
    cut_request(kTimedOut);
  } else {
    // Idle, or connected without a byte: nothing to answer. While draining the peer gets a FIN and may still read.
    close_after_output(set_.is_draining());
  }
  settle();
}

// ---- requests ----

WEIR_HOT_INLINE void Connection::consume(std::span<const char> bytes) {
  std::uint64_t unsent = 0;
  while (!bytes.empty() && state_ == State::kOpen) {
    // Between requests only: what a request has of these bytes, its head may still point to.
    if (!exchange_ || !exchange_->is_begun) {
      if (is_output_full_) return keep_unparsed(bytes);
      begin_exchange();
    }
    const RequestParser::Progress progress = exchange_->parser.parse(bytes);
    bytes = bytes.subspan(progress.consumed);
    switch (progress.step) {
      case RequestParser::Step::kNeedMore:
        exchange_->last_input = now();
        if (exchange_->parser.is_head_complete()) take_content();
        break;
      case RequestParser::Step::kHead:
        on_head();
        if (is_handler_awaited()) return keep_unparsed(bytes);
        break;
      case RequestParser::Step::kComplete:
        has_more_input_ = !bytes.empty();
        on_complete();
        if (is_handler_awaited()) return keep_unparsed(bytes);
        if (++unsent >= limits().pipelined_requests) {
          unsent = 0;
          flush();
        }
        break;
      case RequestParser::Step::kRefused:
        on_refused();
        break;
    }
    if (set_.output_.size() >= limits().output_pause_bytes) flush();
  }
  // What follows a final answer is dropped, but it is there: a plain close would reset it (RFC 9112 section 9.6).
  if (!bytes.empty() && state_ == State::kClosing) lingers_ = true;
}

WEIR_HOT_INLINE void Connection::begin_exchange() {
  if (!exchange_) {
    exchange_ = set_.take_exchange();
    exchange_->transport = transport_.get();
    exchange_->connection_ = this;
  }
  exchange_->is_begun = true;
  exchange_->head_started = is_first_ ? since_ : now();
}

void Connection::on_head() {
  exchange_->body_started = exchange_->last_input = now();
  go_on_from_head(set_.parts_.service.on_head(*exchange_));
}

// There is content, and the service has said what to do with it.
void Connection::go_on_from_head(Service::Verdict verdict) {
  Exchange& exchange = *exchange_;
  RequestParser& parser = exchange.parser;
  if (verdict == Service::Verdict::kPending) {
    exchange.is_at_head_ = true;
    return;
  }
  const bool is_answered = verdict == Service::Verdict::kAnswered;
  // What is only dropped may be as long as anything that this resource would take.
  const std::uint64_t dropped_max = std::max(limits().body_bytes, exchange.body_limit);
  const bool is_within_limit = parser.set_body_limit(is_answered ? dropped_max : exchange.body_limit);
  if (is_answered) return answer_before_content(is_within_limit);
  if (!is_within_limit) {
    set_.count_rejected(parser.refusal().reason);
    set_.parts_.service.on_refused(exchange, parser.refusal());
    send_response(false);
    lingers_ = true;
    return;
  }
  if (parser.is_body_at_hand()) [[likely]]
    return read_content(verdict);
  if (!set_.gate_.is_open()) return wait_at_gate(verdict);
  const bool is_long = parser.announced_bytes().value_or(0) > limits().spool_bytes;
  if (is_long && verdict == Service::Verdict::kRead) begin_spool();
  read_content(verdict);
}

void Connection::read_content(Service::Verdict verdict) {
  Exchange& exchange = *exchange_;
  RequestParser& parser = exchange.parser;
  if (parser.expects_continue()) {
    set_.output_.append(kContinue);
    output_bytes_ += kContinue.size();
  }
  if (verdict == Service::Verdict::kStream) {
    exchange.is_body_streamed = true;
    parser.stream_body();
    start_handler();
  }
}

// The content is read and dropped, so that the connection can go on; unless the client waits with it.
void Connection::answer_before_content(bool is_within_limit) {
  RequestParser& parser = exchange_->parser;
  const bool keeps_alive = is_within_limit && !parser.expects_continue() && parser.wants_keep_alive();
  exchange_->is_answered = true;
  parser.discard_body();
  send_response(keeps_alive);
  if (!keeps_alive) lingers_ = true;
}

WEIR_HOT_INLINE void Connection::on_complete() {
  Exchange& exchange = *exchange_;
  if (exchange.is_answered) return finish_exchange();
  if (exchange.is_body_streamed) {
    exchange.is_body_complete = has_new_body_ = true;
    return;
  }
  if (exchange.spool) [[unlikely]]
    return complete_spool();
  if (exchange.parser.has_body()) return start_handler();
  const Service::Verdict verdict = set_.parts_.service.on_head(exchange);
  if (verdict == Service::Verdict::kRead) [[likely]]
    return start_handler();
  if (verdict == Service::Verdict::kPending) {
    exchange.is_at_head_ = true;
  } else {
    go_on_without_content(verdict);
  }
}

void Connection::go_on_without_content(Service::Verdict verdict) {
  if (verdict == Service::Verdict::kAnswered) return send_response(exchange_->parser.wants_keep_alive());
  if (verdict == Service::Verdict::kStream) exchange_->is_body_streamed = exchange_->is_body_complete = true;
  start_handler();
}

WEIR_HOT_INLINE void Connection::start_handler() {
  if (set_.parts_.service.on_ready(*exchange_) == Service::Verdict::kAnswered) return send_own_answer();
  exchange_->parser.drop_head_state();
  if (is_input_ended_) probe();
}

// Of a handler, in time or late. It may not have waited for the end of the content that it was given piece by piece.
WEIR_HOT_INLINE void Connection::send_own_answer() {
  if (exchange_->is_body_streamed && !exchange_->is_body_complete) return answer_before_content(false);
  send_response(exchange_->parser.wants_keep_alive());
}

void Connection::on_refused() {
  const Refusal& refusal = exchange_->parser.refusal();
  if (!exchange_->parser.is_head_complete() || exchange_->is_away) return cut_request(refusal);
  // The head was fine and its hooks were entered: they see this answer, too.
  set_.report_refusal(refusal, *transport_);
  if (exchange_->is_answered) return close_after_output(true);
  set_.parts_.service.on_refused(*exchange_, refusal);
  send_response(false);
  lingers_ = true;
}

// Answers in the handler's place, or where no route was reached.
void Connection::cut_request(const Refusal& refusal) {
  Service& service = set_.parts_.service;
  Exchange& exchange = *exchange_;
  if (exchange.is_away) {
    if (exchange.is_resume_due_) return;  // answered in this very turn
    set_.report_refusal(refusal, *transport_);
    if (!service.on_cut(exchange, refusal)) {
      abort(refusal.reason);
      return;
    }
    exchange.is_away = false;
    is_probed_ = false;
    has_more_input_ = unparsed_ != nullptr;
    // A request that is complete does no harm to the next one: only its handler is late.
    const bool is_complete = exchange.parser.is_complete();
    send_response(is_complete && exchange.parser.wants_keep_alive());
    if (!is_complete) lingers_ = true;
    return;
  }
  set_.report_refusal(refusal, *transport_);
  if (exchange.parser.is_head_complete()) {
    service.on_refused(exchange, refusal);  // its hooks were entered: they see this answer, too
  } else {
    exchange.response = problem(refusal.status, refusal.detail);
    if (refusal.status == 503) exchange.response.set_header("Retry-After", "1");
    exchange.wants_done = false;
  }
  send_response(false);
  lingers_ = true;
}

WEIR_HOT_INLINE void Connection::send_response(bool keeps_alive) {
  Exchange& exchange = *exchange_;
  const Request& request = exchange.request();
  if (keeps_alive && set_.is_draining() && !has_more_input_) {
    keeps_alive = false;
    lingers_ = true;  // the client did not ask for the close: its next request may be under way
  }
  const bool is_head = exchange.parser.is_head_request();
  const std::size_t size_before = set_.output_.size();
  const std::string_view large_body = append_response(set_.output_, exchange.response,
                                                      {set_.date_line_, request.minor_version(), is_head, keeps_alive});
  output_bytes_ += set_.output_.size() - size_before + large_body.size();
  exchange.output_end = output_bytes_;
  if (!large_body.empty()) flush(large_body);
  if (!keeps_alive) close_after_output(false);
  const bool is_content_still_read = exchange.is_answered && state_ == State::kOpen;
  if (!is_content_still_read) finish_exchange();
}

WEIR_HOT_INLINE void Connection::finish_exchange() {
  is_first_ = false;
  if (exchange_->wants_done) {
    if (exchange_->is_held_) exchange_->keep_peer();
    exchange_->connection_ = nullptr;
    set_.done_.push_back(std::move(exchange_));
  } else if (exchange_->is_held_) {
    exchange_->leave_connection();
    set_.recycle(std::move(exchange_));  // its handler has not ended
  } else {
    exchange_->reset();  // for the next request of this batch; settle gives it back
  }
}

}  // namespace weir::http
