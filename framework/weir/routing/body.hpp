// SPDX-License-Identifier: MIT
// Parameters of handlers that are the content of the request: Body, Form, Bytes.
#pragma once

#include <weir/base/described/table.hpp>
#include <weir/routing/extract.hpp>
#include <weir/routing/operation.hpp>
#include <weir/routing/parameters.hpp>

#include <string_view>

namespace weir::routing {

/// The content as JSON, read into a described type. 415 for another content type, 400 for what is not JSON, 422 for
/// what is not a T.
template <class T>
struct Body : ParameterValue<T> {};

/// The content as application/x-www-form-urlencoded, read into a described type whose members are single values, or
/// lists of them for names that are repeated.
template <class T>
struct Form : ParameterValue<T> {};

/// The content as it is.
struct Bytes : ParameterValue<std::string_view> {};

namespace detail {

template <class T>
constexpr const base::described::TypeTable* content_table() {
  if constexpr (base::described::Describable<T>) {
    return &base::described::Table<T>::kTable;
  } else {
    return nullptr;
  }
}

void read_body(Context& context, const base::described::TypeTable& type, void* target, Failures& failures);
void read_form(Context& context, const base::described::TypeTable& type, void* target, Failures& failures);

}  // namespace detail

template <class T>
struct Extract<Body<T>> {
  static constexpr bool kReadsBody = true;
  static constexpr bool kDecodesAside = true;
  static constexpr HandlerMistake kMistake =
      base::described::Describable<T> ? HandlerMistake::kNone : HandlerMistake::kBody;
  static constexpr ContentInfo kContent{"application/json", detail::content_table<T>()};
  static Body<T> read(Context& context, Failures& failures) {
    Body<T> body;
    detail::read_body(context, base::described::Table<T>::kTable, &body.value, failures);
    return body;
  }
};

template <class T>
struct Extract<Form<T>> {
  static constexpr bool kReadsBody = true;
  static constexpr bool kDecodesAside = true;
  static constexpr HandlerMistake kMistake =
      base::described::DescribedObject<T> ? HandlerMistake::kNone : HandlerMistake::kForm;
  static constexpr ContentInfo kContent{"application/x-www-form-urlencoded", detail::content_table<T>()};
  static Form<T> read(Context& context, Failures& failures) {
    Form<T> form;
    detail::read_form(context, base::described::Table<T>::kTable, &form.value, failures);
    return form;
  }
};

template <>
struct Extract<Bytes> {
  static constexpr bool kReadsBody = true;
  static constexpr ContentInfo kContent{"application/octet-stream", nullptr};
  static Bytes from(Context& context) { return {{context.body()}}; }
};

}  // namespace weir::routing
