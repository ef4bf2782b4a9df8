// SPDX-License-Identifier: MIT
// One HTTP/1.1 connection.
#pragma once

#include <weir/http/connection_set.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::http {

/// Reads requests, has them answered in order, and writes the answers: all that one read brought in one write.
///
/// States, each with the function that enters it:
///   kOpen       construction; requests are read and answered
///   kClosing    close_after_output: no more requests; the queued output goes, then it closes or lingers
///   kLingering  linger: FIN sent, input is read and dropped, so that the peer can read the last answer
///   kClosed     anywhere; `settle`, the last act of every event, then removes the connection
///
/// One deadline at a time: linger, write, head, body or idle, in that order of precedence (`arm_deadline`).
///
/// Thread:    loop thread.
/// Ownership: its ConnectionSet owns it.
/// Source:    RFC 9112 section 9.
class Connection final : private net::TransportEvents, private loop::Timer {
 public:
  Connection(ConnectionSet& set, std::unique_ptr<net::Transport> transport, bool is_admitted);
  ~Connection();

  /// Begins to read. The first deadline counts from here.
  void start();
  /// Answers 503 and closes.
  void refuse();
  bool is_idle() const;
  void begin_drain();
  /// Closes at once; returns whether a request was cut.
  bool abort(std::string_view reason);

  // ---- for the exchange that is away ----
  const std::shared_ptr<const std::string>& peer_text();
  void resume(Service::Verdict verdict);
  bool begin_stream();
  bool write_stream(std::string_view bytes);
  int send_descriptor() const;
  bool add_sent(std::uint64_t bytes);
  std::uint64_t unsent_bytes() const { return transport_->queued_bytes(); }
  std::uint64_t output_bytes() const { return output_bytes_; }
  void body_was_taken();

  // ---- for content that waits, or goes to a file ----
  void admit_content();
  void refuse_content();
  void content_was_spooled(const base::Error* error);

 private:
  friend class ConnectionSet;
  enum class State : unsigned char { kOpen, kClosing, kLingering, kClosed };

  // net::TransportEvents, loop::Timer
  void on_read(std::span<char> bytes) noexcept override;
  void on_end_of_input() noexcept override;
  void on_fin_ahead() noexcept override;
  void on_broken(const base::Error& error) noexcept override;
  void on_write_progress(bool is_drained) noexcept override;
  void on_expiry() noexcept override;

  void begin_event();
  void consume(std::span<const char> bytes);
  void begin_exchange();
  void on_head();
  void go_on_from_head(Service::Verdict verdict);
  void read_content(Service::Verdict verdict);
  void wait_at_gate(Service::Verdict then);
  void begin_spool();
  void take_content();
  void complete_spool();
  void open_spool();
  void refuse_spool(const base::Error& error);
  void answer_before_content(bool is_within_limit);
  void on_complete();
  void go_on_without_content(Service::Verdict verdict);
  void start_handler();
  void send_own_answer();
  void on_refused();
  void cut_request(const Refusal& refusal);
  void send_response(bool keeps_alive);
  void finish_exchange();

  bool is_handler_awaited() const {
    return exchange_ && exchange_->is_away && (!exchange_->is_body_streamed || exchange_->is_body_complete);
  }
  void keep_unparsed(std::span<const char> bytes);
  void drop_unparsed();
  bool go_on_behind();
  std::unique_ptr<std::string> continue_input();
  void end_input();
  void probe();
  void update_reading();
  void tell_writer();
  void tell_reader();
  void finish_stream();
  bool ends_content_by_close() const;
  void write_directly(std::string bytes);

  void flush(std::string_view large_body = {});
  void queue_rest(std::size_t sent, std::string_view large_body);
  void flush_last();
  void count_queued();
  void finish_done(std::string_view cut_reason);
  void close_after_output(bool lingers);
  void linger();
  bool go_on_closing();
  /// Returns whether this connection still exists.
  bool settle();
  void arm_deadline();
  void arm_away_deadline();
  void begin_write_deadline();
  base::TimePoint body_deadline() const;
  std::uint64_t sent_bytes() const { return output_bytes_ - transport_->queued_bytes(); }
  base::TimePoint now() const { return set_.now_; }
  const Limits& limits() const { return set_.parts_.limits; }

  ConnectionSet& set_;
  std::unique_ptr<net::Transport> transport_;
  std::unique_ptr<Exchange> exchange_;                            // the request being read
  std::unique_ptr<std::string> unparsed_;                         // input that waits for the handler or the output
  std::shared_ptr<const std::string> peer_text_;                  // shared with exchanges that outlive this
  std::unique_ptr<std::vector<std::unique_ptr<Exchange>>> done_;  // answered, not yet sent
  base::TimePoint since_{};                                       // accepted, became idle, or began to linger
  base::TimePoint touched_{};                                     // when it was moved to the end of its set
  base::TimePoint write_deadline_{};                              // counts while is_write_timed_
  std::uint64_t output_bytes_ = 0;                                // written so far, queued included
  std::uint64_t sent_bytes_seen_ = 0;                             // when the write deadline was armed
  std::uint64_t queued_bytes_ = 0;                                // as of the last event: what the set's gauge counts
  std::uint64_t dropped_bytes_ = 0;                               // input thrown away while closing
  Connection* previous_ = nullptr;
  Connection* next_ = nullptr;
  State state_ = State::kOpen;
  bool is_admitted_;
  bool is_refusal_ = false;
  bool is_first_ = true;
  bool lingers_ = false;
  bool ends_with_reset_ = false;  // instead of a FIN, which would end the content of a stream that broke off
  bool is_input_ended_ = false;
  bool is_reading_paused_ = false;
  bool is_output_full_ = false;  // until all of it has gone
  bool has_new_body_ = false;    // of a streamed content, in this event
  bool is_probed_ = false;       // the request at hand has sent its 102
  bool has_more_input_ = false;  // behind the request that is being answered, in the same read
  bool is_write_timed_ = false;
};

}  // namespace weir::http
