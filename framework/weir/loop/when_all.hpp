// SPDX-License-Identifier: MIT
// Waiting for several things at once, until all of them have ended.
#pragma once

#include <weir/loop/child_group.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::loop {
namespace detail {

template <class... Ts>
class WhenAllAwaiter {
 public:
  explicit WhenAllAwaiter(std::tuple<Task<Ts>...> tasks) : tasks_(std::move(tasks)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (!group_.begin(awaiting)) return false;
    start_all(std::index_sequence_for<Ts...>());
    return group_.is_waiting();
  }
  std::tuple<Storable<Ts>...> await_resume() {
    group_.rethrow();
    return std::apply([](auto&... results) { return std::tuple<Storable<Ts>...>(std::move(*results)...); }, results_);
  }

 private:
  template <std::size_t... kIndices>
  void start_all(std::index_sequence<kIndices...>) {
    (group_.start(kIndices, std::get<kIndices>(std::move(tasks_)), std::get<kIndices>(results_)), ...);
  }

  std::tuple<Task<Ts>...> tasks_;
  std::tuple<std::optional<Storable<Ts>>...> results_;
  ChildGroup group_{ChildGroup::Decides::kFirstFailure};
};

template <class T>
class WhenAllOfAwaiter {
 public:
  explicit WhenAllOfAwaiter(std::vector<Task<T>> tasks) : tasks_(std::move(tasks)), results_(tasks_.size()) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (!group_.begin(awaiting)) return false;
    for (std::size_t i = 0; i < tasks_.size(); ++i) group_.start(i, std::move(tasks_[i]), results_[i]);
    return group_.is_waiting();
  }
  auto await_resume() {
    group_.rethrow();
    if constexpr (!std::is_void_v<T>) {
      std::vector<T> values;
      values.reserve(results_.size());
      for (auto& result : results_) values.push_back(std::move(*result));
      return values;
    }
  }

 private:
  std::vector<Task<T>> tasks_;
  std::vector<std::optional<Storable<T>>> results_;
  ChildGroup group_{ChildGroup::Decides::kFirstFailure};
};

}  // namespace detail

/// What when_all gives: awaited once, as a temporary or moved.
template <class... Ts>
class [[nodiscard]] WhenAll {
 public:
  explicit WhenAll(Task<Ts>... tasks) : tasks_(std::move(tasks)...) {}
  detail::WhenAllAwaiter<Ts...> operator co_await() && { return detail::WhenAllAwaiter<Ts...>(std::move(tasks_)); }

 private:
  std::tuple<Task<Ts>...> tasks_;
};
template <class T>
class [[nodiscard]] WhenAllOf {
 public:
  explicit WhenAllOf(std::vector<Task<T>> tasks) : tasks_(std::move(tasks)) {}
  detail::WhenAllOfAwaiter<T> operator co_await() && { return detail::WhenAllOfAwaiter<T>(std::move(tasks_)); }

 private:
  std::vector<Task<T>> tasks_;
};

/// `auto [user, orders] = co_await when_all(load_user(id), load_orders(id));`
///
/// Starts them in their order, each running until it first waits, and goes on when ALL have ended. The results are a
/// std::tuple, std::monostate standing for void. Tasks, and everything else that can be awaited.
///
/// Thread:    the current loop.
/// Cancel:    stops all of them, and waits for them. A task with a stop source of its own hears only that one.
/// Errors:    the first exception stops the others (those not started yet stay so) and is thrown once all have ended;
///            what else they give or throw is dropped. Cancelled when the stop had been requested before.
template <class... Awaitables>
auto when_all(Awaitables... awaitables) {
  return WhenAll<Awaited<Awaitables>...>(as_task(std::move(awaitables))...);
}

/// The same for any number of one kind: gives a std::vector of the results in the order of the tasks, or nothing for
/// void.
template <class T>
WhenAllOf<T> when_all(std::vector<Task<T>> tasks) {
  return WhenAllOf<T>(std::move(tasks));
}

}  // namespace weir::loop
