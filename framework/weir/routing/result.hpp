// SPDX-License-Identifier: MIT
// How the value that a handler returns becomes the response.
#pragma once

#include <weir/http/json_text.hpp>
#include <weir/http/problem.hpp>
#include <weir/http/response.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::routing {

/// Specialise this for a type of your own: `static void write(T&& value, http::Response& response)`.
/// The response is an empty 200 when it is called.
template <class T>
struct IntoResponse;

template <class T>
concept HandlerResult = std::same_as<T, void> || requires(T&& value, http::Response& response) {
  IntoResponse<T>::write(std::forward<T>(value), response);
};

template <>
struct IntoResponse<http::Response> {
  static void write(http::Response&& value, http::Response& response) { response = std::move(value); }
};

template <>
struct IntoResponse<http::JsonText> {
  static void write(http::JsonText&& value, http::Response& response) { response.set_json(value.view()); }
};

/// Text; on the inline lane the view is read before the handler's caller goes on.
template <>
struct IntoResponse<std::string_view> {
  static void write(std::string_view value, http::Response& response) { response.set_text(value); }
};

template <>
struct IntoResponse<const char*> {
  static void write(const char* value, http::Response& response) { response.set_text(value); }
};

template <>
struct IntoResponse<std::string> {
  static void write(std::string&& value, http::Response& response) {
    response = http::Response::text(std::move(value));
  }
};

/// An empty optional is 404.
template <HandlerResult T>
struct IntoResponse<std::optional<T>> {
  static void write(std::optional<T>&& value, http::Response& response) {
    if (value) {
      IntoResponse<T>::write(std::move(*value), response);
    } else {
      response = http::problem(404);
    }
  }
};

}  // namespace weir::routing
