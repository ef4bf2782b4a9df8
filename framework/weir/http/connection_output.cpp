// SPDX-License-Identifier: MIT
// Output, closing and deadlines of a connection.
#include <weir/http/connection.hpp>

#include <weir/base/check.hpp>
#include <weir/base/inline.hpp>
#include <weir/http/status.hpp>

#include <algorithm>
#include <iterator>

namespace weir::http {

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
  if (!is_full) return;
  is_output_full_ = true;
  update_reading();
}

void Connection::count_queued() {
  const std::uint64_t queued = transport_->queued_bytes();
  const auto grown = static_cast<std::int64_t>(queued) - static_cast<std::int64_t>(queued_bytes_);
  set_.output_bytes_.add(grown);
  set_.count_buffered(grown);
  queued_bytes_ = queued;
}

void Connection::flush_last() {
  // Answered before its content was read, and now the rest will not be: its response is all that `done` waits for.
  if (exchange_ && exchange_->is_answered) finish_exchange();
  if (state_ == State::kClosed) {
    set_.output_.clear();
  } else {
    flush();
  }
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
    const std::uint64_t bytes = exchange->is_stream_begun ? exchange->stream_bytes : response.body().size();
    const std::string_view reason = !is_sent ? cut_reason : exchange->is_stream_cut_ ? "stream-cut" : "";
    set_.parts_.service.on_done(*exchange, {.bytes = has_content ? bytes : 0, .reason = reason});
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
  drop_unparsed();
  is_output_full_ = false;
  update_reading();
}

// Returns whether this connection still exists.
bool Connection::go_on_closing() {
  if (state_ == State::kClosing && transport_->queued_bytes() == 0) {
    if (lingers_ && !is_input_ended_ && !ends_with_reset_) {
      linger();
    } else {
      if (ends_with_reset_) transport_->reset_on_close();
      state_ = State::kClosed;
    }
  }
  if (state_ != State::kClosed) return true;
  ConnectionSet& set = set_;
  set.remove(*this);
  set.active_ = nullptr;
  return false;
}

bool Connection::settle() {
  if (state_ == State::kOpen) [[likely]] {
    flush();
  } else {
    flush_last();
  }
  if (done_ || !set_.done_.empty()) finish_done(state_ == State::kClosed ? "disconnected" : "");
  if (state_ != State::kOpen && !go_on_closing()) return false;
  if (exchange_ && !exchange_->is_begun) set_.recycle(std::move(exchange_));
  if (!exchange_ && !is_first_ && state_ == State::kOpen) since_ = now();  // idle from here, or once the output is out
  arm_deadline();
  set_.active_ = nullptr;
  return true;
}

WEIR_HOT_INLINE void Connection::arm_deadline() {
  if (state_ == State::kLingering) {
    arm_at(since_ + limits().linger_timeout);
  } else if (exchange_ && exchange_->is_away) {
    arm_away_deadline();
  } else if (queued_bytes_ > 0) {
    begin_write_deadline();
    arm_at(write_deadline_);
  } else if (exchange_) {
    arm_at(exchange_->parser.is_head_complete() ? body_deadline() : exchange_->head_started + limits().header_timeout);
  } else if (set_.is_draining()) {
    arm_at(since_ + set_.drain_idle_);
  } else {
    arm_at(since_ + (is_first_ ? limits().header_timeout : limits().idle_timeout));
  }
}

// The handler's, and those of a peer that neither reads nor sends.
void Connection::arm_away_deadline() {
  base::TimePoint deadline = exchange_->deadline;
  if (queued_bytes_ > 0) {
    begin_write_deadline();
    deadline = std::min(deadline, write_deadline_);
  }
  if (!is_handler_awaited() && !is_reading_paused_) deadline = std::min(deadline, body_deadline());
  if (deadline == base::TimePoint::max()) {
    disarm();
  } else {
    arm_at(deadline);
  }
}

void Connection::begin_write_deadline() {
  if (std::exchange(is_write_timed_, true)) return;
  sent_bytes_seen_ = sent_bytes();
  write_deadline_ = now() + limits().write_timeout;
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
