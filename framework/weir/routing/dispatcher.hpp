// SPDX-License-Identifier: MIT
// The service behind the connections of one loop: finds the route, runs its middleware and its handler.
#pragma once

#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/http/service.hpp>
#include <weir/routing/context.hpp>
#include <weir/routing/route_table.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::routing {

/// Request counters of a route by the first digit of the status.
using StatusClasses = std::array<base::Counter*, 6>;

/// What the states of middleware are laid out in: one of Middleware::state_bytes() begins at a cell.
struct alignas(std::max_align_t) StateCell {
  std::byte bytes[alignof(std::max_align_t)];
};

/// An exchange with what routing knows of it.
class RoutedExchange final : public http::Exchange {
 public:
  explicit RoutedExchange(const http::Limits& limits) : Exchange(limits), context(*this) {}
  ~RoutedExchange() override { destroy_states(); }

  void reset() override;
  void destroy_states();
  void* state_at(std::size_t offset) { return states.data() + offset / sizeof(StateCell); }

  Context context;
  const StatusClasses* counters = nullptr;
  const Chain* chain = nullptr;
  std::size_t entered = 0;  ///< How many links of the chain have returned from `before`.
  std::vector<StateCell> states;
};

/// Thread:    loop thread.
/// Ownership: shares the routes; borrows the rest.
class Dispatcher final : public http::Service {
 public:
  struct Parts {
    std::shared_ptr<const Routes> routes;
    const http::Limits& limits;
    const base::Clock& clock;
    base::Log& log;
    base::Metrics& metrics;
  };
  explicit Dispatcher(Parts parts);

  std::unique_ptr<http::Exchange> make_exchange(const http::Limits& limits) override;
  Verdict on_head(http::Exchange& exchange) noexcept override;
  void on_complete(http::Exchange& exchange) noexcept override;
  void on_refused(http::Exchange& exchange, const http::Refusal& refusal) noexcept override;
  void on_done(http::Exchange& exchange, const http::Outcome& outcome) noexcept override;

 private:
  void enter_chain(RoutedExchange& exchange, const Chain& chain);
  bool run_before(RoutedExchange& exchange);
  void run_after(RoutedExchange& exchange);
  void answer_unrouted(RoutedExchange& exchange);
  void answer_exception(RoutedExchange& exchange) noexcept;
  bool map_error(RoutedExchange& exchange, const std::exception& error);
  void finish(RoutedExchange& exchange);
  void log_failure(const RoutedExchange& exchange, std::string_view what);

  Parts parts_;
  std::vector<StatusClasses> route_counters_;  // by route
  StatusClasses unrouted_counters_;
};

}  // namespace weir::routing
