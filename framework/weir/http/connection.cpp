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
}

void Connection::refuse() {
  begin_event();
  since_ = now();
  transport_->start_reading();
  begin_exchange();
  refuse_request(kNoRoom);
  settle();
}

bool Connection::is_idle() const {
  return state_ == State::kOpen && !exchange_ && !unparsed_ && queued_bytes_ == 0;
}

void Connection::begin_drain() {
  if (!is_idle()) return;
  begin_event();
  since_ = now();
  arm_deadline();
}

bool Connection::abort(std::string_view reason) {
  const bool is_cut = (exchange_ && !exchange_->is_answered) || done_ || transport_->queued_bytes() > 0;
  state_ = State::kClosed;
  if (exchange_ && exchange_->is_answered) finish_exchange();
  finish_done(reason);
  if (exchange_ && std::exchange(exchange_->wants_done, false)) {
    set_.parts_.service.on_done(*exchange_, {.bytes = 0, .reason = reason, .is_answered = false});
  }
  return is_cut;
}

// ---- events ----

WEIR_HOT_INLINE void Connection::begin_event() {
  WEIR_DCHECK(set_.parts_.loop.in_loop_thread());
  set_.now_ = set_.parts_.loop.now();
  set_.date_line_.update(set_.now_);
}

void Connection::on_read(std::span<char> bytes) noexcept {
  begin_event();
  if (state_ == State::kLingering || state_ == State::kClosing) {
    lingers_ = true;
    dropped_bytes_ += bytes.size();
    if (state_ == State::kLingering && dropped_bytes_ > limits().linger_bytes) state_ = State::kClosed;
    return settle();
  }
  if (now() - touched_ >= std::chrono::seconds(1)) set_.move_last(*this);
  consume(bytes);
  settle();
}

void Connection::on_end_of_input() noexcept {
  begin_event();
  is_input_ended_ = true;
  if (state_ == State::kLingering) {
    state_ = State::kClosed;
  } else if (state_ == State::kOpen) {
    if (exchange_ && exchange_->parser.has_begun() && !exchange_->is_answered) {
      refuse_request(kCutShort);
    } else {
      close_after_output(false);
    }
  }
  settle();
}

void Connection::on_broken(const base::Error&) noexcept {
  begin_event();
  abort("disconnected");
  settle();
}

void Connection::on_write_progress(bool is_drained) noexcept {
  begin_event();
  std::unique_ptr<std::string> rest;  // outlives settle: the requests in it still point there
  is_write_timed_ = false;
  count_queued();
  if (!is_drained) return settle();
  if (state_ == State::kOpen && is_reading_paused_) {
    is_reading_paused_ = false;
    rest = std::exchange(unparsed_, nullptr);
    if (rest) consume({rest->data(), rest->size()});
    if (state_ == State::kOpen && !is_reading_paused_) transport_->start_reading();
  }
  settle();
}

void Connection::on_expiry() noexcept {
  begin_event();
  if (state_ == State::kLingering) {
    state_ = State::kClosed;
  } else if (transport_->queued_bytes() > 0) {
    const bool is_stalled = sent_bytes() == sent_bytes_seen_;
    is_write_timed_ = false;
    if (is_stalled) {
      set_.count_rejected("write-timeout");
      abort("write-timeout");
    }
  } else if (exchange_ && exchange_->is_answered) {
    abort("body-timeout");  // the answer is long out; only its unwanted content is late
  } else if (exchange_ && exchange_->parser.has_begun()) {
    refuse_request(kTimedOut);
  } else {
    // Idle, or connected without a byte: nothing to answer. While draining the peer gets a FIN and may still read.
    close_after_output(set_.is_draining());
  }
  settle();
}

// ---- requests ----

