// SPDX-License-Identifier: MIT
// The fluent way to declare routes: app.get("/x/{id}").handle(...), groups, middleware.
#pragma once

#include <weir/routing/handler_refusals.hpp>
#include <weir/routing/job_sink.hpp>
#include <weir/routing/route_table.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::routing {

/// The steps between a route's pattern and its handler. The chain ends with `handle`; a route without one is refused at
/// start.
///
/// Thread: one, before serving.
class [[nodiscard]] RouteBuilder : private HandlerRefusals {
 public:
  explicit RouteBuilder(RouteDeclaration& declaration) : declaration_(declaration) {}
  RouteBuilder(const RouteBuilder&) = delete;
  RouteBuilder& operator=(const RouteBuilder&) = delete;

  /// Middleware for this route alone, inside that of its groups.
  template <class M>
  [[nodiscard]] RouteBuilder&& use(M middleware) && {
    declaration_.middlewares.push_back(Middleware::make(std::move(middleware)));
    return std::move(*this);
  }
  /// The largest content that this route takes; 413 above it.
  [[nodiscard]] RouteBuilder&& body_limit(std::uint64_t bytes) && {
    declaration_.body_limit = bytes;
    return std::move(*this);
  }
  /// Its handlers run on a worker of that pool; 503 with Retry-After when it has no room.
  [[nodiscard]] RouteBuilder&& on(exec::Pool pool) && {
    declaration_.pool = pool;
    return std::move(*this);
  }
  /// Answers 504 when the handler has not answered by then, and stops it. Counts from when it is queued or begins.
  [[nodiscard]] RouteBuilder&& timeout(std::chrono::nanoseconds limit) && {
    declaration_.timeout = limit;
    return std::move(*this);
  }
  /// How many of its handlers may be suspended at a time; 503 with Retry-After above it.
  [[nodiscard]] RouteBuilder&& in_flight(std::uint64_t handlers) && {
    declaration_.in_flight = handlers;
    return std::move(*this);
  }

  /// One line for the documentation.
  [[nodiscard]] RouteBuilder&& summary(std::string_view text) && {
    declaration_.docs.summary = text;
    return std::move(*this);
  }
  /// More than one line for the documentation; may be CommonMark.
  [[nodiscard]] RouteBuilder&& describe(std::string_view text) && {
    declaration_.docs.description = text;
    return std::move(*this);
  }
  /// Documented beside others of that tag. There may be several; those of its groups come first.
  [[nodiscard]] RouteBuilder&& tag(std::string_view name) && {
    declaration_.docs.tags.emplace_back(name);
    return std::move(*this);
  }
  /// What generated clients call it, where "get_users_id" is not good enough.
  [[nodiscard]] RouteBuilder&& operation_id(std::string_view id) && {
    declaration_.docs.operation_id = id;
    return std::move(*this);
  }
  /// Documented as on its way out.
  [[nodiscard]] RouteBuilder&& deprecated() && {
    declaration_.docs.is_deprecated = true;
    return std::move(*this);
  }
  /// Not documented.
  [[nodiscard]] RouteBuilder&& hidden() && {
    declaration_.docs.is_hidden = true;
    return std::move(*this);
  }
  /// Documented as needing this scheme of `app.openapi()`, or, if there are several, one of them; replaces what its
  /// group says. Documentation alone: a middleware lets clients in or not.
  [[nodiscard]] RouteBuilder&& security(std::string_view scheme) && {
    declaration_.docs.add_security(scheme);
    return std::move(*this);
  }
  /// Documented as open to everybody, whatever its group says.
  [[nodiscard]] RouteBuilder&& without_security() && {
    declaration_.docs.security.emplace();
    return std::move(*this);
  }

