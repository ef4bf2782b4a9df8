// SPDX-License-Identifier: MIT
// From any callable to one function pointer: parameters build themselves from the request, the result becomes the
// response.
#pragma once

#include <weir/routing/async_call.hpp>
#include <weir/routing/context.hpp>
#include <weir/routing/decoded_content.hpp>
#include <weir/routing/extract.hpp>
#include <weir/routing/operation.hpp>
#include <weir/routing/result.hpp>

#include <array>
#include <concepts>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::routing {

namespace detail {

template <class P>
concept Documented = requires { Extract<ExtractKey<P>>::kInfo; };
template <class P>
concept DocumentedContent = requires { Extract<ExtractKey<P>>::kContent; };

template <class... P>
constexpr auto infos_of() {
  std::array<ParameterInfo, (std::size_t{0} + ... + (Documented<P> ? 1 : 0))> infos{};
  std::size_t at = 0;
  const auto add = [&]<class One>() {
    if constexpr (Documented<One>) infos[at++] = Extract<ExtractKey<One>>::kInfo;
  };
  (add.template operator()<P>(), ...);
  static_cast<void>(at);
  static_cast<void>(add);
  return infos;
}
template <class... P>
constexpr auto contents_of() {
  std::array<ContentInfo, (std::size_t{0} + ... + (DocumentedContent<P> ? 1 : 0))> infos{};
  std::size_t at = 0;
  const auto add = [&]<class One>() {
    if constexpr (DocumentedContent<One>) infos[at++] = Extract<ExtractKey<One>>::kContent;
  };
  (add.template operator()<P>(), ...);
  static_cast<void>(at);
  static_cast<void>(add);
  return infos;
}

template <class P>
concept NeedsState = requires { Extract<ExtractKey<P>>::kNeededState; };

template <class... P>
constexpr auto states_of() {
  std::array<const StateKey*, (std::size_t{0} + ... + (NeedsState<P> ? 1 : 0))> keys{};
  std::size_t at = 0;
  const auto add = [&]<class One>() {
    if constexpr (NeedsState<One>) keys[at++] = Extract<ExtractKey<One>>::kNeededState;
  };
  (add.template operator()<P>(), ...);
  static_cast<void>(at);
  static_cast<void>(add);
  return keys;
}

/// A parameter that writes the answer, and knows what that is.
template <class P>
concept DocumentedResult = requires { Extract<ExtractKey<P>>::kResult; };

template <class Result, class... P>
constexpr ResultInfo result_of() {
  ResultInfo info = result_info<Result>();
  const auto take = [&]<class One>() {
    if constexpr (DocumentedResult<One>) info = Extract<ExtractKey<One>>::kResult;
  };
  (take.template operator()<P>(), ...);
  static_cast<void>(take);
  return info;
}

template <class Signature, class Result>
struct OperationOf {
  static constexpr Operation kOperation{Signature::kParameters, Signature::kContents, Signature::kStates,
                                        Signature::template result<Result>()};
};

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(P...)> {
  using Function = R (*)(P...);
  using Result = R;
  static constexpr bool kIsConst = true;
  static constexpr bool kIsStream = (StreamParameter<P> || ...);
  static constexpr bool kStreamsBody = ((StreamParameter<P> && BodyParameter<P>) || ...);
  static constexpr bool kParametersExtract = (Extractable<P> && ...);
  static constexpr std::size_t kContentCount = (std::size_t{0} + ... + (BodyParameter<P> ? 1 : 0));
  /// What refers to a parameter would refer to nothing once a coroutine has waited.
  static constexpr bool kKeepsReferences = ((std::is_reference_v<P> && !std::is_same_v<ExtractKey<P>, P>) || ...);
  static constexpr auto kParameters = infos_of<P...>();
  static constexpr auto kContents = contents_of<P...>();
  static constexpr auto kStates = states_of<P...>();
  static constexpr Decoder kDecoder = decoder_of<P...>();
  template <class ResultType>
  static constexpr ResultInfo result() {
    return result_of<ResultType, P...>();
  }

  template <class F>
  static R call(const F& f, Context& context) {
    if constexpr (!((Collecting<P> || DecodedAside<P>) || ...)) {
      return f(Extract<ExtractKey<P>>::from(context)...);
    } else {
      Failures failures;
      // Braces: in the order in which they are written.
      std::tuple<Extracted<P>...> values{extract_or_take<P>(context, failures)...};
      if (!failures.empty()) [[unlikely]]
        throw InvalidRequest(std::move(failures));
      return std::apply([&f](auto&... value) -> R { return f(static_cast<P&&>(value)...); }, values);
    }
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

template <class P>
constexpr HandlerMistake mistake_of_parameter() {
  if constexpr (!Extractable<P>) {
    return HandlerMistake::kParameter;
  } else if constexpr (requires { Extract<ExtractKey<P>>::kMistake; }) {
    return Extract<ExtractKey<P>>::kMistake;
  } else {
    return HandlerMistake::kNone;
  }
}

template <class R, class... P>
constexpr HandlerMistake mistake_of_parameters(R (*)(P...)) {
  HandlerMistake first = HandlerMistake::kNone;
  static_cast<void>(((first = mistake_of_parameter<P>(), first != HandlerMistake::kNone) || ...));
  return first;
}

template <class CallOperator>
constexpr HandlerMistake mistake_of() {
  if constexpr (std::is_void_v<CallOperator>) {
    return HandlerMistake::kCallable;
  } else {
    using Signature = Signature<CallOperator>;
    using Task = TaskResult<typename Signature::Result>;
    constexpr HandlerMistake kParameterMistake = mistake_of_parameters(typename Signature::Function(nullptr));
    if constexpr (!Signature::kIsConst) return HandlerMistake::kMutable;
    if constexpr (kParameterMistake != HandlerMistake::kNone) return kParameterMistake;
    if constexpr (!HandlerResult<typename Task::Type>) return HandlerMistake::kResult;
    if constexpr (Task::kIsTask && View<typename Task::Type>) return HandlerMistake::kTaskOfView;
    if constexpr (Signature::kContentCount > 1) return HandlerMistake::kTwoContents;
    if constexpr (Task::kIsTask && Signature::kKeepsReferences) return HandlerMistake::kReference;
    if constexpr (!Task::kIsTask && Signature::kIsStream) return HandlerMistake::kStream;
    return HandlerMistake::kNone;
  }
}

template <class F>
inline constexpr HandlerMistake kMistakeOf = mistake_of<typename CallableOf<std::decay_t<F>>::Type>();

}  // namespace detail

/// A handler, erased: called through const from several loops and workers at once.
class Handler {
 public:
  Handler() = default;

  template <class F>
  static Handler make(F&& callable) {
    constexpr bool kIsHandler = detail::kMistakeOf<F> == HandlerMistake::kNone;
    static_assert(kIsHandler, "weir: this is no handler; HandlerRefusals says why");
    if constexpr (kIsHandler) {
      using Callable = std::decay_t<F>;
      using Signature = detail::Signature<typename detail::CallableOf<Callable>::Type>;
      using Task = detail::TaskResult<typename Signature::Result>;
      using Result = typename Task::Type;
      Handler handler;
      handler.closure_ = std::make_shared<const Callable>(std::forward<F>(callable));
      handler.operation_ = &detail::OperationOf<Signature, Result>::kOperation;
      handler.is_stream_ = Signature::kIsStream;
      handler.streams_body_ = Signature::kStreamsBody;
      handler.decoder_ = Signature::kDecoder;
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
    return {};
  }

  explicit operator bool() const { return closure_ != nullptr; }
  /// Whether it is a coroutine: then it is started, else it is called.
  bool is_async() const { return start_ != nullptr; }
  /// Whether it reads its content or writes its answer in pieces.
  bool is_stream() const { return is_stream_; }
  bool streams_body() const { return streams_body_; }
  bool returns_view() const { return returns_view_; }
  /// Reads its content on whatever thread; null when it takes none that is worth it.
  detail::Decoder decoder() const { return decoder_; }

  /// What it takes and gives back. Null when empty.
  const Operation* operation() const { return operation_; }

  void operator()(Context& context, http::Response& response) const { invoke_(closure_.get(), context, response); }
  /// Runs it until it waits for something for the first time; `call` hears of its end, maybe before this returns.
  void start(Context& context, AsyncCall& call) const { start_(closure_.get(), context, call); }

 private:
  std::shared_ptr<const void> closure_;
  const Operation* operation_ = nullptr;
  void (*invoke_)(const void*, Context&, http::Response&) = nullptr;
  void (*start_)(const void*, Context&, AsyncCall&) = nullptr;
  detail::Decoder decoder_ = nullptr;
  bool is_stream_ = false;
  bool streams_body_ = false;
  bool returns_view_ = false;
};

}  // namespace weir::routing
