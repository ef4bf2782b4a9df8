// SPDX-License-Identifier: MIT
// The service behind the connections of one loop: finds the route, runs its middleware, and its handler where its lane
// says.
#pragma once

#include <weir/base/guarded.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/http/service.hpp>
#include <weir/loop/loop.hpp>
#include <weir/routing/lanes.hpp>
#include <weir/routing/routed_exchange.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace weir::routing {

/// Who answers a request is decided by Exchange::claim: its handler, its deadline (on_cut), or nobody, because the
/// client left (on_abandoned). Whoever gets the right runs the `after` hooks.
///
/// Thread:    loop thread.
/// Ownership: borrows its parts.
class RoutingService final : public http::Service {
 public:
  struct Parts {
    loop::Loop& loop;
    const Lanes& lanes;
    const http::Limits& limits;
    base::Log& log;
    base::Metrics& metrics;
  };
  explicit RoutingService(Parts parts);

  std::unique_ptr<http::Exchange> make_exchange(const http::Limits& limits) override;
  Verdict on_head(http::Exchange& exchange) noexcept override;
  Verdict on_ready(http::Exchange& exchange) noexcept override;
  void on_refused(http::Exchange& exchange, const http::Refusal& refusal) noexcept override;
  void on_done(http::Exchange& exchange, const http::Outcome& outcome) noexcept override;
  bool on_cut(http::Exchange& exchange, const http::Refusal& refusal) noexcept override;
  void on_abandoned(http::Exchange& exchange) noexcept override;
  void on_drain(http::Exchange& exchange) noexcept override;
  void on_body(http::Exchange& exchange) noexcept override;
  void on_drained(http::Exchange& exchange) noexcept override;

  // ---- for handlers that answer in pieces ----
  /// Takes the right to answer and sends the head. Returns false when an answer is not wanted any more.
  bool begin_stream(RoutedExchange& exchange);
  std::uint64_t stream_pause_bytes() const { return parts_.limits.stream_pause_bytes; }
  /// In a catch block: what a stream's content should have become has failed.
  void log_stream_failure(RoutedExchange& exchange) noexcept { static_cast<void>(is_stream_broken(exchange)); }
  /// Counts a reader that is cut because it fell behind, and throws Cancelled.
  [[noreturn]] void cut_slow_reader(RoutedExchange& exchange);

  /// See Context::count.
  void count(const base::MetricId& id, std::uint64_t by);
  base::Metrics& metrics() const { return parts_.metrics; }

 private:
  friend class LoopCall;
  friend class PoolCall;
  friend class FileSender;

  // Before the handler.
  Verdict on_unrouted_head(RoutedExchange& exchange);
  Verdict begin_chain(RoutedExchange& exchange, const Chain& chain);
  Verdict run_chain(RoutedExchange& exchange);
  bool run_before(RoutedExchange& exchange, std::size_t end_index);
  Verdict go_on_to_handler(RoutedExchange& exchange);
  void answer_unrouted(RoutedExchange& exchange);

  // The handler.
  Verdict start_decoding(RoutedExchange& exchange);
  Verdict start_decoding_content(RoutedExchange& exchange);
  Verdict start_elsewhere(RoutedExchange& exchange);
  Verdict start_on_loop(RoutedExchange& exchange);
  Verdict submit(RoutedExchange& exchange);
  void run_blocking(RoutedExchange& exchange);
  bool has_room(RoutedExchange& exchange);
  static void count_in_flight(RoutedExchange& exchange, int by);
  void answer_busy(RoutedExchange& exchange, std::chrono::seconds retry_after);
  void answer_unfinished(RoutedExchange& exchange);
  void call_ended(RoutedExchange& exchange);
  void pool_call_ended(RoutedExchange& exchange);
  void stop(RoutedExchange& exchange);
  void set_deadline(RoutedExchange& exchange);

  // The answer.
  Verdict answer(RoutedExchange& exchange);
  void answer_late(RoutedExchange& exchange);
  Verdict send_file(RoutedExchange& exchange);
  void file_ended(RoutedExchange& exchange, bool is_answered);
  void answer_exception(RoutedExchange& exchange) noexcept;
  void answer_exception(RoutedExchange& exchange, const std::exception_ptr& exception) noexcept;
  bool answer_known_failure(RoutedExchange& exchange, const std::exception& error);
  bool map_error(RoutedExchange& exchange, const std::exception& error);
  void run_after(RoutedExchange& exchange);
  void finish(RoutedExchange& exchange);
  Verdict finish_answer(RoutedExchange& exchange);
  void finish_now(RoutedExchange& exchange);
  Verdict transform_answer(RoutedExchange& exchange);
  void transform_body(RoutedExchange& exchange) noexcept;
  void log_failure(const RoutedExchange& exchange, std::string_view what);
  bool is_stream_broken(const RoutedExchange& exchange) noexcept;

  Parts parts_;
  const Routes& routes_;
  // What a request gets from its route, together where it is looked up.
  struct Destination {
    const Route* route;
    const Lanes::Lane* lane;
    StatusClasses counters;
  };
  std::vector<Destination> destinations_;  // by route
  StatusClasses unrouted_counters_;
  base::Counter& late_results_;
  base::Counter& slow_readers_;
  // Of hooks and handlers, on the loop and elsewhere.
  base::CounterCache counters_;
  base::Guarded<base::CounterCache> counters_elsewhere_;
  std::unique_ptr<loop::Loop> private_loop_;  // for coroutines that are waited for
};

}  // namespace weir::routing