  using HandlerRefusals::handle;
  /// The business logic: HandlerRefusals says what a callable may take and return. Where it runs is its lane: on the
  /// event loop, on a worker after `on(pool)`, or, if it returns a Task, on the loop and suspended while it waits.
  template <MistakenHandler<HandlerMistake::kNone> F>
  void handle(F&& callable) && {
    declaration_.handler = Handler::make(std::forward<F>(callable));
  }
  /// In place of a handler: the content becomes a job, and the answer is 202 once that is on stable storage, with the
  /// place where its progress and its result are asked for.
  template <JobHandle J>
  void as_job(const J& job) && {
    declaration_.handler = Handler::make(detail::JobRoute<J>(job.sink()));
  }

 private:
  RouteDeclaration& declaration_;
};

/// A prefix under which routes are declared, with middleware, error mapping and limits of its own.
///
/// Thread:    one, before serving.
/// Ownership: borrows the table, which outlives it. Copies stand for the same group.
class Group {
 public:
  using Location = std::source_location;

  Group(RouteTable& table, Scope& scope) : table_(&table), scope_(&scope) {}

  RouteBuilder get(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kGet, pattern, where);
  }
  RouteBuilder post(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kPost, pattern, where);
  }
  RouteBuilder put(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kPut, pattern, where);
  }
  RouteBuilder patch(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kPatch, pattern, where);
  }
  /// DELETE; the word itself is taken by the language.
  RouteBuilder del(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kDelete, pattern, where);
  }
  RouteBuilder head(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kHead, pattern, where);
  }
  RouteBuilder options(std::string_view pattern, Location where = Location::current()) {
    return route(http::Method::kOptions, pattern, where);
  }
  RouteBuilder route(http::Method method, std::string_view pattern, Location where = Location::current()) {
    return RouteBuilder(table_->add(*scope_, method, pattern, where));
  }

  /// A group below this one: `auto v1 = app.group("/v1")`. The prefix may hold parameters and has no final slash.
  [[nodiscard]] Group group(std::string_view prefix) { return {*table_, table_->add_scope(*scope_, prefix)}; }

  /// Middleware for all routes of this group, wherever it is written; among several the first is the outermost.
  template <class M>
  Group& use(M middleware) {
    scope_->middlewares.push_back(Middleware::make(std::move(middleware)));
    return *this;
  }
  /// The largest content that routes of this group take unless they say otherwise.
  Group& body_limit(std::uint64_t bytes) {
    scope_->body_limit = bytes;
    return *this;
  }
  /// Routes of this group run on that pool unless they say otherwise; handlers that return a Task do not need one.
  Group& on(exec::Pool pool) {
    scope_->pool = pool;
    return *this;
  }
  Group& timeout(std::chrono::nanoseconds limit) {
    scope_->timeout = limit;
    return *this;
  }
  Group& in_flight(std::uint64_t handlers) {
    scope_->in_flight = handlers;
    return *this;
  }
  /// What the documentation says of all routes of this group, as of one route: see RouteBuilder.
  Group& tag(std::string_view name) {
    scope_->docs.tags.emplace_back(name);
    return *this;
  }
  Group& security(std::string_view scheme) {
    scope_->docs.add_security(scheme);
    return *this;
  }
  Group& without_security() {
    scope_->docs.security.emplace();
    return *this;
  }
  Group& deprecated() {
    scope_->docs.is_deprecated = true;
    return *this;
  }
  Group& hidden() {
    scope_->docs.is_hidden = true;
    return *this;
  }
  /// What the documentation says of the whole service.
  ApiDocs& openapi() { return table_->api(); }

  /// Answers exceptions of one type: `map_error<NotFound>([](const NotFound& e) { return weir::problem(404); })`.
  template <std::derived_from<std::exception> E, std::invocable<const E&> F>
  Group& map_error(F mapper) {
    scope_->error_mappers.push_back(
        [mapper = std::move(mapper)](const std::exception& error) -> std::optional<http::Response> {
          const auto* const wanted = dynamic_cast<const E*>(&error);
          if (wanted == nullptr) return std::nullopt;
          return mapper(*wanted);
        });
    return *this;
  }

 private:
  RouteTable* table_;
  Scope* scope_;
};

}  // namespace weir::routing
