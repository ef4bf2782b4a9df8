// SPDX-License-Identifier: MIT
#include <weir/routing/router.hpp>

#include <algorithm>
#include <limits>

namespace weir::routing {
namespace {

constexpr Router::RouteIndex kNoRoute = std::numeric_limits<Router::RouteIndex>::max();

std::size_t index_of(http::Method method) { return static_cast<std::size_t>(method); }

}  // namespace

struct Router::Node {
  PatternSegment segment;
  std::vector<std::unique_ptr<Node>> literals;    // sorted by text
  std::vector<std::unique_ptr<Node>> parameters;  // sorted by kind, so that the more specific comes first
  std::array<RouteIndex, http::kMethodCount> routes = [] {
    std::array<RouteIndex, http::kMethodCount> none{};
    none.fill(kNoRoute);
    return none;
  }();

  bool serves(http::Method method) const {
    return routes[index_of(method)] != kNoRoute ||
           (method == http::Method::kHead && routes[index_of(http::Method::kGet)] != kNoRoute);
  }

  const Node* find_literal(std::string_view text) const {
    const auto at = std::lower_bound(literals.begin(), literals.end(), text,
                                     [](const auto& node, std::string_view key) { return node->segment.text < key; });
    return at != literals.end() && (*at)->segment.text == text ? at->get() : nullptr;
  }

  Node& child(const PatternSegment& wanted) {
    const bool is_literal = wanted.kind == SegmentKind::kLiteral;
    auto& children = is_literal ? literals : parameters;
    const auto before = [is_literal](const std::unique_ptr<Node>& node, const PatternSegment& key) {
      return is_literal ? node->segment.text < key.text : node->segment.kind < key.kind;
    };
    auto at = std::lower_bound(children.begin(), children.end(), wanted, before);
    const bool is_there =
        at != children.end() && (*at)->segment.kind == wanted.kind && (!is_literal || (*at)->segment.text == wanted.text);
    if (!is_there) {
      at = children.insert(at, std::make_unique<Node>());
      (*at)->segment = wanted;
    }
    return **at;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

std::optional<Router::RouteIndex> Router::add(const PathPattern& pattern, http::Method method, RouteIndex route) {
  Node* node = root_.get();
  for (const PatternSegment& segment : pattern.segments) node = &node->child(segment);
  RouteIndex& place = node->routes[index_of(method)];
  if (place != kNoRoute) return place;
  place = route;
  return std::nullopt;
}

std::optional<Router::RouteIndex> Router::find(std::span<const std::string_view> segments, http::Method method) const {
  const Node* const node = descend(*root_, segments, method);
  if (node == nullptr) return std::nullopt;
  const RouteIndex own = node->routes[index_of(method)];
  return own != kNoRoute ? own : node->routes[index_of(http::Method::kGet)];
}

const Router::Node* Router::descend(const Node& node, std::span<const std::string_view> segments, http::Method method) {
  if (segments.empty()) return node.serves(method) ? &node : nullptr;
  const auto rest = segments.subspan(1);
  if (const Node* const literal = node.find_literal(segments.front())) {
    if (const Node* const found = descend(*literal, rest, method)) return found;
  }
  for (const auto& parameter : node.parameters) {
    if (!fits(parameter->segment, segments.front())) continue;
    const bool takes_all = parameter->segment.kind == SegmentKind::kRest;
    if (const Node* const found = descend(*parameter, takes_all ? rest.last(0) : rest, method)) return found;
  }
  return nullptr;
}

void Router::collect(const Node& node, std::span<const std::string_view> segments, std::uint32_t& methods) {
  if (segments.empty()) {
    for (std::size_t i = 0; i < http::kMethodCount; ++i) {
      if (node.routes[i] != kNoRoute) methods |= 1U << i;
    }
    return;
  }
  const auto rest = segments.subspan(1);
  if (const Node* const literal = node.find_literal(segments.front())) collect(*literal, rest, methods);
  for (const auto& parameter : node.parameters) {
    if (!fits(parameter->segment, segments.front())) continue;
    collect(*parameter, parameter->segment.kind == SegmentKind::kRest ? rest.last(0) : rest, methods);
  }
}

std::string Router::allowed_methods(std::span<const std::string_view> segments) const {
  std::uint32_t methods = 0;
  collect(*root_, segments, methods);
  if (methods == 0) return {};
  if ((methods & 1U << index_of(http::Method::kGet)) != 0) methods |= 1U << index_of(http::Method::kHead);
  methods |= 1U << index_of(http::Method::kOptions);
  std::string allowed;
  for (std::size_t i = 0; i < http::kMethodCount; ++i) {
    if ((methods & 1U << i) == 0) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += http::kMethodNames[i];
  }
  return allowed;
}

}  // namespace weir::routing
