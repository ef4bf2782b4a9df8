// SPDX-License-Identifier: MIT
// From any callable to one function pointer: parameters build themselves from the request, the result becomes the
// response.
#pragma once

#include <weir/routing/context.hpp>
#include <weir/routing/result.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace weir::routing {

/// How a parameter of a handler is made. Specialise this for a type of your own:
/// `static T from(Context& context)`; throw HttpError for a value that the client got wrong.
template <class T>
struct Extract;

template <>
struct Extract<Context&> {
  static Context& from(Context& context) { return context; }
};
template <>
struct Extract<const Context&> {
  static const Context& from(Context& context) { return context; }
};
template <>
struct Extract<const http::Request&> {
  static const http::Request& from(Context& context) { return context.request(); }
};

template <class T>
concept Extractable = requires(Context& context) { Extract<T>::from(context); };

namespace detail {

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(P...)> {
  using Result = R;
  static constexpr bool kIsConst = true;
  static constexpr bool kParametersExtract = (Extractable<P> && ...);
  template <class F>
  static R call(const F& f, Context& context) {
    return f(Extract<P>::from(context)...);
  }
};
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) const> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) const noexcept> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...)> : Signature<R (*)(P...)> {
  static constexpr bool kIsConst = false;
};

template <class F>
concept HasOneCallOperator = requires { &F::operator(); };

template <class F>
struct CallableOf {
  using Type = void;
};
template <class F>
  requires std::is_pointer_v<F>
struct CallableOf<F> {
  using Type = F;
};
template <HasOneCallOperator F>
struct CallableOf<F> {
  using Type = decltype(&F::operator());
};

}  // namespace detail

/// A handler, erased: called through const from several loops at once.
class Handler {
 public:
  Handler() = default;

  template <class F>
  static Handler make(F&& callable) {
    using Callable = std::decay_t<F>;
    using CallOperator = typename detail::CallableOf<Callable>::Type;
    constexpr bool kIsKnown = !std::is_void_v<CallOperator>;
    static_assert(kIsKnown,
                  "weir: a handler is a function or a lambda whose parameter types are written out (no auto, no "
                  "overloads)");
    if constexpr (kIsKnown) {
      using Signature = detail::Signature<CallOperator>;
      static_assert(Signature::kIsConst,
                    "weir: a handler must not be 'mutable': it runs on several threads at once. Share state through "
                    "std::atomic, or a mutex");
      static_assert(Signature::kParametersExtract,
                    "weir: a handler's parameters are weir::Context&, const weir::Request&, or types with a "
                    "weir::Extract specialisation");
      static_assert(HandlerResult<typename Signature::Result>,
                    "weir: a handler returns a Response, text, weir::object, void, an optional of these, or a type "
                    "with a weir::IntoResponse specialisation");
      if constexpr (Signature::kIsConst && Signature::kParametersExtract && HandlerResult<typename Signature::Result>) {
        Handler handler;
        handler.closure_ = std::make_shared<const Callable>(std::forward<F>(callable));
        handler.invoke_ = [](const void* closure, Context& context, http::Response& response) {
          const Callable& typed = *static_cast<const Callable*>(closure);
          using Result = typename Signature::Result;
          if constexpr (std::is_void_v<Result>) {
            Signature::call(typed, context);
            response.status(204);
          } else {
            IntoResponse<Result>::write(Signature::call(typed, context), response);
          }
        };
        return handler;
      }
    }
    return {};
  }

  explicit operator bool() const { return invoke_ != nullptr; }
  void operator()(Context& context, http::Response& response) const { invoke_(closure_.get(), context, response); }

 private:
  std::shared_ptr<const void> closure_;
  void (*invoke_)(const void*, Context&, http::Response&) = nullptr;
};

}  // namespace weir::routing
