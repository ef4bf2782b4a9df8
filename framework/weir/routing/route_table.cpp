// SPDX-License-Identifier: MIT
#include <weir/routing/route_table.hpp>

#include <weir/routing/described_check.hpp>

#include <algorithm>

namespace weir::routing {
namespace {

std::string location_text(const std::source_location& where) {
  return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

Chain chain_of(const Scope* scope) {
  if (scope == nullptr) return {};
  Chain chain = chain_of(scope->parent);
  for (const Middleware& middleware : scope->middlewares) chain.append(middleware);
  return chain;
}

template <class Value>
std::optional<Value> innermost(const Scope* scope, std::optional<Value> Scope::*member) {
  for (; scope != nullptr; scope = scope->parent) {
    if (scope->*member) return scope->*member;
  }
  return std::nullopt;
}

std::unique_ptr<const RouteDocs> docs_of(const RouteDeclaration& declaration) {
  RouteDocs docs = declaration.docs;
  for (const Scope* scope = declaration.scope; scope != nullptr; scope = scope->parent) docs.inherit(scope->docs);
  return docs.is_empty() ? nullptr : std::make_unique<const RouteDocs>(std::move(docs));
}

Route route_of(const RouteDeclaration& declaration) {
  auto pattern = PathPattern::parse(declaration.pattern);
  if (!pattern) throw SetupError(pattern.error().message() + " (" + location_text(declaration.where) + ")");
  Route route{.method = declaration.method,
              .pattern = std::move(pattern).value(),
              .where = declaration.where,
              .handler = declaration.handler,
              .chain = chain_of(declaration.scope),
              .error_mappers = {},
              .body_limit = declaration.body_limit,
              .pool = declaration.pool,
              .timeout = declaration.timeout,
              .in_flight = declaration.in_flight,
              .is_built_in = declaration.is_built_in,
              .docs = docs_of(declaration)};
  if (!route.handler) throw SetupError("the route " + describe(route) + " has no handler: end it with .handle(...)");
  for (const ParameterInfo& parameter : route.handler.operation()->parameters) {
    if (parameter.place != Place::kPath || route.pattern.index_of(parameter.name) != std::string::npos) continue;
    throw SetupError("the handler of " + describe(route) + " takes Path<\"" + std::string(parameter.name) +
                     "\">, and the pattern has no {" + std::string(parameter.name) + "}");
  }
  for (const Middleware& middleware : declaration.middlewares) route.chain.append(middleware);
  for (const Scope* scope = declaration.scope; scope != nullptr; scope = scope->parent) {
    route.error_mappers.insert(route.error_mappers.end(), scope->error_mappers.rbegin(), scope->error_mappers.rend());
  }
  if (!route.body_limit) route.body_limit = innermost(declaration.scope, &Scope::body_limit);
  if (!route.timeout) route.timeout = innermost(declaration.scope, &Scope::timeout);
  if (!route.in_flight) route.in_flight = innermost(declaration.scope, &Scope::in_flight);
  // A group's pool is for handlers that would hold the loop; a coroutine of the group waits without.
  if (!route.pool && !route.handler.is_async()) route.pool = innermost(declaration.scope, &Scope::pool);
  if (route.pool && route.handler.is_stream()) {
    throw SetupError("the route " + describe(route) +
                     " reads or answers in pieces: a slow client would hold a worker of its pool. Leave out .on(...)");
  }
  if (route.pool && route.handler.returns_view()) {
    throw SetupError("the route " + describe(route) +
                     " returns a view, which on a pool may outlive what it points to: return a std::string or "
                     "weir::Response::text(...)");
  }
  return route;
}

}  // namespace

std::string describe(const Route& route) {
  return std::string(to_string(route.method)) + " " + route.pattern.text + " (" + location_text(route.where) + ")";
}

void Chain::append(const Middleware& middleware) {
  links.push_back({middleware, state_bytes});
  state_bytes += middleware.state_bytes();
  has_done = has_done || middleware.has_done();
  has_async = has_async || middleware.is_async();
  has_destructors = has_destructors || middleware.has_destructor();
}

const Chain& Routes::chain_for(std::span<const std::string_view> segments) const {
  for (const PrefixChain& candidate : prefix_chains_) {
    const bool is_below = candidate.prefix.size() <= segments.size() &&
                          std::equal(candidate.prefix.begin(), candidate.prefix.end(), segments.begin(), fits);
    if (is_below) return candidate.chain;
  }
  return prefix_chains_.back().chain;
}

RouteTable::RouteTable() : scopes_(2) {}

Scope& RouteTable::add_scope(const Scope& parent, std::string_view prefix) {
  Scope& scope = scopes_.emplace_back();
  scope.parent = &parent;
  scope.prefix = parent.prefix + std::string(prefix);
  return scope;
}

RouteDeclaration& RouteTable::add(const Scope& scope, http::Method method, std::string_view pattern,
                                  std::source_location where) {
  RouteDeclaration& declaration = declarations_.emplace_back();
  declaration.scope = &scope;
  declaration.method = method;
  declaration.pattern = scope.prefix + std::string(pattern);
  declaration.where = where;
  return declaration;
}

std::shared_ptr<const Routes> RouteTable::build(const RouteTable* defaults) const {
  auto routes = std::make_shared<Routes>();
  routes->states_ = states_;
  routes->api_ = api_;
  routes->client_chain_ = std::make_shared<const http::ClientChain>(client_chain_);
  // Those that yield come last: they find their place taken.
  std::vector<const RouteDeclaration*> ordered;
  for (const RouteDeclaration& declaration : declarations_) ordered.push_back(&declaration);
  if (defaults != nullptr) {
    for (const RouteDeclaration& declaration : defaults->declarations_) ordered.push_back(&declaration);
  }
  std::stable_partition(ordered.begin(), ordered.end(), [](const auto* route) { return !route->is_built_in; });
  DescribedCheck described;
  for (const RouteDeclaration* const declaration : ordered) {
    Route route = route_of(*declaration);
    for (const ContentInfo& content : route.handler.operation()->contents) {
      if (content.type != nullptr) described.look_at(*content.type);
    }
    for (const StateKey* const key : route.handler.operation()->states) {
      if (states_.find(*key) != nullptr) continue;
      throw SetupError("the handler of " + describe(route) + " takes a State<" + std::string(key->type) +
                       ">, and nobody gave one: app.provide(...)");
    }
    const auto index = static_cast<Router::RouteIndex>(routes->routes_.size());
    if (const auto twin = routes->router_.add(route.pattern, route.method, index)) {
      if (declaration->is_built_in) continue;
      throw SetupError("two routes match the same requests: " + describe(routes->routes_[*twin]) + " and " +
                       describe(route));
    }
    routes->routes_.push_back(std::move(route));
  }
  for (const Scope& scope : scopes_) {
    if (&scope == &bare()) continue;
    Routes::PrefixChain entry;
    if (!scope.prefix.empty()) {
      auto prefix = PathPattern::parse(scope.prefix);
      if (!prefix || scope.prefix.back() == '/') {
        throw SetupError("bad group prefix \"" + scope.prefix + "\": it begins with a slash and does not end with one");
      }
      entry.prefix = std::move(prefix->segments);
    }
    entry.chain = chain_of(&scope);
    routes->prefix_chains_.push_back(std::move(entry));
  }
  // The longest first, and of equal length the more specific.
  std::stable_sort(routes->prefix_chains_.begin(), routes->prefix_chains_.end(), [](const auto& a, const auto& b) {
    if (a.prefix.size() != b.prefix.size()) return a.prefix.size() > b.prefix.size();
    return std::lexicographical_compare(a.prefix.begin(), a.prefix.end(), b.prefix.begin(), b.prefix.end(),
                                        [](const auto& x, const auto& y) { return x.kind < y.kind; });
  });
  return routes;
}

}  // namespace weir::routing
