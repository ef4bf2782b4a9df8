// SPDX-License-Identifier: MIT
// The router against a search through all routes: the same route, the most specific one, and the same methods.
//
// Input: lines "g/pattern" (the letter is the method) up to an empty one, then lines with decoded paths to look up.
#include <tests/fuzz/pieces.hpp>
#include <weir/routing/router.hpp>

#include <optional>
#include <set>
#include <vector>

namespace {

using weir::fuzz::require;
using weir::http::Method;
using weir::routing::PathPattern;
using weir::routing::PatternSegment;
using weir::routing::Router;
using weir::routing::SegmentKind;

constexpr std::size_t kRoutesMax = 64;

struct Entry {
  PathPattern pattern;
  Method method;
  Router::RouteIndex index;
};

Method method_of(char letter) {
  constexpr std::string_view kLetters = "ghpuad";
  const std::size_t at = kLetters.find(letter);
  return static_cast<Method>(at == std::string_view::npos ? 0 : at);
}

// Two patterns of one shape match the same paths.
bool is_same_shape(const PathPattern& a, const PathPattern& b) {
  return std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
                    [](const PatternSegment& x, const PatternSegment& y) {
                      return x.kind == y.kind && (x.kind != SegmentKind::kLiteral || x.text == y.text);
                    });
}

bool matches(const PathPattern& pattern, std::span<const std::string_view> path) {
  for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
    if (i == path.size()) return false;
    if (pattern.segments[i].kind == SegmentKind::kRest) return true;
    if (!fits(pattern.segments[i], path[i])) return false;
  }
  return pattern.segments.size() == path.size();
}

// Left to right, the more specific kind of segment wins.
bool is_more_specific(const PathPattern& a, const PathPattern& b) {
  return std::lexicographical_compare(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
                                      [](const PatternSegment& x, const PatternSegment& y) { return x.kind < y.kind; });
}

const Entry* search(const std::vector<Entry>& entries, std::span<const std::string_view> path, Method method) {
  const Entry* best = nullptr;
  for (const Entry& entry : entries) {
    const bool serves = entry.method == method || (method == Method::kHead && entry.method == Method::kGet);
    if (!serves || !matches(entry.pattern, path)) continue;
    const bool is_better = best == nullptr || is_more_specific(entry.pattern, best->pattern) ||
                           (is_same_shape(entry.pattern, best->pattern) && entry.method == method);
    if (is_better) best = &entry;
  }
  return best;
}

std::string search_methods(const std::vector<Entry>& entries, std::span<const std::string_view> path) {
  std::set<Method> methods;
  for (const Entry& entry : entries) {
    if (matches(entry.pattern, path)) methods.insert(entry.method);
  }
  if (methods.empty()) return {};
  if (methods.contains(Method::kGet)) methods.insert(Method::kHead);
  methods.insert(Method::kOptions);
  std::string text;
  for (const Method method : methods) text += (text.empty() ? "" : ", ") + std::string(to_string(method));
  return text;
}

std::vector<Entry> read_routes(weir::fuzz::Input& input, Router& router) {
  std::vector<Entry> entries;
  while (!input.empty() && entries.size() < kRoutesMax) {
    const std::string_view line = input.take_until('\n');
    if (line.empty()) break;
    const Method method = method_of(line.front());
    auto pattern = PathPattern::parse(line.substr(1));
    if (!pattern) {
      require(!pattern.error().message().empty(), "a refused pattern is explained");
      continue;
    }
    const auto index = static_cast<Router::RouteIndex>(entries.size());
    const auto collision = router.add(*pattern, method, index);
    const Entry* twin = nullptr;
    for (const Entry& entry : entries) {
      if (entry.method == method && is_same_shape(entry.pattern, *pattern)) twin = &entry;
    }
    require(collision.has_value() == (twin != nullptr), "exactly equal shapes collide", line);
    if (twin != nullptr) {
      require(*collision == twin->index, "a collision names the earlier route", line);
      continue;
    }
    entries.push_back({std::move(*pattern), method, index});
  }
  return entries;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  Router router;
  const std::vector<Entry> entries = read_routes(input, router);
  while (!input.empty()) {
    const std::string_view line = input.take_until('\n');
    std::vector<std::string_view> path;
    weir::fuzz::Input segments(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
    do {
      path.push_back(segments.take_until('/'));
    } while (!segments.empty());
    for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kDelete}) {
      const auto found = router.find(path, method);
      const Entry* const expected = search(entries, path, method);
      require(found.has_value() == (expected != nullptr), "a route is found exactly when one matches", line);
      if (found) {
        require(*found == expected->index, "the most specific route is found", expected->pattern.text,
                entries[*found].pattern.text);
      }
    }
    const std::string allowed = router.allowed_methods(path);
    const std::string wanted = search_methods(entries, path);
    require(allowed == wanted, "the methods of a path", wanted, allowed);
  }
  return 0;
}
