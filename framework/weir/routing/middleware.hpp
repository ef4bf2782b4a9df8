// SPDX-License-Identifier: MIT
// Middleware, erased: any type with one or more of the hooks `before`, `after` and `done`.
#pragma once

#include <weir/http/response.hpp>
#include <weir/http/service.hpp>
#include <weir/routing/async_call.hpp>
#include <weir/routing/context.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir::routing {

/// One middleware of a chain. A middleware M has one or more of these, all const, called on several loops at once:
///
///   before(Context&)                 after the head, before the content is read. Returns void; a state that lives as
///                                    long as the request; std::optional<Response> to answer in the handler's place;
///                                    or std::variant<State, Response>; or a Task of one of these, which may wait.
///   after([State&,] Context&, Response&)      once, before the answer's head leaves. Runs in reverse order for those
///                                    whose `before` returned, for the framework's own answers, too.
///   done([State&,] Context&, const Outcome&)  when the last byte went, or never will. No view that a state kept from
///                                    `before` is good any more; the Context's own are, but for the content.
///
/// Thread: immutable; the hooks run on the request's loop.
class Middleware {
 public:
  template <class M>
  static Middleware make(M middleware);

  const std::string& name() const { return name_; }
  std::size_t state_bytes() const { return state_bytes_; }
  bool has_done() const { return done_ != nullptr; }
  bool has_destructor() const { return destroy_ != nullptr; }

  /// Whether it answered: then `response` is the answer.
  bool before(void* state, Context& context, http::Response& response) const {
    return before_ != nullptr && before_(self_.get(), state, context, response);
  }
  /// Whether `before` is a coroutine: then start_before takes its place.
  bool is_async() const { return start_before_ != nullptr; }
  void start_before(void* state, Context& context, AsyncCall& call) const {
    start_before_(self_.get(), state, context, call);
  }
  void after(void* state, Context& context, http::Response& response) const {
    if (after_ != nullptr) after_(self_.get(), state, context, response);
  }
  void done(void* state, Context& context, const http::Outcome& outcome) const {
    if (done_ != nullptr) done_(self_.get(), state, context, outcome);
  }
  void destroy_state(void* state) const {
    if (destroy_ != nullptr) destroy_(state);
  }

 private:
  std::shared_ptr<const void> self_;
  bool (*before_)(const void*, void*, Context&, http::Response&) = nullptr;
  void (*start_before_)(const void*, void*, Context&, AsyncCall&) = nullptr;
  void (*after_)(const void*, void*, Context&, http::Response&) = nullptr;
  void (*done_)(const void*, void*, Context&, const http::Outcome&) = nullptr;
  void (*destroy_)(void*) = nullptr;
  std::size_t state_bytes_ = 0;
  std::string name_;
};

