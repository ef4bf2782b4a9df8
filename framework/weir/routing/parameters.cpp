// SPDX-License-Identifier: MIT
#include <weir/routing/parameters.hpp>

#include <weir/base/json_string.hpp>
#include <weir/base/text.hpp>
#include <weir/base/utf8.hpp>
#include <weir/http/parameters.hpp>

namespace weir::routing::detail {
namespace {

// All values of a query parameter, or only the first. What has escapes is decoded into the context.
bool find_in_query(Context& context, std::string_view name, bool wants_all, std::vector<std::string_view>* all,
                   std::optional<std::string_view>& first) {
  std::string_view query = context.request().raw_query();
  while (!query.empty()) {
    std::string_view value = base::take_until(query, '&');
    const std::string_view raw_name = base::take_until(value, '=');
    if (raw_name.find_first_of("%+") != std::string_view::npos) {
      const auto decoded = http::decode_form_text(raw_name);
      if (!decoded) return false;
      if (*decoded != name) continue;
    } else if (raw_name != name) {
      continue;
    }
    if (value.find_first_of("%+") != std::string_view::npos) {
      auto decoded = http::decode_form_text(value);
      if (!decoded || !base::is_utf8(*decoded)) return false;
      value = context.keep(std::move(*decoded));
    }
    if (!first) first = value;
    if (!wants_all) return true;
    all->push_back(value);
  }
  return true;
}

std::optional<std::string_view> cookie(Context& context, std::string_view name) {
  auto value = context.cookie(name);
  if (!value) return std::nullopt;
  return context.keep(std::move(*value));
}

void fail_escape(const ParameterInfo& info, Failures& failures) {
  failures.add({info.place,
                std::string(info.name),
                "syntax",
                "The query has a malformed percent-escape, or is not valid UTF-8.",
                {},
                400});
}

// Numbers are refused anyway. What is not escaped is ASCII.
bool is_text(const ParameterInfo& info) {
  return info.type->kind == base::described::Kind::kString || info.type->kind == base::described::Kind::kText;
}

}  // namespace

bool find_parameter(Context& context, const ParameterInfo& info, Failures& failures, std::string_view& text) {
  std::optional<std::string_view> found;
  switch (info.place) {
    case Place::kPath:
      text = context.path(info.name);
      if (!is_text(info) || base::is_utf8(text)) return true;
      failures.add({info.place, std::string(info.name), "syntax", "The path is not valid UTF-8.", {}, 400});
      return false;
    case Place::kQuery:
      if (!find_in_query(context, info.name, false, nullptr, found)) {
        fail_escape(info, failures);
        return false;
      }
      break;
    case Place::kHeader:
      found = context.header(info.name);
      break;
    default:
      found = cookie(context, info.name);
      break;
  }
  if (found) {
    text = *found;
    return true;
  }
  if (info.is_required) {
    failures.add(
        {info.place,
         std::string(info.name),
         "required",
         "The " + std::string(to_string(info.place)) + " parameter '" + std::string(info.name) + "' is missing.",
         {}});
  }
  return false;
}

std::vector<std::string_view> find_parameters(Context& context, const ParameterInfo& info, Failures& failures) {
  std::vector<std::string_view> all;
  std::optional<std::string_view> first;
  if (!find_in_query(context, info.name, true, &all, first)) fail_escape(info, failures);
  return all;
}

void fail_parameter(const ParameterInfo& info, Failures& failures) {
  const std::string expected = expected_of(*info.type);
  std::string bounds = "\"expected\":";
  base::append_json_string(bounds, expected);
  failures.add({info.place, std::string(info.name), "type",
                "The " + std::string(to_string(info.place)) + " parameter '" + std::string(info.name) + "' has to be " +
                    expected + ".",
                std::move(bounds)});
}

}  // namespace weir::routing::detail
