// SPDX-License-Identifier: MIT
// A connection whose handler waits or runs elsewhere: reading ahead, answers that come later, content in pieces.
#include <weir/http/connection.hpp>

#include <weir/base/check.hpp>
#include <weir/http/status.hpp>

#include <array>
#include <charconv>

namespace weir::http {
namespace {

constexpr std::string_view kProcessing = "HTTP/1.1 102 Processing\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string chunk_of(std::string_view bytes) {
  std::array<char, 16> size{};
  const auto digits = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr - size.data();
  std::string chunk;
  chunk.reserve(bytes.size() + size.size() + 4);
  chunk.append(size.data(), static_cast<std::size_t>(digits)).append("\r\n").append(bytes).append("\r\n");
  return chunk;
}

}  // namespace

const std::shared_ptr<const std::string>& Connection::peer_text() {
  if (!peer_text_) peer_text_ = std::make_shared<const std::string>(transport_->peer());
  return peer_text_;
}

void Connection::resume(Service::Verdict verdict) {
  begin_event();
  Exchange& exchange = *exchange_;
  exchange.is_away = false;
  is_probed_ = false;
  has_more_input_ = unparsed_ != nullptr;
  const bool is_at_head = std::exchange(exchange.is_at_head_, false);
  if (exchange.is_stream_begun) {
    WEIR_CHECK(verdict == Service::Verdict::kAnswered);
    finish_stream();
  } else if (!is_at_head && verdict == Service::Verdict::kRead) {
    start_handler();
  } else if (!is_at_head) {
    WEIR_CHECK(verdict == Service::Verdict::kAnswered);
    send_own_answer();
  } else if (exchange.parser.has_body()) {
    exchange.body_started = exchange.last_input = now();  // until here it was our turn, not the peer's
    go_on_from_head(verdict);
  } else {
    go_on_without_content(verdict);
  }
  go_on_behind();
}

// ---- input ----

void Connection::keep_unparsed(std::span<const char> bytes) {
  if (bytes.empty()) return;
  if (!unparsed_) unparsed_ = std::make_unique<std::string>();
  unparsed_->append(bytes.data(), bytes.size());
  set_.count_buffered(static_cast<std::int64_t>(bytes.size()));
  update_reading();
}

void Connection::drop_unparsed() {
  if (unparsed_) set_.count_buffered(-static_cast<std::int64_t>(unparsed_->size()));
  unparsed_.reset();
}

// The end of an event after which the kept input may have its turn. Returns whether this connection still exists.
bool Connection::go_on_behind() {
  const auto rest = continue_input();  // outlives settle: the requests in it still point there
  if (!settle()) return false;
  if (has_new_body_) tell_reader();
  return true;
}

// Works on what was kept, as soon as nothing stands before it.
std::unique_ptr<std::string> Connection::continue_input() {
  if (state_ != State::kOpen || is_handler_awaited() || is_output_full_) return nullptr;
  auto rest = std::exchange(unparsed_, nullptr);
  if (rest) {
    set_.count_buffered(-static_cast<std::int64_t>(rest->size()));
    consume({rest->data(), rest->size()});
  }
  if (state_ == State::kOpen) update_reading();
  if (state_ == State::kOpen && is_input_ended_ && !is_handler_awaited()) end_input();
  return rest;
}

void Connection::update_reading() {
  const bool is_budget_used = set_.parts_.budget != nullptr && set_.parts_.budget->is_exceeded();
  const bool is_far_ahead = unparsed_ && unparsed_->size() > (is_budget_used ? 0 : limits().output_pause_bytes);
  const bool is_taken_away = exchange_ && (exchange_->is_body_streamed || exchange_->spool);
  const bool is_body_waiting = is_taken_away && exchange_->parser.untaken_body_bytes() > limits().output_pause_bytes;
  const bool is_at_gate = exchange_ && exchange_->gate_wait_.is_waiting;
  const bool must_pause = is_output_full_ || is_far_ahead || is_body_waiting || is_at_gate;
  if (must_pause == is_reading_paused_) return;
  is_reading_paused_ = must_pause;
  const bool is_away = exchange_ && exchange_->is_away;
  if (must_pause) {
    transport_->stop_reading();
    if (is_away) transport_->watch_hangup(true);
    return;
  }
  if (!is_probed_) transport_->watch_hangup(false);
  transport_->start_reading();
  // The time for which we let the peer wait does not count against the peer.
  if (exchange_) exchange_->head_started = exchange_->body_started = exchange_->last_input = set_.parts_.loop.now();
}

