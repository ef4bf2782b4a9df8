// SPDX-License-Identifier: MIT
// Content that was read before its handler starts: a large one, on another thread than the loop's.
#pragma once

#include <weir/routing/extract.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace weir::routing::detail {

/// A parameter that may be read on any thread while nobody else looks at the request, and whose reading takes longer
/// the longer the content: `static constexpr bool kDecodesAside = true`.
template <class P>
concept DecodedAside = BodyParameter<P> && requires { requires Extract<ExtractKey<P>>::kDecodesAside; };

/// What came of reading parameter P. Never throws: the failure waits for whoever takes it.
template <class P>
class DecodedAs final : public DecodedContent {
 public:
  explicit DecodedAs(Context& context) noexcept {
    try {
      value_.emplace(extract<P>(context, failures_));
    } catch (...) {
      exception_ = std::current_exception();
    }
  }
  Extracted<P> take(Failures& failures) {
    if (exception_) std::rethrow_exception(exception_);
    failures.add_all(failures_);
    Extracted<P> taken = std::move(*value_);
    value_.reset();  // this object lives as long as the request
    return taken;
  }

 private:
  std::optional<Extracted<P>> value_;
  Failures failures_;
  std::exception_ptr exception_;
};

using Decoder = std::unique_ptr<DecodedContent> (*)(Context& context);

/// Reads the one of the parameters that is decoded aside; null when there is none.
template <class... P>
constexpr Decoder decoder_of() {
  Decoder decoder = nullptr;
  const auto look = [&]<class One>() {
    if constexpr (DecodedAside<One>) {
      decoder = [](Context& context) -> std::unique_ptr<DecodedContent> {
        return std::make_unique<DecodedAs<One>>(context);
      };
    }
  };
  (look.template operator()<P>(), ...);
  static_cast<void>(look);
  return decoder;
}

/// Reads a parameter, or takes what was read before.
template <class P>
decltype(auto) extract_or_take(Context& context, Failures& failures) {
  if constexpr (DecodedAside<P>) {
    if (DecodedContent* const decoded = context.decoded_content()) [[unlikely]]
      return static_cast<DecodedAs<P>*>(decoded)->take(failures);
  }
  return extract<P>(context, failures);
}

}  // namespace weir::routing::detail
