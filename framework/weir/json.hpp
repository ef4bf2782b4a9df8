// SPDX-License-Identifier: MIT
// nlohmann::json as a handler's parameter and result: the convenience path, for documents whose shape is not known.
#pragma once

#include <weir/routing/handler.hpp>
#include <weir/routing/http_error.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// Reads JSON more strictly than nlohmann does by itself: no duplicate keys, at most 64 levels; invalid UTF-8 refused.
///
/// Errors: throws HttpError 400.
inline nlohmann::json parse_json(std::string_view text) {
  constexpr int kDepthMax = 64;
  std::vector<std::set<std::string>> keys;
  const auto check = [&keys](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Step = nlohmann::json::parse_event_t;
    const bool is_start = event == Step::object_start || event == Step::array_start;
    if (is_start && depth >= kDepthMax) throw routing::HttpError(400, "The JSON is nested too deeply.");
    if (event == Step::object_start) keys.emplace_back();
    if (event == Step::object_end) keys.pop_back();
    if (event == Step::key && !keys.back().insert(value.get<std::string>()).second) {
      throw routing::HttpError(400, "The JSON has a duplicate key.");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, check);
  } catch (const nlohmann::json::exception&) {
    throw routing::HttpError(400, "The content is not valid JSON.");
  }
}

namespace routing {

template <>
struct Extract<nlohmann::json> {
  static constexpr bool kReadsBody = true;
  static constexpr ContentInfo kContent{"application/json", nullptr};
  static nlohmann::json from(Context& context) { return parse_json(context.body()); }
};

template <>
struct IntoResponse<nlohmann::json> {
  static void write(const nlohmann::json& value, http::Response& response) {
    response = http::Response::content(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                       "application/json");
  }
};

}  // namespace routing

/// A member of a described type that may be any JSON.
template <>
struct base::described::Table<nlohmann::json> {
  static bool parse(std::string_view text, void* target) {
    try {
      *static_cast<nlohmann::json*>(target) = parse_json(text);
      return true;
    } catch (const routing::HttpError&) {
      return false;
    }
  }
  static void write(const void* value, std::string& out) {
    out += static_cast<const nlohmann::json*>(value)->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  static constexpr base::described::DocumentTable kDocument{&parse, &write};
  static constexpr base::described::TypeTable kTable{
      .kind = base::described::Kind::kDocument, .name = {}, .rules = {}, .document = &kDocument};
};

}  // namespace weir