// A client that closed answers this with a reset, one that half-closed reads on (RFC 9110 section 15.2).
void Connection::probe() {
  transport_->watch_hangup(true);
  const bool may_send = limits().disconnect_probe && exchange_->is_held_ && exchange_->request().minor_version() == 1 &&
                        !exchange_->is_stream_begun && !is_probed_;
  if (!may_send) return;
  is_probed_ = true;
  set_.output_.append(kProcessing);
  output_bytes_ += kProcessing.size();
}

void Connection::tell_reader() {
  has_new_body_ = false;
  if (exchange_ && exchange_->is_away) set_.parts_.service.on_body(*exchange_);
}

void Connection::body_was_taken() {
  if (state_ != State::kOpen || set_.active_ != nullptr) return;  // at the end of the event at hand
  begin_event();
  update_reading();
  settle();
}

// ---- output ----

bool Connection::begin_stream() {
  Exchange& exchange = *exchange_;
  if (state_ != State::kOpen) return false;
  const bool has_content = !exchange.parser.is_head_request() && !forbids_content(exchange.response.status());
  const bool is_persistent = exchange.request().minor_version() == 1;
  exchange.is_stream_begun = true;
  exchange.is_stream_chunked = has_content && is_persistent && !exchange.stream_length;
  exchange.stream_keeps_alive_ = (is_persistent || exchange.stream_length) && exchange.parser.wants_keep_alive() &&
                                 exchange.parser.is_complete() && !set_.is_draining();
  OutputBuffer head;
  set_.date_line_.update(set_.parts_.loop.now());
  append_stream_head(head, exchange.response,
                     {set_.date_line_, exchange.request().minor_version(), !has_content, exchange.stream_keeps_alive_},
                     exchange.stream_length);
  write_directly(std::string(head.view()));
  if (set_.active_ != nullptr) return true;
  begin_event();
  arm_deadline();  // the handler's does not count any more where the service has taken it back
  set_.active_ = nullptr;
  return true;
}

bool Connection::write_stream(std::string_view bytes) {
  Exchange& exchange = *exchange_;
  if (state_ != State::kOpen) return false;
  if (bytes.empty() || exchange.parser.is_head_request() || forbids_content(exchange.response.status())) return true;
  exchange.stream_bytes += bytes.size();
  write_directly(exchange.is_stream_chunked ? chunk_of(bytes) : std::string(bytes));
  return true;
}

int Connection::send_descriptor() const {
  return state_ == State::kOpen && !exchange_->is_stream_chunked ? transport_->descriptor() : -1;
}

bool Connection::add_sent(std::uint64_t bytes) {
  if (state_ != State::kOpen) return false;
  exchange_->stream_bytes += bytes;
  output_bytes_ += bytes;
  return true;
}

// Then only a reset tells that what came was not all of it.
bool Connection::ends_content_by_close() const {
  const Exchange& exchange = *exchange_;
  return exchange.is_stream_begun && !exchange.is_stream_chunked && !exchange.stream_length &&
         !exchange.parser.is_head_request() && !forbids_content(exchange.response.status());
}

// A response without its end must not look like a whole one.
void Connection::finish_stream() {
  Exchange& exchange = *exchange_;
  if (exchange.is_stream_given_up()) {
    abort("stream-cut");
    return;
  }
  const bool has_content = !exchange.parser.is_head_request() && !forbids_content(exchange.response.status());
  const bool is_short = exchange.stream_length && *exchange.stream_length != exchange.stream_bytes;
  if (has_content && (!exchange.is_stream_complete_ || is_short)) {
    exchange.is_stream_cut_ = true;
    ends_with_reset_ = ends_content_by_close();
    exchange.stream_keeps_alive_ = false;
  } else if (exchange.is_stream_chunked) {
    set_.output_.append(kLastChunk);
    output_bytes_ += kLastChunk.size();
  }
  exchange.output_end = output_bytes_;
  if (!exchange.stream_keeps_alive_) close_after_output(true);
  finish_exchange();
}

// Past the buffer that the answers of one event share: what it holds of this connection goes first.
void Connection::write_directly(std::string bytes) {
  if (set_.active_ == this) flush();
  const std::size_t size = bytes.size();
  output_bytes_ += size;
  const std::size_t sent = queued_bytes_ == 0 ? transport_->try_write(bytes, {}) : 0;
  if (sent < size) transport_->write(sent == 0 ? std::move(bytes) : bytes.substr(sent));
  if (queued_bytes_ == 0 && sent == size) return;
  count_queued();
  if (set_.active_ != nullptr) return;
  begin_event();
  arm_deadline();
  set_.active_ = nullptr;
}

void Connection::tell_writer() {
  const bool has_room = queued_bytes_ <= limits().stream_pause_bytes / 2;
  if (has_room && exchange_ && exchange_->is_stream_begun) set_.parts_.service.on_drained(*exchange_);
}

}  // namespace weir::http
