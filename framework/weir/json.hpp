// SPDX-License-Identifier: MIT
// nlohmann::json as a handler's parameter and result: the convenience path, for documents whose shape is not known.
#pragma once

#include <weir/routing/handler.hpp>
#include <weir/routing/http_error.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

/// Builds a document from nlohmann's events, and stops at what nlohmann itself lets pass.
class StrictDocument {
 public:
  nlohmann::json document;
  const char* mistake = "The content is not valid JSON.";
  int status = 400;

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) { return put(value); }
  bool number_float(double value, const std::string& text) {
    const bool is_integer = text.find_first_of(".eE") == std::string::npos;
    return is_integer ? refuse(422, "The JSON has an integer that does not fit 64 bits.") : put(value);
  }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(nlohmann::json::object()); }
  bool start_array(std::size_t) { return open(nlohmann::json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    const auto [at, is_new] = open_.back()->get_ref<nlohmann::json::object_t&>().emplace(std::move(name), nullptr);
    member_ = &at->second;
    return is_new || refuse(400, "The JSON has a duplicate key.");
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

 private:
  static constexpr std::size_t kDepthMax = 64;

  template <class Value>
  nlohmann::json& place(Value&& value) {
    if (open_.empty()) return document = std::forward<Value>(value);
    if (open_.back()->is_array()) {
      return open_.back()->get_ref<nlohmann::json::array_t&>().emplace_back(std::forward<Value>(value));
    }
    return *member_ = std::forward<Value>(value);
  }
  template <class Value>
  bool put(Value&& value) {
    place(std::forward<Value>(value));
    return true;
  }
  bool open(nlohmann::json&& container) {
    if (open_.size() >= kDepthMax) return refuse(400, "The JSON is nested too deeply.");
    open_.push_back(&place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  bool refuse(int with_status, const char* what) {
    status = with_status;
    mistake = what;
    return false;
  }

  std::vector<nlohmann::json*> open_;  // the containers that are not complete: none grows while one in it is open
  nlohmann::json* member_ = nullptr;   // whose value comes next
};

}  // namespace detail

/// Reads JSON more strictly than nlohmann does by itself: no duplicate keys, at most 64 levels, no integers that would
/// silently become doubles; invalid UTF-8 refused.
///
/// Errors: throws HttpError 400; 422 for an integer that does not fit 64 bits.
inline nlohmann::json parse_json(std::string_view text) {
  detail::StrictDocument reader;
  if (!nlohmann::json::sax_parse(text, &reader)) throw routing::HttpError(reader.status, reader.mistake);
  return std::move(reader.document);
}

namespace routing {

template <>
struct Extract<nlohmann::json> {
  static constexpr bool kReadsBody = true;
  static constexpr bool kDecodesAside = true;
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