void Connection::consume(std::span<const char> bytes) {
  std::uint64_t unsent = 0;
  while (!bytes.empty() && state_ == State::kOpen) {
    // Between requests only: what a request has of these bytes, its head may still point to.
    if (is_reading_paused_ && (!exchange_ || !exchange_->is_begun)) {
      unparsed_ = std::make_unique<std::string>(bytes.data(), bytes.size());
      return;
    }
    if (!exchange_ || !exchange_->is_begun) begin_exchange();
    const RequestParser::Progress progress = exchange_->parser.parse(bytes);
    bytes = bytes.subspan(progress.consumed);
    switch (progress.step) {
      case RequestParser::Step::kNeedMore:
        exchange_->last_input = now();
        break;
      case RequestParser::Step::kHead:
        on_head();
        break;
      case RequestParser::Step::kComplete:
        has_more_input_ = !bytes.empty();
        on_complete();
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
  }
  exchange_->is_begun = true;
  exchange_->head_started = is_first_ ? since_ : now();
}

void Connection::on_head() {
  Exchange& exchange = *exchange_;
  RequestParser& parser = exchange.parser;
  exchange.body_started = exchange.last_input = now();
  const bool is_answered = set_.parts_.service.on_head(exchange) == Service::Verdict::kAnswered;
  const bool is_within_limit = parser.set_body_limit(is_answered ? limits().body_bytes : exchange.body_limit);
  if (is_answered) {
    // The content is read and dropped, so that the connection can go on; unless the client waits with it.
    const bool keeps_alive = is_within_limit && !parser.expects_continue() && parser.wants_keep_alive();
    exchange.is_answered = true;
    parser.discard_body();
    send_response(keeps_alive);
    if (!keeps_alive) lingers_ = true;
  } else if (!is_within_limit) {
    set_.count_rejected(parser.refusal().reason);
    set_.parts_.service.on_refused(exchange, parser.refusal());
    send_response(false);
    lingers_ = true;
  } else if (parser.expects_continue()) {
    set_.output_.append(kContinue);
    output_bytes_ += kContinue.size();
  }
}

WEIR_HOT_INLINE void Connection::on_complete() {
  Exchange& exchange = *exchange_;
  if (exchange.is_answered) return finish_exchange();
  Service& service = set_.parts_.service;
  if (exchange.parser.has_body() || service.on_head(exchange) == Service::Verdict::kRead) service.on_complete(exchange);
  send_response(exchange.parser.wants_keep_alive());
}

void Connection::on_refused() {
  const Refusal& refusal = exchange_->parser.refusal();
  if (!exchange_->parser.is_head_complete()) return refuse_request(refusal);
  // The head was fine and its hooks were entered: they see this answer, too.
  set_.report_refusal(refusal, *transport_);
  if (exchange_->is_answered) return close_after_output(true);
  set_.parts_.service.on_refused(*exchange_, refusal);
  send_response(false);
  lingers_ = true;
}

// For what went wrong outside of a parse call, or never reached a route.
void Connection::refuse_request(const Refusal& refusal) {
  set_.report_refusal(refusal, *transport_);
  if (exchange_->parser.is_head_complete()) {
    set_.parts_.service.on_refused(*exchange_, refusal);  // its hooks were entered: they see this answer, too
  } else {
    exchange_->response = problem(refusal.status, refusal.detail);
    if (refusal.status == 503) exchange_->response.set_header("Retry-After", "1");
    exchange_->wants_done = false;
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
    set_.done_.push_back(std::move(exchange_));
  } else {
    exchange_->reset();  // for the next request of this batch; settle gives it back
  }
}

// ---- output and closing ----

WEIR_HOT_INLINE void Connection::flush(std::string_view large_body) {
  OutputBuffer& out = set_.output_;
  const std::size_t total = out.size() + large_body.size();
  if (total == 0) return;
  const std::size_t sent = queued_bytes_ == 0 ? transport_->try_write(out.view(), large_body) : 0;
  if (sent < total) queue_rest(sent, large_body);
  out.clear();
}

void Connection::queue_rest(std::size_t sent, std::string_view large_body) {
  const std::string_view head = set_.output_.view();
  const std::size_t head_sent = std::min(sent, head.size());
  std::string rest(head.substr(head_sent));
  rest.append(large_body.substr(sent - head_sent));
  transport_->write(std::move(rest));
  count_queued();
  // Each answer that waits for `done` holds its request, too: their number is bounded like their bytes.
  const std::size_t waiting = set_.done_.size() + (done_ ? done_->size() : 0);
  const bool is_full = queued_bytes_ > limits().output_pause_bytes || waiting > limits().pipelined_requests;
  if (is_full && !std::exchange(is_reading_paused_, true)) transport_->stop_reading();
}

void Connection::count_queued() {
  const std::uint64_t queued = transport_->queued_bytes();
  set_.output_bytes_.add(static_cast<std::int64_t>(queued) - static_cast<std::int64_t>(queued_bytes_));
  queued_bytes_ = queued;
}

// Tells the service of the responses that are out, or will never be; in order.
void Connection::finish_done(std::string_view cut_reason) {
  if (!set_.done_.empty()) {
    if (!done_) done_ = std::make_unique<std::vector<std::unique_ptr<Exchange>>>();
    std::move(set_.done_.begin(), set_.done_.end(), std::back_inserter(*done_));
    set_.done_.clear();
  }
  if (!done_) return;
  // A write that failed has left the transport's queue before we hear of it: what was queued last is what was lost.
  const std::uint64_t lost = std::max<std::uint64_t>(transport_->queued_bytes(), queued_bytes_);
  const std::uint64_t sent = cut_reason.empty() ? sent_bytes() : output_bytes_ - lost;
  std::size_t finished = 0;
  for (auto& exchange : *done_) {
    const bool is_sent = exchange->output_end <= sent;
    if (!is_sent && cut_reason.empty()) break;
    const Response& response = exchange->response;
    const bool has_content = exchange->request().method() != Method::kHead && !forbids_content(response.status());
    set_.parts_.service.on_done(
        *exchange, {.bytes = has_content ? response.body().size() : 0, .reason = is_sent ? "" : cut_reason});
    exchange->reset();
    set_.recycle(std::move(exchange));
    ++finished;
  }
  done_->erase(done_->begin(), done_->begin() + static_cast<std::ptrdiff_t>(finished));
  if (done_->empty()) return done_.reset();
  // They wait for the peer: what they point to in the read slab must be theirs.
  for (auto& exchange : *done_) exchange->detach();
}

void Connection::close_after_output(bool lingers) {
  state_ = State::kClosing;
  lingers_ = lingers_ || lingers;
}

void Connection::linger() {
  state_ = State::kLingering;
  since_ = now();
  dropped_bytes_ = 0;
  transport_->shut_down_output();
  if (std::exchange(is_reading_paused_, false)) transport_->start_reading();
}

void Connection::settle() {
  // Answered before its content was read, and now the rest will not be: its response is all that `done` waits for.
  if (state_ != State::kOpen && exchange_ && exchange_->is_answered) finish_exchange();
  if (state_ == State::kClosed) {
    set_.output_.clear();
  } else {
    flush();
  }
  if (done_ || !set_.done_.empty()) finish_done(state_ == State::kClosed ? "disconnected" : "");
  if (state_ == State::kClosing && transport_->queued_bytes() == 0) {
    if (lingers_ && !is_input_ended_) {
      linger();
    } else {
      state_ = State::kClosed;
    }
  }
  if (state_ == State::kClosed) return set_.remove(*this);
  if (exchange_ && !exchange_->is_begun) set_.recycle(std::move(exchange_));
  if (!exchange_ && !is_first_ && state_ == State::kOpen) since_ = now();  // idle from here, or once the output is out
  arm_deadline();
}

WEIR_HOT_INLINE void Connection::arm_deadline() {
  if (state_ == State::kLingering) {
    arm_at(since_ + limits().linger_timeout);
  } else if (queued_bytes_ > 0) {
    if (std::exchange(is_write_timed_, true)) return;
    sent_bytes_seen_ = sent_bytes();
    arm_at(now() + limits().write_timeout);
  } else if (exchange_) {
    arm_at(exchange_->parser.is_head_complete() ? body_deadline() : exchange_->head_started + limits().header_timeout);
  } else if (set_.is_draining()) {
    arm_at(since_ + set_.drain_idle_);
  } else {
    arm_at(since_ + (is_first_ ? limits().header_timeout : limits().idle_timeout));
  }
}

// A body must not pause for long, and after a grace it must have kept the mean rate.
base::TimePoint Connection::body_deadline() const {
  const auto rate = std::max<std::uint64_t>(limits().body_bytes_per_second, 1);
  const auto earned =
      std::chrono::seconds(std::min<std::uint64_t>(exchange_->parser.body_bytes_received() / rate, 1'000'000));
  return std::min(exchange_->last_input + limits().body_stall_timeout,
                  exchange_->body_started + limits().body_grace + earned);
}

}  // namespace weir::http
