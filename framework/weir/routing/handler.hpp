// SPDX-License-Identifier: MIT
// From any callable to one function pointer: parameters build themselves from the request, the result becomes the
// response.
#pragma once

#include <weir/routing/async_call.hpp>
#include <weir/routing/context.hpp>
#include <weir/routing/result.hpp>

#include <concepts>
#include <memory>
#include <string_view>
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

/// Parameters that are only for handlers that return a Task, and that begin before the content has come: their Extract
/// says `static constexpr bool kIsStream = true`.
template <class T>
concept StreamParameter = requires { requires Extract<T>::kIsStream; };
/// The parameter is the content itself, in pieces: `static constexpr bool kReadsBody = true`.
template <class T>
concept BodyParameter = requires { requires Extract<T>::kReadsBody; };

template <class T>
concept Extractable = requires(Context& context) { Extract<T>::from(context); };

namespace detail {

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(P...)> {
  using Result = R;
  static constexpr bool kIsConst = true;
  static constexpr bool kIsStream = (StreamParameter<P> || ...);
  static constexpr bool kReadsBody = (BodyParameter<P> || ...);
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

template <class Signature, class Callable>
CallRunner run_handler(const Callable& callable, Context& context, AsyncCall* call) {
  using Result = typename TaskResult<typename Signature::Result>::Type;
  try {
    auto task = Signature::call(callable, context);
    co_await task.ended();
    // The result stays in the task's frame until it is written: a copy here would cost every suspended request its
    // room.
    if constexpr (std::is_void_v<Result>) {
      task.take();
      if (http::Response* const response = call->take_answer()) response->status(204);
    } else {
      Result&& result = task.take();
      if (http::Response* const response = call->take_answer()) {
        IntoResponse<Result>::write(std::move(result), *response);
      }
    }
  } catch (...) {
    call->fail();
  }
  call->end();
}

/// A view that outlives the call that made it.
template <class T>
concept View = std::same_as<T, std::string_view> || std::same_as<T, const char*>;

}  // namespace detail

/// A handler, erased: called through const from several loops and workers at once.
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
      using Task = detail::TaskResult<typename Signature::Result>;
      using Result = typename Task::Type;
      static_assert(Signature::kIsConst,
                    "weir: a handler must not be 'mutable': it runs on several threads at once. Share state through "
                    "weir::PerLoop, weir::Guarded or std::atomic");
      static_assert(Signature::kParametersExtract,
                    "weir: a handler's parameters are weir::Context&, const weir::Request&, or types with a "
                    "weir::Extract specialisation");
      static_assert(HandlerResult<Result>,
                    "weir: a handler returns a Response, text, weir::object, void, an optional of these, a type with a "
                    "weir::IntoResponse specialisation, or a Task of one of them");
      static_assert(!Task::kIsTask || !detail::View<Result>,
                    "weir: what a view of a coroutine points to is gone when the answer is written: return a "
                    "std::string, or weir::Response::text(...)");
      static_assert(Task::kIsTask || !Signature::kIsStream,
                    "weir: content in pieces (BodyStream, StreamWriter, EventStream) needs a handler that returns a "
                    "weir::Task: only that can wait for the peer without holding a thread");
      if constexpr (Signature::kIsConst && Signature::kParametersExtract && HandlerResult<Result>) {
        Handler handler;
        handler.closure_ = std::make_shared<const Callable>(std::forward<F>(callable));
        handler.is_stream_ = Signature::kIsStream;
        handler.reads_body_ = Signature::kReadsBody;
        if constexpr (Task::kIsTask) {
          handler.start_ = [](const void* closure, Context& context, AsyncCall& call) {
            detail::run_handler<Signature>(*static_cast<const Callable*>(closure), context, &call);
          };
        } else {
          handler.returns_view_ = detail::View<Result>;
          handler.invoke_ = [](const void* closure, Context& context, http::Response& response) {
            const Callable& typed = *static_cast<const Callable*>(closure);
            if constexpr (std::is_void_v<Result>) {
              Signature::call(typed, context);
              response.status(204);
            } else {
              IntoResponse<Result>::write(Signature::call(typed, context), response);
            }
          };
        }
        return handler;
      }
    }
    return {};
  }

  explicit operator bool() const { return closure_ != nullptr; }
  /// Whether it is a coroutine: then it is started, else it is called.
  bool is_async() const { return start_ != nullptr; }
  /// Whether it reads its content or writes its answer in pieces.
  bool is_stream() const { return is_stream_; }
  bool reads_body() const { return reads_body_; }
  bool returns_view() const { return returns_view_; }

  void operator()(Context& context, http::Response& response) const { invoke_(closure_.get(), context, response); }
  /// Runs it until it waits for something for the first time; `call` hears of its end, maybe before this returns.
  void start(Context& context, AsyncCall& call) const { start_(closure_.get(), context, call); }

 private:
  std::shared_ptr<const void> closure_;
  void (*invoke_)(const void*, Context&, http::Response&) = nullptr;
  void (*start_)(const void*, Context&, AsyncCall&) = nullptr;
  bool is_stream_ = false;
  bool reads_body_ = false;
  bool returns_view_ = false;
};

}  // namespace weir::routing
