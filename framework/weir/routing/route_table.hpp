// SPDX-License-Identifier: MIT
// The routes of an app while they are being declared, and what they become when it starts.
#pragma once

#include <weir/http/client/client_middleware.hpp>
#include <weir/routing/route.hpp>
#include <weir/routing/router.hpp>
#include <weir/routing/setup_error.hpp>
#include <weir/routing/state.hpp>

#include <deque>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// A prefix with what holds for all routes below it.
struct Scope {
  const Scope* parent = nullptr;
  std::string prefix;  // "" for the root, else "/v1"
  std::vector<Middleware> middlewares;
  std::vector<ErrorMapper> error_mappers;
  std::optional<std::uint64_t> body_limit;
  std::optional<exec::Pool> pool;
  std::optional<std::chrono::nanoseconds> timeout;
  std::optional<std::uint64_t> in_flight;
  RouteDocs docs;
};

/// A route as declared.
struct RouteDeclaration {
  const Scope* scope = nullptr;
  http::Method method = http::Method::kGet;
  std::string pattern;
  std::source_location where;
  Handler handler;
  std::vector<Middleware> middlewares;
  std::optional<std::uint64_t> body_limit;
  std::optional<exec::Pool> pool;
  std::optional<std::chrono::nanoseconds> timeout;
  std::optional<std::uint64_t> in_flight;
  bool is_built_in = false;  ///< Another route of the same shape and method takes its place.
  RouteDocs docs;
};

/// The routes as they serve.
///
/// Thread: immutable; any thread.
class Routes {
 public:
  const Router& router() const { return router_; }
  std::span<const Route> all() const { return routes_; }
  const Route& at(Router::RouteIndex index) const { return routes_[index]; }

  /// The middleware around an answer that no route gives: that of the innermost group whose prefix the path has.
  const Chain& chain_for(std::span<const std::string_view> segments) const;
  const States& states() const { return states_; }
  const ApiDocs& api() const { return api_; }
  /// The middleware of ctx.http(); never null.
  const std::shared_ptr<const http::ClientChain>& client_chain() const { return client_chain_; }

 private:
  friend class RouteTable;
  struct PrefixChain {
    std::vector<PatternSegment> prefix;
    Chain chain;
  };
  Router router_;
  std::vector<Route> routes_;
  States states_;
  ApiDocs api_;
  std::shared_ptr<const http::ClientChain> client_chain_;
  std::vector<PrefixChain> prefix_chains_;  // longest first; the root's last
};

/// Thread: one, before serving.
class RouteTable {
 public:
  RouteTable();

  Scope& root() { return scopes_[0]; }
  /// Outside all scopes: no middleware, no prefix.
  const Scope& bare() const { return scopes_[1]; }
  Scope& add_scope(const Scope& parent, std::string_view prefix);
  States& states() { return states_; }
  /// What the OpenAPI document says of all of them together.
  ApiDocs& api() { return api_; }
  http::ClientChain& client_chain() { return client_chain_; }
  RouteDeclaration& add(const Scope& scope, http::Method method, std::string_view pattern, std::source_location where);

  /// Checks and flattens everything declared so far, and what of `defaults` finds its place free.
  /// Errors: throws SetupError with one sentence and the source location of each route concerned: a bad pattern, a
  ///         route without a handler, two routes of one shape and method.
  std::shared_ptr<const Routes> build(const RouteTable* defaults = nullptr) const;

 private:
  States states_;
  ApiDocs api_;
  http::ClientChain client_chain_;
  std::deque<Scope> scopes_;
  std::deque<RouteDeclaration> declarations_;
};

}  // namespace weir::routing
