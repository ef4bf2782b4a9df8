// SPDX-License-Identifier: MIT
// What handlers share: State.
#pragma once

#include <weir/base/described/describe.hpp>
#include <weir/base/guarded.hpp>
#include <weir/routing/extract.hpp>

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::routing {

/// What tells one type of state from another.
struct StateKey {
  std::string_view type;  ///< For messages.
};
namespace detail {

template <class T>
struct Shared {
  using Type = const T;
};
/// Its lock is what makes it safe to change.
template <class T>
struct Shared<base::Guarded<T>> {
  using Type = base::Guarded<T>;
};

template <class T>
inline constexpr StateKey kStateKey{base::described::detail::name_of_type<T>()};

}  // namespace detail

/// The values that an app gave to `provide`, one for each type.
///
/// Thread: immutable once serving.
class States {
 public:
  void add(const StateKey& key, std::shared_ptr<const void> value) {
    for (auto& entry : entries_) {
      if (entry.first == &key) {
        entry.second = std::move(value);
        return;
      }
    }
    entries_.emplace_back(&key, std::move(value));
  }
  /// Null when there is none.
  const void* find(const StateKey& key) const {
    for (const auto& entry : entries_) {
      if (entry.first == &key) return entry.second.get();
    }
    return nullptr;
  }

 private:
  std::vector<std::pair<const StateKey*, std::shared_ptr<const void>>> entries_;
};

/// `State<Catalog> catalog`: the app's one Catalog, given by `app.provide(...)`. It is shared by all loops and workers,
/// and so const: what changes in it is mutable, and atomic, weir::Guarded or weir::PerLoop. A State<weir::Guarded<T>>
/// alone is not const. A route that asks for what nobody provided is refused at start.
///
/// Ownership: borrows; the app keeps it as long as it serves.
template <class T>
class State {
 public:
  using Value = typename detail::Shared<T>::Type;

  explicit State(Value& value) : value_(&value) {}
  Value& operator*() const { return *value_; }
  Value* operator->() const { return value_; }

 private:
  Value* value_;
};

template <class T>
struct Extract<State<T>> {
  static constexpr const StateKey* kNeededState = &detail::kStateKey<T>;
  static State<T> from(Context& context) {
    const auto* const value = static_cast<const T*>(context.state(detail::kStateKey<T>));
    return State<T>(const_cast<typename State<T>::Value&>(*value));  // NOLINT: a Guarded was not const when it came
  }
};

}  // namespace weir::routing
