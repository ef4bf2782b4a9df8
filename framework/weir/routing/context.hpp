// SPDX-License-Identifier: MIT
// What a handler and a middleware see of the request at hand.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/base/log.hpp>
#include <weir/http/exchange.hpp>
#include <weir/http/parameters.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::routing {

struct Route;

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

  const base::Clock& clock() const { return *clock_; }
  /// The app's log.
  base::Log& log() const { return *log_; }
  /// The status of the response, for `done` hooks.
  int status() const { return exchange_.response.status(); }

 private:
  friend class Dispatcher;
  friend class RoutedExchange;
  explicit Context(http::Exchange& exchange) : exchange_(exchange) {}
  void reset() {
    route_ = nullptr;
    if (!request_id_.empty()) request_id_.clear();
  }

  http::Exchange& exchange_;
  const base::Clock* clock_ = nullptr;
  base::Log* log_ = nullptr;
  const Route* route_ = nullptr;
  mutable std::string rest_;        // a joined {rest...} whose segments were escaped
  mutable std::string request_id_;  // made when first asked for
};

}  // namespace weir::routing
