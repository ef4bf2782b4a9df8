// SPDX-License-Identifier: MIT
// Content that must wait before it is read, or that goes to a file.
#include <weir/http/connection.hpp>

#include <weir/base/check.hpp>

namespace weir::http {
namespace {

constexpr Refusal kNoBuffers{503, "buffered-bytes", "The service is busy: try again later."};
constexpr Refusal kNoSpool{503, "spool-failed", "The service cannot store the content: try again later."};

}  // namespace

// ---- the gate ----

// Nothing is read meanwhile; a client that leaves is noticed.
void Connection::wait_at_gate(Service::Verdict then) {
  Exchange& exchange = *exchange_;
  exchange.go_away();
  exchange.is_held_ = false;  // the service does not refer to it
  exchange.resume_verdict_ = then;
  set_.gate_.enter(exchange);
  update_reading();
}

void Connection::admit_content() {
  begin_event();
  exchange_->is_away = false;
  exchange_->body_started = exchange_->last_input = now();
  read_content(exchange_->resume_verdict_);
  go_on_behind();
}

void Connection::refuse_content() {
  begin_event();
  exchange_->is_away = false;
  exchange_->body_started = exchange_->last_input = now();
  set_.report_refusal(kNoBuffers, *transport_);
  set_.parts_.service.on_refused(*exchange_, kNoBuffers);
  answer_before_content(true);
  go_on_behind();
}

// ---- the spool ----

void Connection::begin_spool() {
  Exchange& exchange = *exchange_;
  exchange.go_away();  // so that its reset knows of more than usual
  exchange.come_back();
  exchange.parser.stream_body();
  exchange.spool = std::make_unique<BodySpool>(exchange, set_.parts_.loop);
}

// More of the content has come.
void Connection::take_content() {
  Exchange& exchange = *exchange_;
  if (exchange.is_body_streamed) {
    has_new_body_ = true;
    return;
  }
  if (!exchange.spool) {
    if (exchange.parser.untaken_body_bytes() <= limits().spool_bytes) return;
    begin_spool();
  }
  exchange.spool->take();
  update_reading();
}

// All of it has come. While it is being written the handler waits, as if it were away.
void Connection::complete_spool() {
  Exchange& exchange = *exchange_;
  exchange.spool->take();
  if (!exchange.spool->is_writing()) return open_spool();
  exchange.is_away = true;
  exchange.deadline = now() + limits().body_stall_timeout;
}

void Connection::open_spool() {
  Exchange& exchange = *exchange_;
  exchange.is_away = false;
  exchange.deadline = base::TimePoint::max();
  const auto content = exchange.spool->open();
  if (!content) return refuse_spool(content.error());
  exchange.parser.set_body(*content);
  start_handler();
}

void Connection::refuse_spool(const base::Error& error) {
  set_.parts_.log.error("request.spool_failed", {{"error", error.message()}, {"peer", transport_->peer()}});
  set_.report_refusal(kNoSpool, *transport_);
  exchange_->is_away = false;
  set_.parts_.service.on_refused(*exchange_, kNoSpool);
  send_response(false);
  lingers_ = true;
}

// A write of the spool has ended. May destroy the spool.
void Connection::content_was_spooled(const base::Error* error) {
  begin_event();
  BodySpool& spool = *exchange_->spool;
  if (error != nullptr) {
    refuse_spool(*error);
  } else {
    spool.take();
    if (exchange_->parser.is_complete() && !spool.is_writing()) open_spool();
  }
  go_on_behind();
}

void BodySpool::take() {
  if (!file_.is_writing() && exchange_.parser.untaken_body_bytes() > 0) file_.write(exchange_.parser.take_body());
}

void BodySpool::on_written(const base::Error* error) noexcept {
  if (exchange_.connection_ != nullptr) exchange_.connection_->content_was_spooled(error);
}

}  // namespace weir::http
