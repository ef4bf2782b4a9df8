// SPDX-License-Identifier: MIT
#include <weir/routing/router.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

namespace weir::routing {
namespace {

constexpr Router::RouteIndex kNoRoute = std::numeric_limits<Router::RouteIndex>::max();

std::size_t index_of(http::Method method) {
  return static_cast<std::size_t>(method);
}

template <class Word>
std::uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// The bytes at both ends of a text and its length. Texts of up to 16 bytes are equal exactly when their keys are;
// longer ones mostly differ here already.
struct TextKey {
  std::uint64_t front = 0;
  std::uint64_t back = 0;
  std::size_t length = 0;
  bool operator==(const TextKey&) const = default;
};

TextKey key_of(std::string_view text) {
  const char* const begin = text.data();
  const std::size_t length = text.size();
  if (length >= 8) return {load<std::uint64_t>(begin), load<std::uint64_t>(begin + length - 8), length};
  if (length >= 4) return {load<std::uint32_t>(begin), load<std::uint32_t>(begin + length - 4), length};
  if (length >= 2) return {load<std::uint16_t>(begin), load<std::uint16_t>(begin + length - 2), length};
  return {length == 1 ? load<std::uint8_t>(begin) : 0, 0, length};
}

constexpr std::size_t kKeyBytes = 16;

}  // namespace

struct Router::Node {
  struct Literal {
    TextKey key;
    std::unique_ptr<Node> node;
  };

  PatternSegment segment;
  std::vector<Literal> literals;
  std::vector<std::unique_ptr<Node>> parameters;  // sorted by kind, so that the more specific comes first
  std::array<RouteIndex, http::kMethodCount> routes = [] {
    std::array<RouteIndex, http::kMethodCount> none{};
    none.fill(kNoRoute);
    return none;
  }();

  RouteIndex route_for(http::Method method) const {
    const RouteIndex own = routes[index_of(method)];
    return own == kNoRoute && method == http::Method::kHead ? routes[index_of(http::Method::kGet)] : own;
  }

  const Node* find_literal(std::string_view text) const {
    if (literals.empty()) return nullptr;
    const TextKey key = key_of(text);
    for (const Literal& literal : literals) {
      if (literal.key == key && (text.size() <= kKeyBytes || literal.node->segment.text == text)) {
        return literal.node.get();
      }
    }
    return nullptr;
  }

  Node& child(const PatternSegment& wanted) {
    if (wanted.kind == SegmentKind::kLiteral) return literal_child(wanted);
    auto at = std::find_if(parameters.begin(), parameters.end(),
                           [&](const auto& node) { return node->segment.kind >= wanted.kind; });
    if (at == parameters.end() || (*at)->segment.kind != wanted.kind) {
      at = parameters.insert(at, std::make_unique<Node>());
      (*at)->segment = wanted;
    }
    return **at;
  }

  Node& literal_child(const PatternSegment& wanted) {
    for (const Literal& literal : literals) {
      if (literal.node->segment.text == wanted.text) return *literal.node;
    }
    literals.push_back({key_of(wanted.text), std::make_unique<Node>()});
    literals.back().node->segment = wanted;
    return *literals.back().node;
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
  const RouteIndex route = descend(*root_, segments, method);
  return route != kNoRoute ? std::optional(route) : std::nullopt;
}

Router::RouteIndex Router::descend(const Node& start, std::span<const std::string_view> segments, http::Method method) {
  const Node* node = &start;
  while (!segments.empty()) {
    const Node* const literal = node->find_literal(segments.front());
    const auto rest = segments.subspan(1);
    if (node->parameters.empty()) {
      if (literal == nullptr) return kNoRoute;
      node = literal;
      segments = rest;
      continue;
    }
    if (literal != nullptr) {
      const RouteIndex found = descend(*literal, rest, method);
      if (found != kNoRoute) return found;
    }
    for (const auto& parameter : node->parameters) {
      if (!fits(parameter->segment, segments.front())) continue;
      const bool takes_all = parameter->segment.kind == SegmentKind::kRest;
      const RouteIndex found = descend(*parameter, takes_all ? rest.last(0) : rest, method);
      if (found != kNoRoute) return found;
    }
    return kNoRoute;
  }
  return node->route_for(method);
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
