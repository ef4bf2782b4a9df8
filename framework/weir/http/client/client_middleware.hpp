// SPDX-License-Identifier: MIT
// Middleware of the client: what stands between a request and its sending.
#pragma once

#include <weir/base/metrics.hpp>
#include <weir/http/client/client_request.hpp>
#include <weir/http/client/client_response.hpp>
#include <weir/http/client/retry_budget.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/task.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::http {

namespace internal {
class ActiveChain;
}

/// The rest of a chain, as one of its middlewares sees it: what is inside of it, down to the client itself.
///
/// Thread:    loop thread of the client.
/// Ownership: a value; good as long as the `send` that it was given to runs.
class ClientNext {
 public:
  /// Sends once: an answer of any status, or ClientError thrown. As often as one likes, and more than one at a time.
  loop::Task<ClientResponse> send(ClientRequest request) const;

  /// That of the client: whose clock counts.
  loop::Loop& loop() const;

  /// Takes one from the client's RetryBudget of that host: whether the request may be sent once more.
  /// Errors: throws ClientError kBadUrl.
  [[nodiscard]] bool may_send_again(const ClientRequest& request) const;

  /// Adds to that counter of /metrics, where the client has one; nothing where there is no memory for it.
  /// Ownership: knows `id` by its address, so it is a constant.
  void count(const base::MetricId& id) const noexcept;
  void count(base::MetricId&& id) const = delete;

 private:
  friend class internal::ActiveChain;
  ClientNext(internal::ActiveChain& chain, std::size_t index) : chain_(&chain), index_(index) {}

  internal::ActiveChain* chain_;
  std::size_t index_;
};

namespace detail {

template <class M>
concept SendsForOthers = requires(M& m, ClientRequest request, ClientNext next) {
  { m.send(std::move(request), next) } -> std::same_as<loop::Task<ClientResponse>>;
};
template <class M>
concept ChangesRequests = requires(M& m, ClientRequest& request) { m.before(request); };

/// One middleware, erased.
class ClientLink {
 public:
  ClientLink() = default;
  ClientLink(const ClientLink&) = delete;
  ClientLink& operator=(const ClientLink&) = delete;
  virtual ~ClientLink() = default;
  virtual loop::Task<ClientResponse> send(ClientRequest request, ClientNext next) = 0;
  virtual std::unique_ptr<ClientLink> copy() const = 0;
};

template <class M>
class ClientLinkOf final : public ClientLink {
 public:
  explicit ClientLinkOf(M middleware) : middleware_(std::move(middleware)) {}

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext next) override {
    if constexpr (ChangesRequests<M>) middleware_.before(request);
    if constexpr (SendsForOthers<M>) {
      return middleware_.send(std::move(request), next);
    } else {
      return next.send(std::move(request));
    }
  }
  std::unique_ptr<ClientLink> copy() const override { return std::make_unique<ClientLinkOf>(middleware_); }

 private:
  M middleware_;
};

template <class M>
std::unique_ptr<ClientLink> make_client_link(M middleware) {
  static_assert(SendsForOthers<M> || ChangesRequests<M>,
                "weir: a middleware of the client has before(ClientRequest&), or Task<ClientResponse> "
                "send(ClientRequest, ClientNext), or both");
  static_assert(std::is_copy_constructible_v<M>,
                "weir: a middleware of the client is copied: each event loop has one of its own");
  return std::make_unique<ClientLinkOf<M>>(std::move(middleware));
}

}  // namespace detail

/// What stands between the requests of a client and their sending, in the order of the `use` calls: the first is the
/// outermost. Among those there are Retry, Hedge and CircuitBreaker, which are best used in this order.
///
/// A middleware M is any type that can be copied, with one or both of these:
///
///   void before(ClientRequest&)                             changes the request: a header for each attempt of what is
///                                                           outside, a method, another host
///   Task<ClientResponse> send(ClientRequest, ClientNext)    sends it by `co_await next.send(request)`: again, later,
///                                                           elsewhere, or not at all
///
/// Each client works on a copy of its own. As a client belongs to one loop, M may keep a state without a lock, and
/// neither hook has to be const; what the loops of a service should share, M holds by a std::shared_ptr. While a `send`
/// waits, others run.
///
/// Thread: one, before it is in use.
class ClientChain {
 public:
  template <class M>
  ClientChain& use(M middleware) {
    links_.push_back(detail::make_client_link(std::move(middleware)));
    return *this;
  }
  /// How much may be sent beyond what was asked for.
  /// Errors: throws std::invalid_argument where a number of it is negative or none.
  ClientChain& retry_budget(RetryBudget budget) {
    budget.check();
    budget_ = budget;
    return *this;
  }

  bool empty() const { return links_.empty(); }

 private:
  friend class internal::ActiveChain;
  std::vector<std::shared_ptr<const detail::ClientLink>> links_;  // shared by copies; nobody sends through these
  RetryBudget budget_;
};

}  // namespace weir::http
