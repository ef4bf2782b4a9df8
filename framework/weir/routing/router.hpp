// SPDX-License-Identifier: MIT
// From a path and a method to a route.
#pragma once

#include <weir/http/method.hpp>
#include <weir/routing/pattern.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// A tree of path segments. At each level a literal is tried before a typed parameter, that before a plain one, and
/// {rest...} last; a branch that does not lead to a route for the method is left again. Each node is visited at most
/// once per look-up, so that no pattern set makes it slow.
///
/// Thread: immutable once built; any thread.
class Router {
 public:
  using RouteIndex = std::uint32_t;

  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// Adds a route; returns the one that already has this shape and method, if any, and then changes nothing.
  std::optional<RouteIndex> add(const PathPattern& pattern, http::Method method, RouteIndex route);

  /// The most specific route for the path and the method; HEAD finds GET where it has no route of its own.
  std::optional<RouteIndex> find(std::span<const std::string_view> segments, http::Method method) const;

  /// The methods that the path has, as an Allow field: "GET, HEAD, OPTIONS"; "" when no route has the path.
  std::string allowed_methods(std::span<const std::string_view> segments) const;

 private:
  struct Node;
  static RouteIndex descend(const Node& node, std::span<const std::string_view> segments, http::Method method);
  static void collect(const Node& node, std::span<const std::string_view> segments, std::uint32_t& methods);
  std::unique_ptr<Node> root_;
};

}  // namespace weir::routing
