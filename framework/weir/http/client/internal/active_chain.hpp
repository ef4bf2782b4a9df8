// SPDX-License-Identifier: MIT
// The middleware of one client at work.
#pragma once

#include <weir/base/metrics.hpp>
#include <weir/http/client/client_middleware.hpp>
#include <weir/http/client/internal/client_core.hpp>
#include <weir/http/client/internal/host_map.hpp>
#include <weir/http/client/internal/sliding_window.hpp>
#include <weir/http/client/retry_budget.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::http::internal {

/// Copies of the middlewares of a chain, and what they share.
///
/// Thread:    loop thread only.
/// Ownership: borrows `core` and `metrics`, which may be null; outlives what it sends (checked).
class ActiveChain {
 public:
  ActiveChain(ClientCore& core, const ClientChain& chain, base::Metrics* metrics);
  ActiveChain(const ActiveChain&) = delete;
  ActiveChain& operator=(const ActiveChain&) = delete;
  ~ActiveChain();

  void append(const ClientChain& chain);
  /// A request from outside. All that comes of it ends with its deadline.
  loop::Task<ClientResponse> send(ClientRequest request);
  /// From the middleware at `index` inwards.
  loop::Task<ClientResponse> send_from(std::size_t index, ClientRequest request);
  loop::Loop& loop() { return core_.loop(); }
  bool take_from_budget(const ClientRequest& request);
  void count(const base::MetricId& id) noexcept;

 private:
  SlidingWindow& count_of(const std::string& origin);

  ClientCore& core_;
  std::vector<std::unique_ptr<detail::ClientLink>> links_;
  RetryBudget budget_;
  HostMap<SlidingWindow> counts_;  // all: requests; marked: what was sent beyond them
  std::optional<base::CounterCache> counters_;
  std::size_t running_ = 0;
};

}  // namespace weir::http::internal
