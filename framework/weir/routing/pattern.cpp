// SPDX-License-Identifier: MIT
#include <weir/routing/pattern.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <charconv>
#include <cstdint>

namespace weir::routing {
namespace {

bool is_int(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : base::hex_value(text[i]) < 0) return false;
  }
  return true;
}

bool is_name(std::string_view name) {
  if (name.empty() || base::is_digit(name.front())) return false;
  for (const char c : name) {
    const char lower = base::to_lower(c);
    if (!(lower >= 'a' && lower <= 'z') && !base::is_digit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

base::Error bad(std::string_view pattern, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, "bad route pattern \"" + std::string(pattern) + "\": " + std::string(why)};
}

base::Result<PatternSegment> parse_segment(std::string_view pattern, std::string_view text) {
  if (text.find_first_of("{}") == std::string_view::npos) {
    if (text == "." || text == "..") return bad(pattern, "a dot segment never matches");
    if (!http::syntax::all(text, http::syntax::kPath))
      return bad(pattern, "a literal holds a character that no path has");
    return PatternSegment{SegmentKind::kLiteral, std::string(text)};
  }
  const bool is_whole = text.size() > 2 && text.front() == '{' && text.back() == '}';
  std::string_view inner = is_whole ? text.substr(1, text.size() - 2) : std::string_view();
  if (!is_whole || inner.find_first_of("{}") != std::string_view::npos) {
    return bad(pattern, "a parameter is a whole segment in braces, such as {id} or {id:int}");
  }
  PatternSegment segment{SegmentKind::kParameter, ""};
  if (inner.ends_with("...")) {
    inner.remove_suffix(3);
    segment.kind = SegmentKind::kRest;
  } else if (const std::size_t colon = inner.find(':'); colon != std::string_view::npos) {
    const std::string_view type = inner.substr(colon + 1);
    if (type != "int" && type != "uuid") return bad(pattern, "a parameter's type is int or uuid");
    segment.kind = type == "int" ? SegmentKind::kInt : SegmentKind::kUuid;
    inner = inner.substr(0, colon);
  }
  if (!is_name(inner)) return bad(pattern, "a parameter's name is letters, digits, '_' and '-'");
  segment.text = inner;
  return segment;
}

}  // namespace

base::Result<PathPattern> PathPattern::parse(std::string_view text) {
  PathPattern pattern{std::string(text), {}};
  if (text.empty() || text.front() != '/') return bad(text, "it must begin with a slash");
  std::string_view rest = text.substr(1);
  for (bool is_last = false; !is_last;) {
    is_last = rest.find('/') == std::string_view::npos;
    auto segment = parse_segment(text, base::take_until(rest, '/'));
    if (!segment) return std::move(segment).error();
    if (segment->kind == SegmentKind::kRest && !is_last) return bad(text, "{" + segment->text + "...} must come last");
    if (segment->kind != SegmentKind::kLiteral && pattern.index_of(segment->text) != std::string::npos) {
      return bad(text, "the parameter {" + segment->text + "} occurs twice");
    }
    pattern.segments.push_back(std::move(*segment));
  }
  return pattern;
}

std::size_t PathPattern::index_of(std::string_view parameter) const {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind != SegmentKind::kLiteral && segments[i].text == parameter) return i;
  }
  return std::string::npos;
}

bool fits(const PatternSegment& pattern, std::string_view segment) {
  switch (pattern.kind) {
    case SegmentKind::kLiteral:
      return segment == pattern.text;
    case SegmentKind::kInt:
      return is_int(segment);
    case SegmentKind::kUuid:
      return is_uuid(segment);
    case SegmentKind::kParameter:
      return !segment.empty();
    case SegmentKind::kRest:
      return true;
  }
  return false;
}

}  // namespace weir::routing
