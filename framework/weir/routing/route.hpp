// SPDX-License-Identifier: MIT
// A route, ready to serve: its pattern, handler, flattened middleware chain and bounds.
#pragma once

#include <weir/exec/dispatcher.hpp>
#include <weir/http/method.hpp>
#include <weir/routing/handler.hpp>
#include <weir/routing/middleware.hpp>
#include <weir/routing/openapi/docs.hpp>
#include <weir/routing/pattern.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace weir::routing {

/// Middleware of all scopes around a route, outermost first, and where each keeps its state.
struct Chain {
  struct Link {
    Middleware middleware;
    std::size_t state_offset = 0;
  };
  std::vector<Link> links;
  std::size_t state_bytes = 0;
  bool has_done = false;
  bool has_destructors = false;  ///< Of states.
  bool has_async = false;        ///< A `before` is a coroutine.

  void append(const Middleware& middleware);
};

/// Turns an exception of a handler into an answer; nullopt passes it on to the next outer scope.
using ErrorMapper = std::function<std::optional<http::Response>(const std::exception&)>;

/// Thread: immutable once serving.
struct Route {
  http::Method method = http::Method::kGet;
  PathPattern pattern;
  std::source_location where;
  Handler handler;
  Chain chain;
  std::vector<ErrorMapper> error_mappers;  // innermost first
  std::optional<std::uint64_t> body_limit;
  std::optional<exec::Pool> pool;  ///< Its handlers run there.
  std::optional<std::chrono::nanoseconds> timeout;
  std::optional<std::uint64_t> in_flight;
  bool is_built_in = false;               ///< The framework's own: no pattern moves it.
  std::unique_ptr<const RouteDocs> docs;  ///< Null: nothing is said.
};

/// "GET /x (main.cpp:12)", for messages to the person who starts the program.
std::string describe(const Route& route);

}  // namespace weir::routing
