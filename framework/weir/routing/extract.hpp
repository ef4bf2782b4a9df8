// SPDX-License-Identifier: MIT
// How a parameter of a handler is made from a request.
#pragma once

#include <weir/routing/context.hpp>
#include <weir/routing/failures.hpp>

#include <type_traits>

namespace weir::routing {

/// How a parameter of a handler is made. Specialise this for a type of your own, with one of
///
///     static T from(Context& context);                      // throw HttpError for what the client got wrong
///     static T read(Context& context, Failures& failures);  // or say it in `failures`, together with all others
///
/// With `static constexpr bool kDecodesAside = true` beside kReadsBody, for what takes the longer the more content
/// there is and looks at nothing but the request (no keep(), no state): content of more than 64 KiB is then read on
/// another thread.
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

/// Why a callable is no handler; HandlerRefusals says it in words.
enum class HandlerMistake : unsigned char {
  kNone,
  kCallable,  ///< Not one call operator.
  kMutable,
  kParameter,  ///< Without an Extract.
  kNoText,     ///< A parameter whose type cannot be read from text.
  kPathOnce,   ///< An optional or repeated Path.
  kRepeated,   ///< A repeated Header or Cookie.
  kBody,       ///< A Body of what is not described.
  kForm,       ///< A Form of what is no described object.
  kResult,
  kTaskOfView,
  kTwoContents,
  kReference,  ///< To a parameter, in a coroutine.
  kStream,     ///< Without a Task.
};

/// Parameters that are only for handlers that return a Task, and that begin before the content has come: their Extract
/// says `static constexpr bool kIsStream = true`.
template <class T>
concept StreamParameter = requires { requires Extract<std::remove_cvref_t<T>>::kIsStream; };
/// The parameter is the content itself: `static constexpr bool kReadsBody = true`.
template <class T>
concept BodyParameter = requires { requires Extract<std::remove_cvref_t<T>>::kReadsBody; };

namespace detail {

template <class T>
concept FromContext = requires(Context& context) { Extract<T>::from(context); };
template <class T>
concept ReadWithFailures = requires(Context& context, Failures& failures) { Extract<T>::read(context, failures); };

/// Which Extract makes a parameter: that of its very type, else that of its value.
template <class P>
using ExtractKey = std::conditional_t<FromContext<P> || ReadWithFailures<P>, P, std::remove_cvref_t<P>>;

template <class P>
concept Collecting = ReadWithFailures<ExtractKey<P>>;

/// What is kept of a parameter until the handler is called.
template <class P>
decltype(auto) extract(Context& context, Failures& failures) {
  if constexpr (Collecting<P>) {
    return Extract<ExtractKey<P>>::read(context, failures);
  } else {
    return Extract<ExtractKey<P>>::from(context);
  }
}
template <class P>
using Extracted = decltype(extract<P>(std::declval<Context&>(), std::declval<Failures&>()));

}  // namespace detail

template <class P>
concept Extractable = detail::FromContext<detail::ExtractKey<P>> || detail::Collecting<P>;

}  // namespace weir::routing
