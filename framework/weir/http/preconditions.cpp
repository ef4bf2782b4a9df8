// SPDX-License-Identifier: MIT
#include <weir/http/preconditions.hpp>

#include <weir/base/text.hpp>
#include <weir/http/date.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

namespace weir::http {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

std::string_view without_weakness(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

bool is_strong(std::string_view etag) {
  return !etag.empty() && !etag.starts_with("W/");
}

// The entity tags of a list, one after the other; a comma within quotes is part of one.
std::string_view take_etag(std::string_view& rest) {
  rest = base::trim(rest);
  std::size_t end = rest.starts_with("W/") ? 2 : 0;
  if (end < rest.size() && rest[end] == '"') {
    end = std::min(rest.find('"', end + 1), rest.size() - 1) + 1;
  } else {
    end = std::min(rest.find(','), rest.size());
  }
  const std::string_view etag = base::trim(rest.substr(0, end));
  rest.remove_prefix(end);
  base::take_until(rest, ',');
  return etag;
}

template <class Matches>
bool any_etag(std::string_view field, Matches matches) {
  while (!field.empty()) {
    const std::string_view etag = take_etag(field);
    if (etag == "*" || matches(etag)) return true;
  }
  return false;
}

// Of all the fields of a name, which together are one list; nullopt where there is none.
template <class Matches>
std::optional<bool> any_field(const Request& request, std::string_view name, Matches matches) {
  std::optional<bool> found;
  for (std::size_t i = 0; i < request.field_count(); ++i) {
    const Field field = request.field(i);
    if (base::equals_ignoring_case(field.name, name)) found = found.value_or(false) || matches(field.value);
  }
  return found;
}

std::optional<base::WallTime> date_field(const Request& request, std::string_view name) {
  const auto field = request.header(name);
  return field ? parse_date(*field) : std::nullopt;
}

bool is_read(Method method) {
  return method == Method::kGet || method == Method::kHead;
}

Precondition evaluate_dates(const Request& request, base::WallTime last_modified, bool has_match, bool has_none_match) {
  const auto modified = floor<seconds>(last_modified);
  if (!has_match) {
    const auto unmodified_since = date_field(request, "If-Unmodified-Since");
    if (unmodified_since && modified > *unmodified_since) return Precondition::kFailed;
  }
  if (has_none_match || !is_read(request.method())) return Precondition::kHolds;
  const auto modified_since = date_field(request, "If-Modified-Since");
  return modified_since && modified <= *modified_since ? Precondition::kNotModified : Precondition::kHolds;
}

std::optional<std::uint64_t> parse_position(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = end == text.data() + text.size() && !text.empty();
  if (is_number && error == std::errc()) return value;
  // Beyond any file: still a number.
  const bool is_large = error == std::errc::result_out_of_range && is_number;
  return is_large ? std::optional(UINT64_MAX) : std::nullopt;
}

}  // namespace

bool names_etag(std::string_view field, std::string_view etag) {
  return any_etag(
      field, [etag](std::string_view one) { return !one.empty() && without_weakness(one) == without_weakness(etag); });
}

Precondition evaluate(const Request& request, const Validators& validators) {
  const std::string_view etag = validators.etag;
  const auto match = any_field(request, "If-Match", [etag](std::string_view field) {
    return any_etag(field, [etag](std::string_view one) { return is_strong(one) && one == etag; });
  });
  if (match && !*match) return Precondition::kFailed;
  const auto none_match =
      any_field(request, "If-None-Match", [etag](std::string_view field) { return names_etag(field, etag); });
  const Precondition dates = validators.last_modified ? evaluate_dates(request, *validators.last_modified,
                                                                       match.has_value(), none_match.has_value())
                                                      : Precondition::kHolds;
  if (dates == Precondition::kFailed || !none_match.value_or(false)) return dates;
  return is_read(request.method()) ? Precondition::kNotModified : Precondition::kFailed;
}

bool if_range_holds(const Request& request, const Validators& validators) {
  const auto field = request.header("If-Range");
  if (!field) return true;
  if (field->ends_with('"')) return is_strong(*field) && *field == validators.etag;
  const auto date = parse_date(*field);
  return date && validators.last_modified && *date == floor<seconds>(*validators.last_modified);
}

RangeRequest find_range(const Request& request, std::uint64_t size, ByteRange& part) {
  const auto field = request.header("Range");
  if (!field || request.method() != Method::kGet) return RangeRequest::kWhole;
  std::string_view rest = *field;
  if (!base::equals_ignoring_case(base::take_until(rest, '='), "bytes")) return RangeRequest::kWhole;
  std::string_view last = base::trim(rest);
  const std::size_t dash = last.find('-');
  if (dash == std::string_view::npos || last.find(',') != std::string_view::npos) return RangeRequest::kWhole;
  const std::string_view first = base::take_until(last, '-');
  const auto from = parse_position(first);
  const auto to = parse_position(last);
  if ((!from && !first.empty()) || (!to && !last.empty()) || (!from && !to)) return RangeRequest::kWhole;
  if (!from) {
    if (*to == 0 || size == 0) return RangeRequest::kUnsatisfiable;
    part.length = std::min(*to, size);
    part.offset = size - part.length;
    return RangeRequest::kPart;
  }
  if (to && *to < *from) return RangeRequest::kWhole;
  if (*from >= size) return RangeRequest::kUnsatisfiable;
  part.offset = *from;
  part.length = std::min(to.value_or(size - 1), size - 1) - *from + 1;
  return RangeRequest::kPart;
}

}  // namespace weir::http
