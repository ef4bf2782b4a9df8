// SPDX-License-Identifier: MIT
// What a handler and a middleware see of the request at hand.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/exec/dispatcher.hpp>
#include <weir/exec/offload.hpp>
#include <weir/http/client/bound_client.hpp>
#include <weir/http/exchange.hpp>
#include <weir/http/parameters.hpp>
#include <weir/loop/files.hpp>
#include <weir/loop/sleep.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::routing {

/// See decoded_content.hpp.
class DecodedContent {
 public:
  virtual ~DecodedContent() = default;
};

class Lanes;
struct Route;
struct StateKey;

/// One request on its way through its route.
///
/// Thread:    the one that runs the handler.
/// Ownership: good until the hooks of the request have ended. Views that it returns end with the `after` hooks: a
/// `done`
///            hook asks again, and may find the content gone.
class Context {
 public:
  const http::Request& request() const { return exchange_.request(); }

  /// The decoded value of a path parameter.
  /// Errors: throws std::out_of_range when the route's pattern has no such parameter.
  std::string_view path(std::string_view name) const;
  /// The first value of a query parameter, decoded.
  /// Errors: throws HttpError 400 when the query's escapes are malformed.
  std::optional<std::string> query(std::string_view name) const;
  /// The first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const { return request().header(name); }
  /// The value of a cookie.
  std::optional<std::string> cookie(std::string_view name) const;
  std::string_view body() const { return request().body(); }
  /// The content as application/x-www-form-urlencoded, decoded.
  /// Errors: throws HttpError 415 for another content type, 400 for a malformed escape.
  http::Parameters form() const;

  /// The pattern of the route, "/users/{id}"; "" when no route was found.
  std::string_view route() const;
  /// The client's address, "127.0.0.1:40412".
  std::string client() const { return exchange_.peer(); }
  /// Identifies the request in logs; random unless a middleware took one over.
  std::string_view request_id() const;
  void set_request_id(std::string id) { request_id_ = std::move(id); }

  /// What the app provides under that key; null when it does not.
  const void* state(const StateKey& key) const;
  /// Keeps text until the request has ended; for extractors that return views of what they decoded.
  std::string_view keep(std::string text) const;

  const base::Clock& clock() const { return *clock_; }
  /// The app's log.
  base::Log& log() const { return *log_; }
  /// The status of the response, for `done` hooks.
  int status() const { return exchange_.response.status(); }

  /// `co_await ctx.sleep(50ms)`: lets others run meanwhile.
  /// Errors: throws Cancelled when the client leaves, the deadline passes or the service ends.
  loop::Sleep sleep(std::chrono::nanoseconds duration) const { return loop::sleep(duration); }

  /// `co_await ctx.offload(cpu, function, arguments...)`: calls function(arguments...), all moved or copied in, on a
  /// worker of that pool, and goes on here with what it returned. Pays from about 50 us of work.
  ///
  /// Errors: throws what the function throws; exec::Saturated (an answer of 503) when the pool has no room; Cancelled.
  template <class F, class... Args>
  auto offload(exec::Pool pool, F&& function, Args&&... arguments) const {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    static_assert(std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<std::remove_cvref_t<F>> ||
                      !std::is_class_v<std::remove_cvref_t<F>>,
                  "weir: g++ 12 destroys a temporary closure that owns something twice where it is awaited: pass what "
                  "it captures as arguments, or name the closure first and pass it by name");
#endif
    return exec::Offload<std::decay_t<F>, std::decay_t<Args>...>(offload_target(pool), std::forward<F>(function),
                                                                 std::forward<Args>(arguments)...);
  }

  /// `auto reply = co_await ctx.http().get(url)`: a client of this loop on behalf of this request. Its deadline, what
  /// stops it, its trace and its request id go along.
  http::BoundClient http() const;
  /// `auto text = co_await ctx.files().read(path, 1_MiB)`: files, without holding the loop.
  loop::Files files() const { return loop::Files(loop::Loop::current()); }

  /// Whether an answer is still wanted: false once the client left, the deadline passed or the service ends. Any
  /// thread.
  bool is_stop_requested() const noexcept { return exchange_.stop.is_stop_requested(); }
  /// The same for code that takes a std::stop_token. Any thread.
  std::stop_token stop_token() const { return exchange_.stop.token(); }
  /// When the handler's time is up; TimePoint::max() for an inline one that has no timeout of its own.
  base::TimePoint deadline() const { return exchange_.deadline; }

  /// For the framework: what was read of the content beforehand; null when the handler reads it.
  DecodedContent* decoded_content() const { return decoded_.get(); }

 private:
  friend class RoutingService;
  friend class RoutedExchange;
  friend class PoolCall;
  explicit Context(http::Exchange& exchange) : exchange_(exchange) {}
  void reset() {
    route_ = nullptr;
    is_rest_joined_ = false;
    if (!request_id_.empty()) request_id_.clear();
    if (kept_) kept_.reset();
  }

  exec::OffloadTarget offload_target(exec::Pool pool) const;
  /// Makes now what is made when first asked for: from here on two threads may ask.
  void share();

  http::Exchange& exchange_;
  const Lanes* lanes_ = nullptr;
  const base::Clock* clock_ = nullptr;
  base::Log* log_ = nullptr;
  const Route* route_ = nullptr;
  std::unique_ptr<DecodedContent> decoded_;
  mutable std::string rest_;  // a joined {rest...} whose segments were escaped
  mutable bool is_rest_joined_ = false;
  mutable std::string request_id_;  // made when first asked for
  mutable std::unique_ptr<std::deque<std::string>> kept_;
};

}  // namespace weir::routing
