// SPDX-License-Identifier: MIT
// How the value that a handler returns becomes the response.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/problem.hpp>
#include <weir/http/response.hpp>
#include <weir/routing/operation.hpp>

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

/// A type whose JSON is an object or an array: described types, and lists and maps of what has a table.
template <class T>
concept JsonResult = !base::described::detail::IsOptional<T>::value && base::described::Describable<T> &&
                     !std::is_arithmetic_v<T> && requires {
                       requires base::described::Table<T>::kTable.kind == base::described::Kind::kObject ||
                                        base::described::Table<T>::kTable.kind == base::described::Kind::kOneOf ||
                                        base::described::Table<T>::kTable.kind == base::described::Kind::kList ||
                                        base::described::Table<T>::kTable.kind == base::described::Kind::kMap;
                     };

/// Makes `response` the JSON of `value`.
void write_json_result(const base::described::TypeTable& type, const void* value, http::Response& response);

template <JsonResult T>
struct IntoResponse<T> {
  static void write(T&& value, http::Response& response) {
    write_json_result(base::described::Table<T>::kTable, &value, response);
  }
};

/// `return Created{order, "/orders/7"}`: 201 with its Location.
template <class T>
struct Created {
  T value;
  std::string location;
};
template <class T>
Created(T, const char*) -> Created<T>;
template <class T>
Created(T, std::string) -> Created<T>;

template <JsonResult T>
struct IntoResponse<Created<T>> {
  static void write(Created<T>&& created, http::Response& response) {
    write_json_result(base::described::Table<T>::kTable, &created.value, response);
    response.status(201).set_header("Location", created.location);
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

/// What documentation says of a result.
template <class Result>
struct ResultInfoOf {
  static constexpr ResultInfo info() {
    if constexpr (std::same_as<Result, void>) {
      return {.status = 204, .media_type = "", .type = nullptr};
    } else if constexpr (JsonResult<Result>) {
      return {.status = 200, .media_type = "application/json", .type = &base::described::Table<Result>::kTable};
    } else if constexpr (std::same_as<Result, http::JsonText>) {
      return {.status = 200, .media_type = "application/json", .type = nullptr};
    } else if constexpr (std::same_as<Result, std::string> || std::same_as<Result, std::string_view> ||
                         std::same_as<Result, const char*>) {
      return {.status = 200, .media_type = "text/plain", .type = nullptr};
    } else {
      return {};
    }
  }
};
template <class T>
struct ResultInfoOf<Created<T>> {
  static constexpr ResultInfo info() {
    ResultInfo info = ResultInfoOf<T>::info();
    info.status = 201;
    return info;
  }
};
template <class T>
struct ResultInfoOf<std::optional<T>> {
  static constexpr ResultInfo info() {
    ResultInfo info = ResultInfoOf<T>::info();
    info.may_be_missing = true;
    return info;
  }
};
template <class Result>
constexpr ResultInfo result_info() {
  return ResultInfoOf<Result>::info();
}

}  // namespace weir::routing
