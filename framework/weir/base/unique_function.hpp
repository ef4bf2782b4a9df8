// SPDX-License-Identifier: MIT
// A callable that is moved and never copied, so that it may own what it needs.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace weir::base {

template <class Signature>
class UniqueFunction;

/// Owns any callable of that signature on the heap; empty after a move.
///
/// Thread: as the callable.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: reads like std::function

  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, Args...>)
  UniqueFunction(F&& callable)  // NOLINT: converts on purpose
      : target_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(callable))) {}

  explicit operator bool() const { return target_ != nullptr; }
  R operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }

 private:
  struct Target {
    virtual ~Target() = default;
    virtual R call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Target {
    explicit Holder(F&& callable_in) : callable(std::move(callable_in)) {}
    explicit Holder(const F& callable_in) : callable(callable_in) {}
    R call(Args... args) override { return callable(std::forward<Args>(args)...); }
    F callable;
  };
  std::unique_ptr<Target> target_;
};

}  // namespace weir::base
