// SPDX-License-Identifier: MIT
// What a handler and a middleware see of the request at hand.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/base/metrics.hpp>
#include <weir/exec/dispatcher.hpp>
#include <weir/exec/offload.hpp>
#include <weir/http/body_transform.hpp>
#include <weir/http/client/bound_client.hpp>
#include <weir/http/exchange.hpp>
#include <weir/http/parameters.hpp>
#include <weir/loop/files.hpp>
#include <weir/loop/sleep.hpp>

#include <chrono>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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
/// Ownership: good until the hooks of the request have ended. Views that it returns end with the `after` hooks:
///            a `done` hook asks again, and may find the content gone.
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
  /// The client's address, "127.0.0.1:40412"; as a trusted proxy tells it, where a middleware says so.
  std::string client() const { return facts_ && !facts_->client.empty() ? facts_->client : exchange_.peer(); }
  /// Who sent the bytes, "127.0.0.1:40412": the client, or the last proxy before us.
  std::string peer() const { return exchange_.peer(); }
  /// "http" or "https": what the client spoke; https is known from a trusted proxy only.
  std::string_view scheme() const {
    return facts_ && !facts_->scheme.empty() ? std::string_view(facts_->scheme) : "http";
  }
  /// The authority that the client asked, "example.com:8080"; "" in HTTP/1.0 without a Host.
  std::string_view host() const { return facts_ && !facts_->host.empty() ? facts_->host : request().host(); }
  /// What a trusted proxy tells of the client's own connection; "" where it tells nothing. In a `before` hook.
  void set_origin(std::string client, std::string scheme, std::string host);
  /// Who asks, as a middleware has found out: a user's name, a key's owner, a token's subject. "": nobody has said.
  std::string_view principal() const { return facts_ ? std::string_view(facts_->principal) : ""; }
  /// In a `before` hook that has checked it.
  void set_principal(std::string name) { facts().principal = std::move(name); }
  /// Identifies the request in logs; random unless a middleware took one over.
  std::string_view request_id() const;
  void set_request_id(std::string id) { request_id_ = std::move(id); }
  /// This request as a span of its caller's trace, or of a trace of its own, if that sent none or a malformed one: what
  /// goes on to whom it calls. Source: W3C Trace Context, `traceparent`.
  std::string_view traceparent() const;

  /// The largest content that this request may have, if that is less than its route allows. In a `before` hook.
  void lower_body_limit(std::uint64_t bytes);
  std::uint64_t body_limit() const { return exchange_.body_limit; }
  /// Lets the content be decoded before the handler sees it, wherever it reads it: off the loop where that takes long.
  /// In a `before` hook.
  void decode_content(std::unique_ptr<http::ContentDecoder> decoder);
  /// Lets the content of the response become another, whether it is text, a file or comes in pieces; off the loop where
  /// that takes long. The caller sees to the fields. In an `after` hook; one alone. Should a hook further out put
  /// another response in its place, then that one leaves as it is.
  void transform_content(std::unique_ptr<http::BodyTransform> transform);
  bool is_content_transformed() const;
  /// Whether the handler sends the content in pieces from now on; not so of a file (Response::is_file). In an `after`
  /// hook.
  bool is_answer_streamed() const;

  /// How long work that arrives now waits before its handler begins: since its bytes were read on this loop, and, where
  /// the route runs on a pool, as long as the oldest entry of that pool's queue has waited.
  std::chrono::nanoseconds queue_delay() const;

  /// What the app provides under that key; null when it does not.
  const void* state(const StateKey& key) const;
  /// What a `before` hook leaves for the hooks and the handler behind it: one value of each type, for this request.
  /// Another one of the same type takes its place.
  template <class T>
  void attach(std::shared_ptr<const T> value) {
    attach_as(key_of<T>(), std::move(value));
  }
  /// Null when nothing of that type was attached. Thread: any, a pool's too.
  template <class T>
  const T* attached() const {
    return static_cast<const T*>(find_attached(key_of<T>()));
  }
  /// Keeps text until the request has ended; for extractors that return views of what they decoded.
  std::string_view keep(std::string text) const;
  /// Adds to that counter of /metrics. On the loop it costs a look-up; elsewhere, such as on a pool, a lock, too.
  ///
  /// Thread:    any.
  /// Ownership: knows `id` by its address, so it is a constant, or lives as long as the app; no text of a request is in
  ///            it.
  void count(const base::MetricId& id, std::uint64_t by = 1) const;
  void count(base::MetricId&& id, std::uint64_t by = 1) const = delete;

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
  /// stops it, its trace and its request id go along; around it is the middleware of App::http_client.
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
    if (facts_) facts_.reset();
  }
  // What few requests have.
  struct Facts {
    std::string client;
    std::string scheme;
    std::string host;
    std::string principal;
    std::string traceparent;
    std::forward_list<std::string> kept;
    std::vector<std::pair<const void*, std::shared_ptr<const void>>> attached;
  };
  Facts& facts() const {
    if (!facts_) facts_ = std::make_unique<Facts>();
    return *facts_;
  }

  template <class T>
  static const void* key_of() {
    static constexpr char kKey = 0;  // its address tells the types apart
    return &kKey;
  }
  void attach_as(const void* key, std::shared_ptr<const void> value);
  const void* find_attached(const void* key) const;
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
  mutable std::unique_ptr<Facts> facts_;
};

}  // namespace weir::routing
