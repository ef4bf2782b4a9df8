// SPDX-License-Identifier: MIT
// What is wrong with a callable that is no handler, in words, at the line where it is written.
#pragma once

#include <weir/base/refused.hpp>
#include <weir/routing/handler.hpp>

namespace weir::routing {

template <class F, HandlerMistake kMistake>
concept MistakenHandler = detail::kMistakeOf<F> == kMistake;

/// The overloads of RouteBuilder::handle that do not compile.
class HandlerRefusals {
 public:
  template <MistakenHandler<HandlerMistake::kCallable> F>
  WEIR_REFUSED(
      "weir: a handler is a function or a lambda whose parameter types are written out (no auto, no overloads)")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kMutable> F>
  WEIR_REFUSED(
      "weir: a handler must not be 'mutable': it runs on several threads at once. Share state through weir::PerLoop, "
      "weir::Guarded or std::atomic")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kParameter> F>
  WEIR_REFUSED(
      "weir: a handler's parameters are weir::Path, Query, Header, Cookie, Body, Form, Bytes, State, weir::Context&, "
      "const weir::Request&, or types with a weir::Extract specialisation")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kNoText> F>
  WEIR_REFUSED(
      "weir: this type cannot be read from text: Path, Query, Header and Cookie take numbers, bool, text, described "
      "enums, times, weir::Uuid, types with a weir::FromText, and std::optional (of Query, Header and Cookie) or "
      "std::vector (of Query) of these")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kPathOnce> F>
  WEIR_REFUSED("weir: a path parameter is there exactly once, or the route does not match")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kRepeated> F>
  WEIR_REFUSED("weir: a Header is one field and a Cookie one value: only a Query may be a std::vector")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kBody> F>
  WEIR_REFUSED(
      "weir: Body<T> needs a described type: give T a `static constexpr auto describe()` that returns "
      "weir::fields(...), or write WEIR_DESCRIBE(T, members...) beside it")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kForm> F>
  WEIR_REFUSED(
      "weir: Form<T> needs a described type: give T a `static constexpr auto describe()` that returns "
      "weir::fields(...), or write WEIR_DESCRIBE(T, members...) beside it")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kResult> F>
  WEIR_REFUSED(
      "weir: a handler returns a Response, text, weir::object, a described type or a list or map of such, void, an "
      "optional of these, a type with a weir::IntoResponse specialisation, or a Task of one of them")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kTaskOfView> F>
  WEIR_REFUSED(
      "weir: what a view of a coroutine points to is gone when the answer is written: return a std::string, or "
      "weir::Response::text(...)")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kTwoContents> F>
  WEIR_REFUSED("weir: a handler takes the content once: one of Body, Form, Bytes and BodyStream")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kReference> F>
  WEIR_REFUSED(
      "weir: a handler that returns a Task takes all but Context and Request by value: a reference "
      "would refer to nothing once it has waited")
  void handle(F&&) && {}

  template <MistakenHandler<HandlerMistake::kStream> F>
  WEIR_REFUSED(
      "weir: content in pieces (BodyStream, StreamWriter, EventStream) needs a handler that returns a weir::Task: "
      "only that can wait for the peer without holding a thread")
  void handle(F&&) && {}
};

}  // namespace weir::routing