namespace detail {

/// The name of a type as the compiler spells it, without its namespaces.
std::string short_type_name(std::string_view pretty_function);

template <class T>
std::string type_name() {
  return short_type_name(__PRETTY_FUNCTION__);
}

struct NoState {};

template <class R>
struct BeforeResult {  // a state
  using State = R;
};
template <>
struct BeforeResult<void> {
  using State = NoState;
};
template <>
struct BeforeResult<std::optional<http::Response>> {
  using State = NoState;
};
template <class S>
struct BeforeResult<std::variant<S, http::Response>> {
  using State = S;
};

template <class M>
concept HasBefore = requires(const M& m, Context& c) { m.before(c); };
template <class M, class S>
concept HasStatefulAfter = requires(const M& m, S& s, Context& c, http::Response& r) { m.after(s, c, r); };
template <class M>
concept HasAfter = requires(const M& m, Context& c, http::Response& r) { m.after(c, r); };
template <class M, class S>
concept HasStatefulDone = requires(const M& m, S& s, Context& c, const http::Outcome& o) { m.done(s, c, o); };
template <class M>
concept HasDone = requires(const M& m, Context& c, const http::Outcome& o) { m.done(c, o); };

template <class M>
struct StateOf {
  using Type = NoState;
};
template <HasBefore M>
struct StateOf<M> {
  using Task = TaskResult<decltype(std::declval<const M&>().before(std::declval<Context&>()))>;
  using Type = typename BeforeResult<typename Task::Type>::State;
};

template <class M>
struct IsAsync {
  static constexpr bool kValue = false;
};
template <HasBefore M>
struct IsAsync<M> {
  static constexpr bool kValue = StateOf<M>::Task::kIsTask;
};

// Puts what a hook returned where it belongs; whether it is an answer.
template <class State, class Result>
bool take_before(Result result, void* state, http::Response& response) {
  if constexpr (std::same_as<Result, std::optional<http::Response>>) {
    if (result) response = std::move(*result);
    return result.has_value();
  } else if constexpr (std::same_as<Result, std::variant<State, http::Response>>) {
    if (auto* const answer = std::get_if<http::Response>(&result)) {
      response = std::move(*answer);
      new (state) State();
      return true;
    }
    new (state) State(std::move(std::get<State>(result)));
    return false;
  } else {
    new (state) State(std::move(result));
    return false;
  }
}

template <class M, class State>
bool run_before(const M& m, void* state, Context& context, http::Response& response) {
  if constexpr (std::is_void_v<decltype(m.before(context))>) {
    m.before(context);
    return false;
  } else {
    return take_before<State>(m.before(context), state, response);
  }
}

template <class M, class State>
CallRunner run_async_before(const M& m, void* state, Context& context, AsyncCall* call) {
  using Result = typename TaskResult<decltype(m.before(context))>::Type;
  try {
    if constexpr (std::is_void_v<Result>) {
      co_await m.before(context);
    } else {
      Result result = co_await m.before(context);
      http::Response* const response = call->take_answer();
      const bool is_answer = response != nullptr && take_before<State>(std::move(result), state, *response);
      if (is_answer) call->set_answered();
    }
  } catch (...) {
    call->fail();
  }
  call->end();
}

}  // namespace detail

template <class M>
Middleware Middleware::make(M middleware) {
  using State = typename detail::StateOf<M>::Type;
  constexpr bool kHasState = !std::same_as<State, detail::NoState>;
  constexpr bool kHasAfter = detail::HasStatefulAfter<M, State> || detail::HasAfter<M>;
  constexpr bool kHasDone = detail::HasStatefulDone<M, State> || detail::HasDone<M>;
  static_assert(detail::HasBefore<M> || kHasAfter || kHasDone,
                "weir: a middleware has at least one const hook: before(Context&), after(Context&, Response&) or "
                "done(Context&, const Outcome&)");
  static_assert(alignof(State) <= alignof(std::max_align_t));
  Middleware erased;
  erased.name_ = detail::type_name<M>();
  erased.self_ = std::make_shared<const M>(std::move(middleware));
  if constexpr (kHasState) {
    erased.state_bytes_ =
        (sizeof(State) + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t);
    if constexpr (!std::is_trivially_destructible_v<State>) {
      erased.destroy_ = [](void* state) { static_cast<State*>(state)->~State(); };
    }
  }
  if constexpr (detail::IsAsync<M>::kValue) {
    erased.start_before_ = [](const void* self, void* state, Context& context, AsyncCall& call) {
      detail::run_async_before<M, State>(*static_cast<const M*>(self), state, context, &call);
    };
  } else if constexpr (detail::HasBefore<M>) {
    erased.before_ = [](const void* self, void* state, Context& context, http::Response& response) {
      return detail::run_before<M, State>(*static_cast<const M*>(self), state, context, response);
    };
  }
  if constexpr (kHasAfter) {
    erased.after_ = [](const void* self, [[maybe_unused]] void* state, Context& context, http::Response& response) {
      const M& m = *static_cast<const M*>(self);
      if constexpr (detail::HasStatefulAfter<M, State>) {
        m.after(*static_cast<State*>(state), context, response);
      } else {
        m.after(context, response);
      }
    };
  }
  if constexpr (kHasDone) {
    erased.done_ = [](const void* self, [[maybe_unused]] void* state, Context& context, const http::Outcome& outcome) {
      const M& m = *static_cast<const M*>(self);
      if constexpr (detail::HasStatefulDone<M, State>) {
        m.done(*static_cast<State*>(state), context, outcome);
      } else {
        m.done(context, outcome);
      }
    };
  }
  return erased;
}

}  // namespace weir::routing
