// SPDX-License-Identifier: MIT
// Anything that can be awaited, as a Task: so that what works with tasks works with all of it.
#pragma once

#include <weir/loop/task.hpp>

#include <type_traits>
#include <utility>
#include <variant>

namespace weir::loop {
namespace detail {

template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

template <class T>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

/// A result that can be kept in a variable.
template <class T>
using Storable = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

}  // namespace detail

/// What `co_await std::declval<Awaitable>()` gives, as a value.
template <class Awaitable>
using Awaited = std::remove_cvref_t<decltype(detail::awaiter_of(std::declval<Awaitable>()).await_resume())>;

/// A Task that awaits `awaitable`, which it owns. A Task stays as it is.
template <class T>
Task<T> as_task(Task<T> task) {
  return task;
}
template <class Awaitable>
  requires(!detail::kIsTask<Awaitable>)
Task<Awaited<Awaitable>> as_task(Awaitable awaitable) {
  if constexpr (std::is_void_v<Awaited<Awaitable>>) {
    co_await std::move(awaitable);
  } else {
    co_return co_await std::move(awaitable);
  }
}

}  // namespace weir::loop
