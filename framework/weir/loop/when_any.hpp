// SPDX-License-Identifier: MIT
// Waiting for several things at once, until one of them has ended.
#pragma once

#include <weir/base/check.hpp>
#include <weir/loop/child_group.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace weir::loop {
namespace detail {

template <class... Ts>
class WhenAnyAwaiter {
 public:
  explicit WhenAnyAwaiter(std::tuple<Task<Ts>...> tasks) : tasks_(std::move(tasks)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (!group_.begin(awaiting)) return false;
    start_all(std::index_sequence_for<Ts...>());
    return group_.is_waiting();
  }
  std::variant<Storable<Ts>...> await_resume() {
    group_.rethrow();
    return take<0>();
  }

 private:
  template <std::size_t... kIndices>
  void start_all(std::index_sequence<kIndices...>) {
    (group_.start(kIndices, std::get<kIndices>(std::move(tasks_)), std::get<kIndices>(results_)), ...);
  }
  template <std::size_t kIndex>
  std::variant<Storable<Ts>...> take() {
    if constexpr (kIndex + 1 < sizeof...(Ts)) {
      if (group_.decider() != kIndex) return take<kIndex + 1>();
    }
    return std::variant<Storable<Ts>...>(std::in_place_index<kIndex>, std::move(*std::get<kIndex>(results_)));
  }

  std::tuple<Task<Ts>...> tasks_;
  std::tuple<std::optional<Storable<Ts>>...> results_;
  ChildGroup group_{ChildGroup::Decides::kFirstEnd};
};

template <class T>
class WhenAnyOfAwaiter {
 public:
  explicit WhenAnyOfAwaiter(std::vector<Task<T>> tasks) : tasks_(std::move(tasks)), results_(tasks_.size()) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    WEIR_CHECK(!tasks_.empty());
    if (!group_.begin(awaiting)) return false;
    for (std::size_t i = 0; i < tasks_.size(); ++i) group_.start(i, std::move(tasks_[i]), results_[i]);
    return group_.is_waiting();
  }
  std::pair<std::size_t, Storable<T>> await_resume() {
    group_.rethrow();
    return {group_.decider(), std::move(*results_[group_.decider()])};
  }

 private:
  std::vector<Task<T>> tasks_;
  std::vector<std::optional<Storable<T>>> results_;
  ChildGroup group_{ChildGroup::Decides::kFirstEnd};
};

}  // namespace detail

/// What when_any gives: awaited once, as a temporary or moved.
template <class... Ts>
class [[nodiscard]] WhenAny {
 public:
  explicit WhenAny(Task<Ts>... tasks) : tasks_(std::move(tasks)...) {}
  detail::WhenAnyAwaiter<Ts...> operator co_await() && { return detail::WhenAnyAwaiter<Ts...>(std::move(tasks_)); }

 private:
  std::tuple<Task<Ts>...> tasks_;
};
template <class T>
class [[nodiscard]] WhenAnyOf {
 public:
  explicit WhenAnyOf(std::vector<Task<T>> tasks) : tasks_(std::move(tasks)) {}
  detail::WhenAnyOfAwaiter<T> operator co_await() && { return detail::WhenAnyOfAwaiter<T>(std::move(tasks_)); }

 private:
  std::vector<Task<T>> tasks_;
};

/// `const auto first = co_await when_any(ask(primary), ask(replica));  // first.index(), std::get<0>(first)`
///
/// Starts them in their order. The first to end wins, be it by a value or an exception: the others are stopped (those
/// not started yet stay so) and waited for, and what they give or throw is dropped. The result is a std::variant with
/// one alternative per awaitable, std::monostate standing for void.
///
/// Thread:    the current loop.
/// Cancel:    stops all of them, and waits for them; the first to end wins still. A task with a stop source of its own
///            hears only that one, and is waited for all the same.
/// Errors:    what the winner throws. Cancelled when the stop had been requested before.
template <class... Awaitables>
  requires(sizeof...(Awaitables) > 0)
auto when_any(Awaitables... awaitables) {
  return WhenAny<Awaited<Awaitables>...>(as_task(std::move(awaitables))...);
}

/// The same for any number of one kind, but not for none (checked): gives the winner's place and its value as a
/// std::pair.
template <class T>
WhenAnyOf<T> when_any(std::vector<Task<T>> tasks) {
  return WhenAnyOf<T>(std::move(tasks));
}

}  // namespace weir::loop
