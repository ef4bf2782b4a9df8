// SPDX-License-Identifier: MIT
#include <weir/http/exchange.hpp>

#include <weir/base/check.hpp>
#include <weir/http/connection.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/http/service.hpp>

namespace weir::http {

void Exchange::keep_peer() {
  if (!peer_text && connection_ != nullptr) peer_text = connection_->peer_text();
}

void Exchange::leave_connection() {
  keep_peer();
  connection_ = nullptr;
  transport = nullptr;
}

void Exchange::reset_detached() {
  WEIR_CHECK(!is_held_ && !is_resume_due_);
  stop.reset();
  if (spool) spool.reset();
  if (peer_text) peer_text.reset();
  deadline = base::TimePoint::max();
  stream_bytes = 0;
  if (stream_length) stream_length.reset();
  is_claimed_.store(false, std::memory_order_relaxed);
  is_detached = is_away = is_body_complete = is_stream_begun = is_stream_chunked = false;
  is_at_head_ = is_stream_complete_ = is_stream_given_up_ = is_stream_cut_ = false;
}

// Within an event of some connection the output buffer is that connection's: then it has to wait for its end.
void Exchange::resume(Verdict verdict) {
  WEIR_CHECK(!is_resume_due_ && verdict != Verdict::kPending);
  if (connection_ == nullptr) return;
  resume_verdict_ = verdict;
  if (set_->is_in_event()) {
    is_resume_due_ = true;
    set_->loop().complete(*this);
  } else {
    connection_->resume(verdict);
  }
}

void Exchange::on_loop() noexcept {
  is_resume_due_ = false;
  if (connection_ != nullptr) {
    connection_->resume(resume_verdict_);
  } else if (is_orphan_ && !is_held_) {
    set_->end_orphan(*this);
  }
}

void Exchange::release() {
  WEIR_CHECK(is_held_);
  is_held_ = false;
  if (is_orphan_ && !is_resume_due_) set_->end_orphan(*this);
}

void Exchange::resume_and_release(Verdict verdict) {
  is_held_ = false;
  if (connection_ != nullptr) {
    resume(verdict);
  } else if (is_orphan_ && !is_resume_due_) {
    set_->end_orphan(*this);
  }
}

bool Exchange::begin_stream() {
  return connection_ != nullptr && connection_->begin_stream();
}

bool Exchange::write_stream(std::string_view bytes) {
  return connection_ != nullptr && connection_->write_stream(bytes);
}

int Exchange::send_descriptor() const {
  return connection_ != nullptr ? connection_->send_descriptor() : -1;
}

bool Exchange::add_sent(std::uint64_t bytes) {
  return connection_ != nullptr && connection_->add_sent(bytes);
}

std::uint64_t Exchange::unsent_bytes() const {
  return connection_ != nullptr ? connection_->unsent_bytes() : 0;
}

std::uint64_t Exchange::output_bytes() const {
  return connection_ != nullptr ? connection_->output_bytes() : 0;
}

std::string Exchange::take_body() {
  std::string bytes = parser.take_body();
  if (connection_ != nullptr && !bytes.empty()) connection_->body_was_taken();
  return bytes;
}

bool Service::on_cut(Exchange&, const Refusal&) noexcept {
  return false;
}
void Service::on_abandoned(Exchange&) noexcept {}
void Service::on_drain(Exchange&) noexcept {}
void Service::on_body(Exchange&) noexcept {}
void Service::on_drained(Exchange&) noexcept {}

}  // namespace weir::http
